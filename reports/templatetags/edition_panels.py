"""What other rooms show of dossiers: panels that a template of any app may put on its page."""

from collections.abc import Iterable
from typing import Any

from django import template

from consultations.models import Consultation, Input, Series
from reports.editions import editions_quoting
from reports.models import Document, Edition
from reports.places import Told
from reports.places import places_of as tell_places

register = template.Library()

NEWEST = 3
PANELS = "reports/panels/"


@register.inclusion_tag(f"{PANELS}series_editions.html")
def series_editions(series: Series) -> dict[str, Any]:
    """The newest published editions of a series' dossiers, and the way to all editions, reports too."""
    published = Edition.objects.published().filter(consultation__series=series).with_files()
    dossiers = list(published.filter(document=Document.DOSSIER).order_by("-published_at")[: NEWEST + 1])
    has_more = len(dossiers) > NEWEST or published.filter(document=Document.REPORT).exists()
    return {"series": series, "editions": dossiers[:NEWEST], "has_more": has_more}


@register.simple_tag
def published_editions_of(input: Input) -> list[Edition]:
    """The published editions that tell of an input, which stay as they are."""
    return list(editions_quoting(input).select_related("consultation"))


@register.simple_tag(takes_context=True)
def places_of(context: dict[str, Any], inputs: Iterable[Input]) -> dict[str, list[Told]]:
    """Where the editions that the viewer may read tell of these inputs: `{% places_of inputs as places %}`."""
    return tell_places({input.reference for input in inputs} - {""}, context["user"])


@register.inclusion_tag(f"{PANELS}places.html")
def show_places(places: dict[str, list[Told]], reference: str) -> dict[str, Any]:
    """One of them, out of what `places_of` gave; without a heading, so that it says what it is."""
    return _shown(places.get(reference, [])) | {"says_in_print": True}


@register.inclusion_tag(f"{PANELS}edition_places.html", takes_context=True)
def edition_places(context: dict[str, Any], reference: str) -> dict[str, Any]:
    """Where the editions that the viewer may read tell of one outcome or input, under a heading of its own."""
    return _shown(tell_places([reference], context["user"]).get(reference, []))


def _shown(told: list[Told]) -> dict[str, Any]:
    return {"newest": told[:1], "older": told[1:]}


@register.inclusion_tag(f"{PANELS}document_panel.html", takes_context=True)
def dossier_panel(context: dict[str, Any], consultation: Consultation) -> dict[str, Any]:
    """On the page of a hearing: the way to its dossier, for those who make it and once an edition is published."""
    return _panel(context, consultation, Document.DOSSIER)


@register.inclusion_tag(f"{PANELS}document_panel.html", takes_context=True)
def report_panel(context: dict[str, Any], consultation: Consultation) -> dict[str, Any]:
    """On the page of a concluded consultation: the way to its report, as to a hearing's dossier."""
    return _panel(context, consultation, Document.REPORT)


def _panel(context: dict[str, Any], consultation: Consultation, document: Document) -> dict[str, Any]:
    published = Edition.objects.published().filter(consultation=consultation, document=document)
    may_make = context["user"].has_perm("reports.make_edition", consultation)
    return {
        "consultation": consultation,
        "document": document,
        "newest": published.order_by("-number").first(),
        "may_make": may_make,
    }
