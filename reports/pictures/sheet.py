"""The sheet that a picture is drawn on: its width, and the side where reading begins."""

from dataclasses import dataclass

WIDTH = 760
"""Of every picture, in its own units; on paper it is as wide as the text."""


@dataclass(frozen=True)
class Sheet:
    """Positions are thought of from left to right; `is_mirrored` lays them out from right to left."""

    is_mirrored: bool = False

    def at(self, x: float, width: float = 0) -> float:
        """The left edge of what begins at `x` and is `width` wide, both counted from where reading begins."""
        return round(WIDTH - x - width if self.is_mirrored else x, 1)

    @property
    def start(self) -> str:
        """The `text-anchor` of a text that begins at its position."""
        return "end" if self.is_mirrored else "start"
