"""What `./run` becomes: the web server, the worker and the clock of a try-out on this machine, in one process tree."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import IO

from config.supervisor import Child, supervise

WELCOME = """
The site is at {url}/

To sign in, give one of these e-mail addresses. The code to type is in a mail, shown at {url}/mail/
  staff@thp.example         plans the series, at {url}/admin/
  organiser@thp.example     invites to the Johannesburg consultation and concludes it
  rapporteur@thp.example    drafts its outcomes
  participant@city.example  takes part in it

Everything is kept in {var}. Ctrl-C stops the site.
"""


class Trouble(Exception):
    """Something that people must mend themselves; the text tells them how."""


def main() -> None:
    var = Path(os.environ["VAR_DIR"])
    bind, port = os.environ.get("BIND", "127.0.0.1"), os.environ.get("PORT", "8000")
    url = f"http://{'127.0.0.1' if bind == '0.0.0.0' else bind}:{port}"  # noqa: S104
    os.environ.setdefault("SITE_URL", url)
    # In a container one is root; that is well here.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:You're running the worker with superuser privileges")
    try:
        check_port(bind, port)
        with only_one_on(var):
            if subprocess.run([sys.executable, "-m", "config.first_start"], stdout=sys.stderr).returncode:
                raise Trouble("The site could not be set up; what happened is said above. Mend it, then ./run again.")
            serve(bind, port, url=url, welcome=WELCOME.format(url=url, var=var))
    except Trouble as trouble:
        sys.exit(f"\n{trouble}")
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


def serve(bind: str, port: str, *, url: str, welcome: str) -> None:
    """Run the three processes until a signal ends them; say `welcome` as soon as the site answers."""
    gunicorn = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{bind}:{port}", "--log-level", "warning"]
    with_threads = ["--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "5", "--no-control-socket"]
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "config"]
    quiet = ["--loglevel", "WARNING"]
    one_job_at_a_time = ["--pool", "solo", "--prefetch-multiplier", "1"]
    no_other_workers = ["--without-gossip", "--without-mingle", "--without-heartbeat"]

    def welcomed() -> bool:
        if not is_healthy(f"{url}/health/"):
            return False
        sys.stdout.write(welcome)
        sys.stdout.flush()
        return True

    supervise(
        [
            Child("The web server", [*gunicorn, *with_threads]),
            Child("The clock", [*celery, "beat", *quiet, "--pidfile", ""]),
            # A worker that is asked to end finishes its job first. Without its parent it shall not: a killed job is
            # taken up by the next worker.
            Child("The worker", [*celery, "worker", *quiet, *one_job_at_a_time, *no_other_workers], signal.SIGKILL),
        ],
        until_ready=welcomed,
    )


def check_port(bind: str, port: str) -> None:
    """Raise Trouble where the web server could not listen."""
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Trouble(f"“{port}” is no port. Give a number from 1024 to 65535, such as: ./run --port 8001")
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        # As the web server does it: connections that are just closing do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, int(port)))
        except PermissionError:
            raise Trouble(f"Port {port} is for root only. Choose another one: ./run --port 8000") from None
        except OSError as fault:
            raise Trouble(
                f"The site cannot listen on port {port} of {bind}: {fault.strerror}. Perhaps it runs already, or\n"
                f"another program is there. Stop that, or choose another port: ./run --port {int(port) % 65535 + 1}"
            ) from None


def only_one_on(var: Path) -> IO[str]:
    """Hold the data folder for this process; the kernel lets go of it however the process ends. Raises Trouble."""
    var.mkdir(parents=True, exist_ok=True)
    lock = (var / "run.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Trouble(f"The site runs already on the data in {var}. Stop that one first (Ctrl-C there).") from None
    return lock


def is_healthy(url: str) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=2):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
