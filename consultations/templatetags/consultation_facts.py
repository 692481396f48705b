"""How the plain facts of a consultation are said: its dates, its place, its languages. No filter asks the database."""

from collections.abc import Iterable
from datetime import date

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from consultations.models import Consultation

register = template.Library()

WHOLE = "j F Y"
DAY_AND_MONTH = "j F"


@register.filter
def dates(consultation: Consultation) -> str:
    """The days of a consultation, as short as they can be said: “28–29 June 2011”, or “dates still open”."""
    return date_range(consultation.starts_on, consultation.ends_on) or _("dates still open")


@register.filter
def place(consultation: Consultation) -> str:
    """City and country: “Johannesburg, South Africa”, or “place still open”."""
    return ", ".join(filter(None, [consultation.city, consultation.country])) or _("place still open")


@register.filter
def language_names(codes: Iterable[str]) -> str:
    """The names of languages given by their codes: “English, Turkish”. A code that nobody knows stays as it is."""
    return ", ".join(language_name(code) for code in codes)


@register.filter
def date_range(first: date | None, last: date | None) -> str:
    """Say a range of days without repeating a month or a year; empty without a first day."""
    if first is None:
        return ""
    if last is None or first == last:
        return date_format(first, WHOLE)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{date_format(last, WHOLE)}"
    return f"{date_format(first, DAY_AND_MONTH if first.year == last.year else WHOLE)} – {date_format(last, WHOLE)}"


def language_name(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code
