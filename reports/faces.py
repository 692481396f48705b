"""The bundled faces that documents are printed with, and what none of them can print."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.staticfiles import finders
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.running import JobFailed

FACES = (
    "SourceSerif4-Regular.ttf.woff2",
    "SourceSans3-Regular.ttf.woff2",
    "Amiri-Regular.ttf.woff2",
    "NotoEmoji-Regular.woff2",
)
"""Every stack of families in static/css/dossier.css ends in these, so what one of them has is printed everywhere."""
NAMING = ("reference", "input", "outcome", "code", "name", "title")
"""The keys by which a row of a snapshot is named to people, the best first."""
TOLD = 10
"""Texts that are told one by one; of more, the number."""


@dataclass(frozen=True)
class Unprintable:
    """`where` is the reference, code or name of the row that a text belongs to; each character stands once."""

    where: str
    characters: str

    @property
    def scripts(self) -> list[str]:
        """The first words of the characters' names in Unicode, which name their scripts: “Thai”, “Georgian”."""
        names = {unicodedata.name(character, f"U+{ord(character):04X}").split()[0] for character in self.characters}
        return sorted(name if name.startswith("U+") else name.capitalize() for name in names)


def require_printable(data: dict[str, Any]) -> None:
    """Raise JobFailed, naming texts and characters, where the snapshot has what no bundled face can print."""
    found = unprintable_in(data)
    if not found:
        return
    lines = [
        _("%(where)s: %(scripts)s (%(characters)s)")
        % {
            "where": row.where,
            "scripts": ", ".join(row.scripts),
            "characters": Truncator(" ".join(row.characters)).chars(40),
        }
        for row in found[:TOLD]
    ]
    if (more := len(found) - TOLD) > 0:
        lines.append(ngettext("%(count)s more text", "%(count)s more texts", more) % {"count": more})
    raise JobFailed(
        _(
            "None of the typefaces of the documents has these characters. %(lines)s. Give these texts in letters that "
            "can be printed, or have a typeface for them added, and ask again."
        )
        % {"lines": "; ".join(lines)}
    )


def unprintable_in(data: Any) -> list[Unprintable]:
    """Find what no bundled face can print in all texts of a snapshot, each row once, in the order of the data."""
    found: dict[str, dict[str, None]] = {}
    for where, text in _texts(data, ""):
        if missing := [character for character in _visible(text) if ord(character) not in _printable()]:
            found.setdefault(where, {}).update(dict.fromkeys(missing))
    return [Unprintable(where, "".join(characters)) for where, characters in found.items()]


@cache
def _printable() -> frozenset[int]:
    """The code points that at least one of the faces has a sign for."""
    from fontTools.ttLib import TTFont

    maps = [TTFont(finders.find(f"fonts/print/{face}")).getBestCmap() for face in FACES]
    return frozenset().union(*maps)


def _visible(text: str) -> str:
    """Leave out what is never drawn: controls, marks of direction, joiners, and selectors of variants."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(
        character
        for character in composed
        if unicodedata.category(character) not in {"Cc", "Cf", "Zl", "Zp"} and not 0xFE00 <= ord(character) <= 0xFE0F
    )


def _texts(data: Any, where: str) -> Iterator[tuple[str, str]]:
    """Give every text with the name of the nearest row around it that has one."""
    if isinstance(data, str):
        yield where or data, data
    elif isinstance(data, dict):
        own = next((data[key] for key in NAMING if isinstance(data.get(key), str) and data[key]), where)
        for value in data.values():
            yield from _texts(value, own)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value, where)
