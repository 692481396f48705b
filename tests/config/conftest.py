import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import Popen

import pytest

ROOT = Path(__file__).resolve().parents[2]

# These tests bring their own servers or need none: with the first of the two databases they have run.
if os.environ.get("TEST_BACKEND") == "postgresql":
    collect_ignore_glob = ["test_*.py"]

OF_THE_SUITE = {
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "REDIS_URL",
    "VAR_DIR",
    "EMBEDDED",
    "SITE_URL",
    "PORT",
    "BIND",
}


def environment_of_people(**more: str) -> dict[str, str]:
    """The environment of somebody at a terminal, without what the test suite has put into its own."""
    return {name: value for name, value in os.environ.items() if name not in OF_THE_SUITE} | more


def runs(pid: int) -> bool:
    """Whether a process is there and more than an entry that nobody has fetched yet."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def start() -> Iterator[Callable[..., "Popen[str]"]]:
    """Give a function that starts a process; whatever still runs at the end is killed, children too."""
    started: list[Popen[str]] = []

    def start(command: Sequence[str | Path], *, env: Mapping[str, str], **options: object) -> "Popen[str]":
        process = Popen(command, env=env, cwd=options.pop("cwd", ROOT), text=True, **options)  # type: ignore[call-overload]
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
