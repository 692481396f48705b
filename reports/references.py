"""References in running text, and the addresses that they lead to."""

import re
from collections.abc import Mapping

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from consultations.models import Series
from outcomes.models import Outcome

REFERENCE = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*-[A-Z]+-[0-9]+(?![\w-])")
"""`JHB11-KT-03` and `JHB11-I-042`, as the addresses of this site have them."""


def references_in(text: str) -> list[str]:
    """Give what looks like a reference of an outcome or an input, in the order of the text."""
    return REFERENCE.findall(text)


def linked(text: str, addresses: Mapping[str, str]) -> SafeString:
    """Give a text as HTML in which every reference that has an address leads there; it reads as before."""
    told, at = [], 0
    for found in REFERENCE.finditer(text):
        if address := addresses.get(found.group()):
            told.append(conditional_escape(text[at : found.start()]))
            told.append(format_html('<a class="reference" href="{}">{}</a>', address, found.group()))
            at = found.end()
    told.append(conditional_escape(text[at:]))
    return mark_safe("".join(told))  # noqa: S308 - every part was escaped above


def addresses_of_outcomes(series: Series) -> dict[str, str]:
    """Give the paths of the pages of all outcomes of a series that are public, by reference."""
    published = Outcome.objects.published().filter(born_at__series=series.pk)
    names = published.values_list("reference", flat=True)
    return {name: reverse("outcomes:outcome", args=[name]) for name in names}
