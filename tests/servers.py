"""Private servers for the tests: PostgreSQL and Redis from the machine's packages, on ports of their own."""

import atexit
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60.0
"""Seconds that a server may take to answer for the first time."""
PR_SET_PDEATHSIG = 1


class MissingProgram(Exception):
    """A server's program is not on this machine; the text names the Debian package that brings it."""


def free_port() -> int:
    """Give a TCP port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start_redis() -> str:
    """Start a Redis that keeps nothing, and give its URL without a database number. It ends with this process."""
    program = _program("redis-server", package="redis-server")
    port = free_port()
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--databases", "64"]
    _serve([program, *arguments], port=port)
    return f"redis://127.0.0.1:{port}"


def start_postgresql() -> str:
    """Start an empty PostgreSQL cluster, and give the URL of its database. It ends with this process, files and all.

    PostgreSQL refuses to run as root, so then it runs as the user `postgres` of its package.
    """
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="consultations-postgresql-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    data = folder / "data"
    subprocess.run(
        [_postgresql("initdb"), "--pgdata", data, "--username=consultations", "--auth=trust", "--encoding=UTF8",
         "--no-sync", "--locale=C.UTF-8"],
        check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    port = free_port()
    quick = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=100"]
    set_quick = [word for setting in quick for word in ("-c", setting)]
    _serve(
        [_postgresql("postgres"), "-D", data, "-k", folder, "-p", str(port), "-h", "127.0.0.1", *set_quick],
        port=port,
        user=user,
        # Fast shutdown: it does not wait for the connections of tests that were broken off.
        stop_by=signal.SIGINT,
    )
    return f"postgres://consultations@127.0.0.1:{port}/postgres"


def wait_for(condition: Callable[[], bool], *, what: str, patience: float = PATIENCE) -> None:
    """Return as soon as `condition` holds; raise TimeoutError naming `what` after `patience` seconds."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {patience} seconds")
        time.sleep(0.05)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent dies; for `preexec_fn`."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def answers(port: int) -> bool:
    """Whether something listens on a local port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _serve(
    command: list[str | Path], *, port: int, user: str | None = None, stop_by: signal.Signals = signal.SIGTERM
) -> None:
    server = subprocess.Popen(
        command,
        user=user,
        cwd="/",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=end_with_parent,
        # Ctrl-C at the terminal is for the tests; they stop their servers themselves.
        start_new_session=True,
    )
    atexit.register(_stop, server, stop_by)
    wait_for(lambda: answers(port), what=str(command[0]))


def _stop(server: "subprocess.Popen[bytes]", stop_by: signal.Signals) -> None:
    server.send_signal(stop_by)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _program(name: str, *, package: str) -> str:
    found = shutil.which(name)
    if not found:
        raise MissingProgram(f"{name} is missing: apt-get install {package}")
    return found


def _postgresql(name: str) -> Path:
    """Find a program of the newest PostgreSQL that Debian has put on this machine."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if not installed:
        raise MissingProgram(f"PostgreSQL's {name} is missing: apt-get install postgresql")
    return installed[-1]
