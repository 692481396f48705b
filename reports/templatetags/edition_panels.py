"""What other rooms show of dossiers: panels that a template of any app may put on its page."""

from typing import Any

from django import template

from consultations.models import Consultation, Input, Series
from reports.editions import editions_quoting
from reports.models import Edition

register = template.Library()

NEWEST = 3
PANELS = "reports/panels/"


@register.inclusion_tag(f"{PANELS}series_editions.html")
def series_editions(series: Series) -> dict[str, Any]:
    """The newest published editions of a series, and the way to all of them."""
    published = Edition.objects.published().filter(consultation__series=series).with_files()
    rows = list(published.order_by("-published_at")[: NEWEST + 1])
    return {"series": series, "editions": rows[:NEWEST], "has_more": len(rows) > NEWEST}


@register.simple_tag
def published_editions_of(input: Input) -> list[Edition]:
    """The published editions that tell of an input, which stay as they are."""
    return list(editions_quoting(input).select_related("consultation"))


@register.inclusion_tag(f"{PANELS}dossier_panel.html", takes_context=True)
def dossier_panel(context: dict[str, Any], consultation: Consultation) -> dict[str, Any]:
    """On the page of a hearing: the way to its dossier, for those who make it and once an edition is published."""
    newest = Edition.objects.published().filter(consultation=consultation).order_by("-number").first()
    may_make = consultation.is_hearing and context["user"].has_perm("reports.make_edition", consultation)
    return {"consultation": consultation, "newest": newest, "may_make": may_make}
