"""What a lineage chart is drawn from."""

from dataclasses import dataclass

from outcomes.lineage import Lineage
from outcomes.models import Disposition

WITHDRAWN = "withdrawn"
UNDECIDED = "undecided"


@dataclass(frozen=True)
class Event:
    """The head of a column. `place` and `date` are texts, empty where they are not known."""

    code: str
    place: str = ""
    date: str = ""


@dataclass(frozen=True)
class Stop:
    """What an outcome got at one event: a disposition, `WITHDRAWN` or `UNDECIDED`."""

    event: str
    kind: str


@dataclass(frozen=True)
class Way:
    """One outcome from its birth to its end, its stops in the order of time."""

    reference: str
    title: str
    stops: tuple[Stop, ...]
    is_withdrawn: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the next event will take it up."""
        return not self.is_withdrawn and bool(self.stops) and self.stops[-1].kind in Disposition.live()


@dataclass(frozen=True)
class Knot:
    """One merge or one split at an event: threads that join in one, or one that parts."""

    event: str
    parents: tuple[str, ...]
    children: tuple[str, ...]


def way_of(lineage: Lineage, *, is_withdrawn: bool) -> Way:
    """Take from a lineage what is drawn of it."""
    return Way(
        lineage.reference,
        lineage.current.title if lineage.current else "",
        tuple(Stop(step.code, kind_of(step.disposition, is_concluded=step.concluded)) for step in lineage.steps),
        is_withdrawn,
    )


def kind_of(disposition: str, *, is_concluded: bool = True) -> str:
    """Name what happened. A concluded event leaves nothing undecided but what was withdrawn before it got there."""
    return disposition or (WITHDRAWN if is_concluded else UNDECIDED)
