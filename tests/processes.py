"""The product's own processes, started by tests as they run in earnest: web server, worker, beat."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.servers import answers, end_with_parent, free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent
QUIET = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
COMMANDS = {
    "worker": ["celery", "-A", "config", "worker", "--pool", "solo", "--prefetch-multiplier", "1", *QUIET],
    "beat": ["celery", "-A", "config", "beat"],
    "web": ["gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "4"],
}


def environment(**changes: str) -> dict[str, str]:
    """Give the environment in which a process of the product works on this test's database, broker and files."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        database = f"sqlite:///{name}"
    else:
        database = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    own = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": database, "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, **changes}


class Process:
    """One running process of the product; what it says is kept in `log`."""

    def __init__(self, what: str, *arguments: str, **changes: str) -> None:
        self.log = settings.VAR_DIR / f"{what}.log"
        module, *rest = COMMANDS[what]
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", module, *rest, *arguments],
                cwd=ROOT,
                env=environment(**changes),
                stdout=log,
                stderr=log,
                preexec_fn=end_with_parent,
                start_new_session=True,
            )

    def kill(self) -> None:
        """End it as a power cut would."""
        self.popen.kill()
        self.popen.wait()

    def stop(self) -> None:
        """End it in order, with the processes that it started itself."""
        self.popen.terminate()
        try:
            self.popen.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def running(*whats: str, **changes: str) -> Iterator[list[Process]]:
    """Have worker and beat run while the block does, with changes to their environment; then end them."""
    started = []
    try:
        for what in whats:
            more = ["--schedule", str(settings.VAR_DIR / f"beat-{free_port()}")] if what == "beat" else []
            started.append(Process(what, *more, **changes))
        yield started
    finally:
        for process in started:
            process.kill()


@contextmanager
def web(**changes: str) -> Iterator[str]:
    """Have the web server run while the block does; gives its URL without a slash at the end."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = Process("web", "--bind", f"127.0.0.1:{port}", SITE_URL=url, **changes)
    try:
        wait_for(lambda: answers(port), what="the web server")
        yield url
    finally:
        process.stop()
