"""How quantities and dates are put into words."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.chapters.blocks import Data


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


def dates(event: Data) -> str:
    """“28 June 2011 – 29 June 2011”, one date, or that they are open."""
    first, last = day(event["starts_on"]), day(event["ends_on"])
    if not first:
        return _("dates still open")
    return first if first == last or not last else f"{first} – {last}"


def day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j F Y") if iso else ""


def month(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "F Y") if iso else ""
