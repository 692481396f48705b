import os
import shutil
from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from outcomes import likeness
from stakeholders.accounts import ensure_account
from stakeholders.models import Person
from tests import factories

TAKE_LONG = (
    "tests/browser/", "tests/test_faults.py", "tests/test_doors.py", "tests/test_rush.py", "tests/test_access.py",
    "tests/outcomes/test_invariants.py", "tests/outcomes/test_desk_size.py", "tests/reports/",
)  # fmt: skip
"""Files and folders with tests that take longer than others."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes long begins first, so that no process is left alone with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(TAKE_LONG))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI nothing is skipped: a test that cannot run there has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """No test finds what another has left in the cache, such as counted attempts, in memory, or among the files."""
    cache.clear()
    likeness.forget()
    yield
    cache.clear()
    shutil.rmtree(settings.VAR_DIR / "files", ignore_errors=True)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The time is `factories.NOW` and stands still; `clock.move_to(...)` sets it."""
    with time_machine.travel(factories.NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def now(clock) -> datetime:
    return factories.NOW


@pytest.fixture
def sign_in(client: Client):
    """Give a function that signs a person (or nobody) in at `client` and returns that client."""

    def sign_in(person: Person | None) -> Client:
        client.logout()
        if person is not None:
            client.force_login(ensure_account(person))
        return client

    return sign_in
