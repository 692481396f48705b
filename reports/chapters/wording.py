"""How quantities, dates and lists are put into words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

WITH_DOTTED_I = {"tr", "az"}
"""Languages in which the capital of “i” is “İ”."""


def quantifier(part: int, whole: int) -> str:
    """Bind a quantity to its word (domain.md): most ≥ 75 %, many 50-74 %, some 25-49 %, few < 25 %, with the numbers.

    >>> quantifier(3, 4)
    'most (3 of 4)'
    """
    numbers = {"part": part, "whole": whole}
    if not part:
        return _("none (of %(whole)s)") % numbers
    if part == whole:
        return _("all (%(whole)s)") % numbers
    share = part / whole
    if share >= 0.75:
        return _("most (%(part)s of %(whole)s)") % numbers
    if share >= 0.5:
        return _("many (%(part)s of %(whole)s)") % numbers
    if share >= 0.25:
        return _("some (%(part)s of %(whole)s)") % numbers
    return _("few (%(part)s of %(whole)s)") % numbers


def listed(names: Iterable[str]) -> str:
    """“one, two, three”, with the comma of the language that is spoken now."""
    return _(", ").join(names)


def capital(text: str) -> str:
    """The text with a capital letter first, as the language that is spoken now has it."""
    first = "İ" if text[:1] == "i" and (get_language() or "").partition("-")[0] in WITH_DOTTED_I else text[:1].upper()
    return first + text[1:]


def became(before: str, after: Iterable[str]) -> str:
    """“before → one, two”: the arrow points in the direction of reading."""
    return _("%(before)s → %(after)s") % {"before": before, "after": listed(after)}


def dates(event: dict[str, Any]) -> str:
    """“28 June 2011 – 29 June 2011”, one date, or that they are open."""
    first, last = day(event["starts_on"]), day(event["ends_on"])
    if not first:
        return _("dates still open")
    return first if first == last or not last else f"{first} – {last}"


def day(iso: str) -> str:
    # Translators: these are formats of dates in Django's letters; letters that stand for themselves need a backslash.
    return date_format(date.fromisoformat(iso), _("j F Y")) if iso else ""


def month(iso: str) -> str:
    return date_format(date.fromisoformat(iso), _("F Y")) if iso else ""


def minute(iso: str) -> str:
    return date_format(datetime.fromisoformat(iso), _("j F Y, H:i")) if iso else ""
