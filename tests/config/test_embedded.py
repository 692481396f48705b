"""The site as `./run` serves it: the real processes on a fresh data folder."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.config.conftest import environment_of_people, runs
from tests.servers import free_port, wait_for

SERVE = [sys.executable, "-m", "config.embedded"]


@pytest.fixture
def environment(tmp_path) -> dict[str, str]:
    return environment_of_people(
        VAR_DIR=str(tmp_path), EMBEDDED="1", SECRET_KEY="of-this-test-" * 5, PORT=str(free_port())
    )


def refusal(environment: dict[str, str]) -> str:
    """What the site says when it does not start."""
    done = subprocess.run(SERVE, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def children_of(pid: int) -> set[int]:
    """All processes that descend from one, however deep."""
    found = {
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    }
    return found.union(*(children_of(child) for child in found))


def page(url: str) -> str:
    """The text of a page, empty where it cannot be had."""
    try:
        with build_opener(ProxyHandler({})).open(url, timeout=10) as answer:
            return answer.read().decode()
    except OSError:
        return ""


def test_a_taken_port_is_told(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        assert refusal(environment) == (
            f"\nThe site cannot listen on port {environment['PORT']} of 127.0.0.1: Address already in use. "
            "Perhaps it runs already, or\nanother program is there. "
            f"Stop that, or choose another port: ./run --port {int(environment['PORT']) + 1}\n"
        )


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_told(environment, port):
    assert f"“{port}” is no port." in refusal(environment | {"PORT": port})


def test_two_at_once_on_the_same_data_are_refused(environment, tmp_path):
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(environment) == (
            f"\nThe site runs already on the data in {tmp_path}. Stop that one first (Ctrl-C there).\n"
        )


def test_data_that_cannot_be_used_are_told(environment, tmp_path):
    (tmp_path / "db.sqlite3").write_text("This is no database, but long enough to be taken for one. " * 99)
    said = refusal(environment)
    assert f"The database {tmp_path}/db.sqlite3 cannot be used: file is not a database" in said
    assert "The site could not be set up; what happened is said above." in said


@pytest.mark.worker
def test_the_site_starts_with_the_sample_mends_itself_and_leaves_nothing_behind(environment, start):
    site = start(SERVE, env=environment, stdout=subprocess.PIPE)
    url = f"http://127.0.0.1:{environment['PORT']}"
    welcome = [site.stdout.readline() for _ in range(9)]
    assert welcome[1] == f"The site is at {url}/\n"
    assert "staff@thp.example" in "".join(welcome)
    assert "Johannesburg" in page(f"{url}/series/thp/")

    children = children_of(site.pid)
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text().split("\0") for pid in children}
    assert len(children) == 4, commands  # the web server has a process of its own for answering
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: page(f"{url}/health/") == "", what="the end of the web server")
    wait_for(lambda: page(f"{url}/health/") != "", what="the next web server")
    wait_for(lambda: len(children_of(site.pid)) == 4, what="all processes")

    children = children_of(site.pid)
    site.send_signal(signal.SIGINT)
    assert site.wait(timeout=30) == 0
    assert not any(runs(pid) for pid in children)


@pytest.mark.worker
def test_nothing_is_left_when_the_parent_is_killed(environment, start):
    site = start(SERVE, env=environment, stdout=subprocess.PIPE)
    site.stdout.readline()
    children = children_of(site.pid)
    assert len(children) == 4
    site.kill()
    wait_for(lambda: not any(runs(pid) for pid in children), what="the end of all processes", patience=20)
