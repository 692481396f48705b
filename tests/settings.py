"""The product's own settings, in an environment made for the tests.

TEST_BACKEND says on what the tests run: `sqlite` (SQLite and the broker in files, as under `./run`) or `postgresql`
(PostgreSQL and Redis, as in production); the suite starts its own servers. Processes that tests start inherit it all.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests import servers

if "TEST_VAR_DIR" not in os.environ:
    # The first process of the run prepares it; the processes of pytest-xdist find it done.
    folder = tempfile.mkdtemp(prefix="consultations-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["TEST_VAR_DIR"] = folder
    for name in ["DATABASE_URL", "REDIS_URL", "EMAIL_URL", "FILES_DIR", "SITE_URL"]:
        os.environ.pop(name, None)
    match os.environ.setdefault("TEST_BACKEND", "sqlite"):
        case "sqlite":
            pass
        case "postgresql":
            try:
                os.environ["TEST_DATABASE_URL"] = servers.start_postgresql()
                os.environ["TEST_REDIS_URL"] = servers.start_redis()
            except servers.MissingProgram as fault:
                sys.exit(str(fault))
        case other:
            sys.exit(f"TEST_BACKEND is {other!r}; it can be sqlite or postgresql.")

worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
os.environ["VAR_DIR"] = str(Path(os.environ["TEST_VAR_DIR"], worker))
os.environ["EMBEDDED"] = "1"
if os.environ["TEST_BACKEND"] == "postgresql":
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    os.environ["REDIS_URL"] = f"{os.environ['TEST_REDIS_URL']}/{worker.removeprefix('gw')}"

from config.settings import *  # noqa: E402, F403
from config.settings import CELERY_BROKER_URL, DATABASES, STATIC_ROOT, VAR_DIR  # noqa: E402

VAR_DIR.mkdir(parents=True, exist_ok=True)
STATIC_ROOT.mkdir(exist_ok=True)
if CELERY_BROKER_URL == "filesystem://":
    for part in ["queue", "control"]:
        (VAR_DIR / "broker" / part).mkdir(parents=True, exist_ok=True)
# Tests run beside each other already.
PAGES_PROCESSES = 1
if os.environ["TEST_BACKEND"] == "sqlite":
    # A file, as in the product: several threads and processes use it.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
