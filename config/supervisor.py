"""Keeps the processes of `./run` alive, and takes them all along when it ends. Standard library only."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
SHORT_LIFE = 30.0
"""Seconds: a process that ended sooner waits longer and longer before its next start."""
LONGEST_WAIT = 30.0
GRACE = 10.0
"""Seconds that a process may take to end when it is asked to."""
libc = ctypes.CDLL(None)


@dataclass
class Child:
    """One process that is to run as long as this one does, and is started again when it ends.

    `orphaned_by` is the signal that the kernel sends it when this process dies without stopping it.
    """

    name: str
    command: Sequence[str]
    orphaned_by: signal.Signals = signal.SIGTERM
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)
    started: float = field(default=0, init=False)
    wait: float = field(default=0, init=False)

    def keep_alive(self) -> None:
        """Start the process if it does not run and its wait since the last start is over."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            code, lived = self.process.returncode, now - self.started
            self.kill()  # what it may have left behind
            self.process = None
            self.wait = min(max(1, self.wait * 2), LONGEST_WAIT) if lived < SHORT_LIFE else 0
            say(f"{self.name} has ended (code {code}). It starts again{f' in {self.wait:.0f} s' if self.wait else ''}.")
            self.started = now
        if self.process is None and now >= self.started + self.wait:
            self.start()

    def start(self) -> None:
        parent = os.getpid()

        def end_with_parent() -> None:
            libc.prctl(PR_SET_PDEATHSIG, self.orphaned_by)
            if os.getppid() != parent:  # it died before the line above
                os._exit(1)

        # A session of its own: Ctrl-C at the terminal reaches this process alone, which stops the others in order.
        self.process = subprocess.Popen(  # noqa: S603
            self.command, preexec_fn=end_with_parent, start_new_session=True, stdin=subprocess.DEVNULL
        )
        self.started = time.monotonic()

    def stop(self, *, is_urgent: Callable[[], bool]) -> None:
        """Ask the process to end; kill it when it has not after GRACE seconds, or as soon as it `is_urgent`."""
        if self.process is None:
            return
        self.process.terminate()
        end = time.monotonic() + GRACE
        while self.process.poll() is None and time.monotonic() < end and not is_urgent():
            time.sleep(0.05)
        self.kill()

    def kill(self) -> None:
        """End the process and whatever it has started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def supervise(children: Sequence[Child], *, until_ready: Callable[[], bool] = lambda: True) -> None:
    """Keep the children running until SIGINT, SIGTERM or SIGHUP; then stop them, one after the other in their order.

    `until_ready` is called again and again until it returns True for the first time. A second signal kills what is
    still running.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: signals.append(number))
    ready = False
    while not signals:
        for child in children:
            child.keep_alive()
        ready = ready or until_ready()
        time.sleep(0.1)
    say("Stopping ...")
    for child in children:
        child.stop(is_urgent=lambda: len(signals) > 1)
    say("Stopped.")


def say(text: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; the processes are still to be stopped in order
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
