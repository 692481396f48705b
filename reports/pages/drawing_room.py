"""The processes that draw: PAGES_PROCESSES at once, each with a limit to its memory, none outliving its work."""

import json
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from reports.pages.keeping import UNPACKED

ENDED = "ended"
"""The fault of a part whose process ended in the middle of it."""
SMALL = 30_000
"""What is left to draw, in characters of HTML, is not worth the start of one more process below this."""
DONE_WITH = 200
"""After so many pages a process makes room for a new one: what Python has once taken it seldom gives back."""


@dataclass(frozen=True)
class Order:
    """One part to draw, for `reports.pages.worker`; `write` gives its HTML when its turn has come.

    `size` says how long it takes, next to the others: in characters of HTML.
    """

    name: str
    file: Path
    write: Callable[[], str]
    size: int
    attached: dict[str, str] | None = None

    def as_line(self) -> bytes:
        told = {"name": self.name, "file": str(self.file), "html": self.write(), "attached": self.attached}
        return json.dumps(told).encode() + b"\n"


class DrawingRoom:
    """A context in which parts are drawn; its processes stay until it is left, by an exception or otherwise."""

    def __init__(self) -> None:
        self._free: list[Any] = []
        self._at_work: dict[Any, Order] = {}
        self._pages: Counter[Any] = Counter()

    def __enter__(self) -> "DrawingRoom":
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in [*self._free, *self._at_work]:
            _stop(process)
        self._free, self._at_work = [], {}

    def draw(self, orders: list[Order]) -> Iterator[tuple[Order, str]]:
        """Draw the parts, the biggest first, and give each as it is done, with its fault: see `worker`, or ENDED."""
        waiting = sorted(orders, key=lambda order: order.size)
        while waiting or self._at_work:
            while waiting and self._has_hands_for(waiting):
                self._give(waiting.pop())
            for process in self._answering():
                order = self._at_work.pop(process)
                line = process.stdout.readline()
                answer: dict[str, Any] = json.loads(line) if line else {"fault": ENDED, "pages": 0}
                self._pages[process] += answer["pages"]
                if line and self._pages[process] < DONE_WITH:
                    self._free.append(process)
                else:
                    _stop(process)
                yield order, answer["fault"]

    def _has_hands_for(self, waiting: list[Order]) -> bool:
        """Whether a process is free, or one more may start and is worth it."""
        if self._free or not self._at_work:
            return True
        return len(self._at_work) < settings.PAGES_PROCESSES and sum(order.size for order in waiting) > SMALL

    def _give(self, order: Order) -> None:
        process = self._free.pop() if self._free else _start()
        self._at_work[process] = order
        # Where it has ended already its other pipe tells so.
        with suppress(BrokenPipeError):
            process.stdin.write(order.as_line())
            process.stdin.flush()

    def _answering(self) -> list[Any]:
        with selectors.DefaultSelector() as selector:
            for process in self._at_work:
                selector.register(process.stdout, selectors.EVENT_READ, process)
            return [key.data for key, _events in selector.select()]


def _start() -> Any:
    folders = [settings.PAGES_DIR / UNPACKED, *settings.STATICFILES_DIRS]
    return subprocess.Popen(  # noqa: S603  what is given to it are our own settings
        [sys.executable, "-m", "reports.pages.worker", str(settings.PAGES_MEMORY_MB), *map(str, folders)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=settings.BASE_DIR,
    )


def _stop(process: Any) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        # What was still to be written to it is written to nobody.
        with suppress(BrokenPipeError):
            pipe.close()
