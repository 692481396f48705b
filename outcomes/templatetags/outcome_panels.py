"""What other rooms show of outcomes: panels that a template of any app may put on its page.

Each panel shows what is published, or what the viewer may see by the rules; none needs more queries for more rows.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django import template
from django.forms import BoundField, Select
from django.utils.translation import gettext as _

from consultations.models import Consultation, ConsultationState, CooperationArea, Input, Series
from outcomes import rollforward
from outcomes.balance import Line
from outcomes.fates import Fate
from outcomes.fates import fates_of as tell_fates
from outcomes.funnel import Funnel, funnel_of
from outcomes.models import Consideration, Disposition, Outcome
from outcomes.waiting import waiting_in
from stakeholders.models import User

register = template.Library()

LAID_AT_MOST = 50
NEWEST = 5
PANELS = "outcomes/panels/"


@register.inclusion_tag(f"{PANELS}laid_outcomes.html")
def laid_outcomes(consultation: Consultation, *, folded: bool = False, chosen: str = "") -> dict[str, Any]:
    """The outcomes laid before a consultation in the words they came in, by area.

    `folded` shows no more than the areas until one is opened; `chosen` is the key of the area that is open already.
    """
    laid = Consideration.objects.before(consultation).with_origin().in_order()
    rows = list(laid[: LAID_AT_MOST + 1])
    return {
        "consultation": consultation,
        "folded": folded,
        "chosen": chosen,
        "considerations": rows[:LAID_AT_MOST],
        "has_more": len(rows) > LAID_AT_MOST,
    }


@register.inclusion_tag("components/field.html")
def choose_laid_outcome(field: BoundField, consultation: Consultation) -> dict[str, Any]:
    """The question of a form which outcome before the consultation an input bears on; hidden where there is none.

    What was chosen before stays on offer, also when the plan has changed since.
    """
    rows = Consideration.objects.before(consultation).in_order()
    laid = rows.values_list("outcome__reference", "version_before__title", "outcome__area__title")
    offers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for reference, title, area in laid:
        offers[area].append((reference, f"{reference} {title}"))
    known = {reference for group in offers.values() for reference, _words in group}
    chosen = field.value()
    others = [(chosen, chosen)] if chosen and chosen not in known else []
    if known or others:
        field.field.widget = Select(choices=[("", _("None in particular")), *offers.items(), *others])
    return {"field": field}


@register.simple_tag
def borne_on(input: Input) -> Consideration | None:
    """The outcome that an input bears on, as it was laid before the consultation: `{% borne_on input as laid %}`."""
    return Consideration.objects.borne_on([input]).get(input.pk)


@register.inclusion_tag(f"{PANELS}input_fate.html", takes_context=True)
def input_fate(context: dict[str, Any], input: Input) -> dict[str, Any]:
    """What became of one input: as its author may know it by now, or as the desk knows it."""
    at_the_desk = context["user"].has_perm("outcomes.view_desk", input.consultation)
    return {"input": input, "fate": tell_fates([input], at_the_desk=at_the_desk)[input.pk]}


@register.simple_tag
def fates_of(inputs: Iterable[Input]) -> dict[int, Fate]:
    """What became of many inputs, for `show_fate`: `{% fates_of inputs as fates %}`.

    The inputs must be loaded with their consultation.
    """
    return tell_fates(inputs)


@register.inclusion_tag(f"{PANELS}input_fate.html")
def show_fate(fates: dict[int, Fate], input: Input) -> dict[str, Any]:
    """What became of one of the inputs that `fates_of` was asked about; no query."""
    return {"input": input, "fate": fates[input.pk]}


@register.inclusion_tag(f"{PANELS}consultation_outcomes.html")
def consultation_outcomes(consultation: Consultation) -> dict[str, Any]:
    """What a concluded consultation stands by, by area: the outcomes born there; nothing before it is concluded."""
    published = Outcome.objects.published().filter(born_at=consultation).with_standing().in_order()
    rows = list(published[: LAID_AT_MOST + 1])
    return {"consultation": consultation, "outcomes": rows[:LAID_AT_MOST], "has_more": len(rows) > LAID_AT_MOST}


@register.inclusion_tag(f"{PANELS}series_outcomes.html")
def series_outcomes(series: Series) -> dict[str, Any]:
    """The newest published outcomes of a series, and the way to all of them."""
    published = Outcome.objects.published().filter(born_at__series=series).with_standing()
    newest = published.order_by("-born_at__concluded_at", "area__order", "number")[:NEWEST]
    return {"series": series, "outcomes": newest, "count": published.count()}


@register.inclusion_tag(f"{PANELS}waiting.html", takes_context=True)
def waiting_outcomes(context: dict[str, Any], series: Series) -> dict[str, Any]:
    """Where outcomes of a series wait for a consultation that takes them up, as far as the viewer knows of the plan."""
    return {"waiting": waiting_in(series, viewer=context["user"])}


@register.inclusion_tag(f"{PANELS}desk_link.html", takes_context=True)
def desk_link(context: dict[str, Any], consultation: Consultation) -> dict[str, Any]:
    """The way to the desk and to the drafts, for those who may go there."""
    user = context["user"]
    drafts_are_open = consultation.state == ConsultationState.IN_VALIDATION
    return {
        "consultation": consultation,
        "may_view_desk": user.has_perm("outcomes.view_desk", consultation),
        "may_view_drafts": drafts_are_open and user.has_perm("outcomes.view_drafts", consultation),
    }


@register.simple_tag
def funnel(lines: list[Line], areas: Iterable[CooperationArea] = ()) -> Funnel:
    """The drawing of lines of a balance; with `areas`, of what was said by area too."""
    return funnel_of(lines, list(areas))


@register.filter
def title_for(consultation: Consultation, user: User) -> str:
    """The title of a consultation to those who may know of it; empty to others while it is only planned."""
    return consultation.title if user.has_perm("consultations.view_consultation", consultation) else ""


@register.filter
def disposition_label(value: str) -> str:
    """The words for a stored disposition, like `carried_as` and `standing`, which are read by subquery."""
    return str(Disposition(value).label)


@register.filter
def skip_reason_label(reason: str) -> str:
    """The words for a reason in the account of a roll-forward: a disposition, or why nothing could be carried."""
    match reason:
        case rollforward.NO_RECEIVER:
            return _("waiting for a consultation that takes them up")
        case rollforward.WITHDRAWN:
            return _("withdrawn")
        case disposition:
            return disposition_label(disposition)


@register.filter
def title_of(outcomes: dict[str, Outcome], reference: str) -> str:
    """The present title of one of the outcomes given by reference, loaded `with_standing()`; empty for a draft."""
    return getattr(outcomes.get(reference), "current_title", None) or ""
