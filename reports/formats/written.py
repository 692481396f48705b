"""What a writer of a format gives."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Written:
    """One file: its content, and how many pages it has where it has pages."""

    content: bytes
    pages: int | None = None
