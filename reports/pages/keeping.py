"""Drawn parts, kept in files by what they depend on. The folder may be deleted at any time."""

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from reports.pages.drawing import Pdf

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""What the system says when a disk is full, or the share of it that one may fill."""
UNUSED = timedelta(days=30)
HALF_WRITTEN = timedelta(hours=1)
"""A process that was killed left what is half written for so long."""
UNPACKED = "faces"
"""The folder of the unpacked faces beside the parts."""
OWN_VERSION = 3
"""Goes up when the same HTML is to be drawn or bound in another way."""


class Shelf:
    """The kept parts under `folder`, of which the longest unused go when they take more than `megabytes`."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self.folder = folder
        self.megabytes = megabytes

    def file(self, key: str) -> Path:
        return self.folder / f"{key}.part"

    def find(self, key: str) -> Pdf | None:
        """Give what is kept under a key; None where nothing is, or where the file is damaged."""
        file = self.file(key)
        try:
            found = read(file)
            os.utime(file)
        except (OSError, ValueError):
            return None
        return found

    def keep(self, key: str, pdf: Pdf) -> None:
        write(self.file(key), pdf)

    def tidy(self, *, at: datetime) -> None:
        """Delete the longest unused until the rest fits, what nobody used for UNUSED, and what was left half written.

        A part stands for texts that may be gone from the database meanwhile, so that none stays for good.
        """
        taken = 0
        for file, used_at, size in sorted(_files(self.folder), key=lambda row: row[1], reverse=True):
            taken += size
            unused = timedelta(seconds=at.timestamp() - used_at)
            is_left = file.suffix == ".half" and unused > HALF_WRITTEN
            if taken > self.megabytes * 1024 * 1024 or unused > UNUSED or is_left:
                file.unlink(missing_ok=True)

    def empty(self) -> None:
        """Delete all that is kept."""
        for file, _used_at, _size in _files(self.folder):
            file.unlink(missing_ok=True)


def key_of(*contents: str) -> str:
    """Give the key of a part: a hash of all that it depends on."""
    whole = json.dumps([OWN_VERSION, version("weasyprint"), version("pydyf"), *contents])
    return hashlib.sha256(whole.encode()).hexdigest()


def styles_key(folders: list[Path]) -> str:
    """Hash the style sheets and the faces."""
    found = hashlib.sha256()
    for folder in folders:
        for file in sorted([*folder.glob("css/*.css"), *folder.glob("fonts/**/*.woff2")]):
            found.update(str(file.relative_to(folder)).encode() + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def write(file: Path, pdf: Pdf) -> None:
    """Write a part whole or not at all."""
    facts = asdict(pdf) | {"content": hashlib.sha256(pdf.content).hexdigest()}
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, suffix=".half", delete=False) as half:
        try:
            half.write(json.dumps(facts).encode() + b"\n" + pdf.content)
            half.flush()
            Path(half.name).replace(file)
        except BaseException:
            Path(half.name).unlink(missing_ok=True)
            raise


def read(file: Path) -> Pdf:
    """Read what `write` wrote. Raises OSError, and ValueError for a damaged file."""
    facts, _newline, content = file.read_bytes().partition(b"\n")
    told = json.loads(facts)
    if told["content"] != hashlib.sha256(content).hexdigest():
        raise ValueError(f"{file} is damaged")
    return Pdf(**(told | {"content": content}))


def _files(folder: Path) -> Iterator[tuple[Path, float, int]]:
    for file in folder.glob("*.*"):
        try:
            facts = file.stat()
        except FileNotFoundError:
            continue
        yield file, facts.st_mtime, facts.st_size
