"""References in running text, and the addresses that they lead to."""

import re
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from consultations.models import Series
from outcomes.models import Outcome

REFERENCE = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*-[A-Z]+-[0-9]+(?![\w-])")
"""`JHB11-KT-03` and `JHB11-I-042`, as the addresses of this site have them."""


def references_in(text: str) -> list[str]:
    """Give what looks like a reference of an outcome or an input, in the order of the text."""
    return REFERENCE.findall(text)


def parts(text: str, addresses: Mapping[str, str]) -> list[tuple[str, str]]:
    """Split a text into parts, each with the address that it leads to; empty where it leads nowhere.

    >>> parts("See A-KT-01.", {"A-KT-01": "/outcomes/A-KT-01/"})
    [('See ', ''), ('A-KT-01', '/outcomes/A-KT-01/'), ('.', '')]
    """
    found, at = [], 0
    for match in REFERENCE.finditer(text):
        if address := addresses.get(match[0]):
            found += [(text[at : match.start()], ""), (match[0], address)]
            at = match.end()
    return [part for part in [*found, (text[at:], "")] if part[0]]


def linked(text: str, addresses: Mapping[str, str]) -> SafeString:
    """Give a text as HTML in which every reference that has an address leads there; it reads as before."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a class="reference" href="{}">{}</a>', address, part) if address else part,)
            for part, address in parts(text, addresses)
        ),
    )


def addresses_of_outcomes(series: Series) -> dict[str, str]:
    """Give the paths of the pages of all outcomes of a series that are public, by reference."""
    published = Outcome.objects.published().filter(born_at__series=series.pk)
    names = published.values_list("reference", flat=True)
    return {name: _path_of(name) for name in names}


def addresses_in(data: Mapping[str, Any]) -> dict[str, str]:
    """Give the full addresses of what a snapshot tells of, by reference.

    An outcome has its page. The page of an input is for its author and the desk alone, so that its reference leads to
    the quote on the page of the first outcome that rests on it; where none does, it leads nowhere.
    """
    site = data["site"]
    pages = {row["reference"]: site + _path_of(row["reference"]) for row in data["outcomes"]}
    quotes = {
        row["reference"]: f"{pages[name]}#{row['reference']}"
        for row in data["inputs"]
        for name in [next((name for name in row["used_in"] if name in pages), None)]
        if name
    }
    return pages | quotes


def _path_of(outcome: str) -> str:
    return reverse("outcomes:outcome", args=[outcome])
