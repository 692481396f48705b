"""A disk with room for a few files alone."""

import errno
from io import BytesIO

from django.core.files import File
from django.core.files.storage import FileSystemStorage


class SmallDisk(FileSystemStorage):
    """Keeps files until `room` bytes are taken; the one that does not fit is broken off, as a full disk does it."""

    def __init__(self, *args: object, room: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.room = room

    def _save(self, name: str, content: File) -> str:
        fits = content.size <= self.room
        whole = content.read()
        kept: str = super()._save(name, File(BytesIO(whole[: self.room])))  # type: ignore[misc]
        self.room -= min(len(whole), self.room)
        if not fits:
            raise OSError(errno.ENOSPC, "No space left on device", name)
        return kept
