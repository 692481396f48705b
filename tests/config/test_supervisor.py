"""The supervisor with small shell scripts for children: they note in a file when they start and end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.conftest import environment_of_people, runs
from tests.servers import wait_for

OBEDIENT = 'trap "echo end $0 >> $1; exit" TERM; echo start $0 $$ >> $1; while :; do sleep 0.02; done'
STUBBORN = 'trap "echo asked $0 >> $1" TERM; echo start $0 $$ >> $1; while :; do sleep 0.02; done'
BROKEN = "echo start $0 $$ >> $1; exit 3"
SUPERVISE = """
import sys
from config.supervisor import Child, supervise
supervise([Child(name, ["sh", "-c", script, name, sys.argv[1]]) for name, script in zip(*[iter(sys.argv[2:])] * 2)])
"""


@pytest.fixture
def notes(tmp_path) -> Path:
    file = tmp_path / "notes"
    file.touch()
    return file


@pytest.fixture
def supervise(start, notes):
    """Give a function that starts a supervisor with children {name: script} and waits until all have started."""

    def supervise(**scripts: str) -> "subprocess.Popen[str]":
        words = [word for child in scripts.items() for word in child]
        command = [sys.executable, "-u", "-c", SUPERVISE, notes, *words]
        process = start(command, env=environment_of_people(), stderr=subprocess.PIPE)
        wait_for(lambda: len(pids(notes)) >= len(scripts), what="the children")
        return process

    return supervise


def pids(notes: Path, name: str = "") -> list[int]:
    """The processes that have noted their start, in that order."""
    lines = [line.split() for line in notes.read_text().splitlines()]
    return [int(line[2]) for line in lines if line[0] == "start" and name in {"", line[1]}]


def test_a_child_that_dies_is_started_again(supervise, notes):
    supervise(web=OBEDIENT, worker=OBEDIENT)
    [web], [worker] = pids(notes, "web"), pids(notes, "worker")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: len(pids(notes, "worker")) == 2, what="a second worker")
    assert runs(pids(notes, "worker")[1])
    assert pids(notes, "web") == [web]


def test_a_child_that_dies_at_once_is_started_again_after_longer_and_longer_waits(supervise, notes):
    supervisor = supervise(worker=BROKEN)
    assert [supervisor.stderr.readline() for _ in range(2)] == [
        "worker has ended (code 3). It starts again in 1 s.\n",
        "worker has ended (code 3). It starts again in 2 s.\n",
    ]
    assert len(pids(notes)) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_in_their_order(supervise, notes, number):
    supervisor = supervise(web=OBEDIENT, clock=OBEDIENT, worker=OBEDIENT)
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=10) == 0
    assert [line for line in notes.read_text().splitlines() if line.startswith("end")] == [
        "end web",
        "end clock",
        "end worker",
    ]
    assert not any(runs(pid) for pid in pids(notes))


def test_all_are_stopped_although_nobody_listens_any_more(supervise, notes):
    supervisor = supervise(web=OBEDIENT, worker=OBEDIENT)
    supervisor.stderr.close()
    supervisor.send_signal(signal.SIGHUP)
    assert supervisor.wait(timeout=10) == 0
    assert not any(runs(pid) for pid in pids(notes))


def test_a_second_signal_kills_what_does_not_want_to_end(supervise, notes):
    supervisor = supervise(web=STUBBORN, worker=OBEDIENT)
    supervisor.terminate()
    wait_for(lambda: "asked web" in notes.read_text(), what="the first request")
    assert runs(pids(notes, "web")[0])
    supervisor.terminate()
    assert supervisor.wait(timeout=5) == 0
    assert not any(runs(pid) for pid in pids(notes))


def test_nobody_is_left_when_the_supervisor_is_killed(supervise, notes):
    supervisor = supervise(web=OBEDIENT, clock=OBEDIENT, worker=OBEDIENT)
    supervisor.kill()
    wait_for(lambda: not any(runs(pid) for pid in pids(notes)), what="the end of the children", patience=5)
