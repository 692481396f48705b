"""How an operation says no."""

from collections.abc import Sequence


class Refused(Exception):
    """What was asked for cannot be done now. Each reason is a sentence that says what is missing and where to mend it.

    Takes one sentence or several; `reasons` is always the list.
    """

    def __init__(self, reasons: str | Sequence[str]) -> None:
        self.reasons: list[str] = [reasons] if isinstance(reasons, str) else list(reasons)
        super().__init__(" ".join(str(reason) for reason in self.reasons))
