"""What consultations stand by, for everybody."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language_bidi
from django.views.decorators.http import require_safe

from consultations.models import Consultation, Series
from outcomes.chart import cut, draw
from outcomes.chart.table import tabulate
from outcomes.forms.filters import OutcomeFilter
from outcomes.lineage import Lineage, Step, lineage_of
from outcomes.models import Outcome
from outcomes.patterns import area_pattern, kin_of, ways_of
from outcomes.quotations import Quoted, quotations_of
from outcomes.results import Result, open_objections, results_by_event
from outcomes.texts import Decision, MadeText, decisions_of, texts_of
from outcomes.views.access import page_of

ROWS_A_CHART = 300


@dataclass(frozen=True)
class StepTold:
    """One step of an outcome's way, with the texts made there, what was decided there about corrections made elsewhere,
    the number of inputs of that event under it, and what participants said there."""

    step: Step
    texts: list[MadeText]
    decisions: list[Decision]
    inputs: int
    result: Result | None


@login_not_required
@require_safe
def outcomes(request: HttpRequest, slug: str) -> HttpResponse:
    """All published outcomes of a series."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    events = Consultation.objects.visible_to(request.user).filter(series=series).in_order()
    filter_form = OutcomeFilter(request.GET, series=series, events=events)
    published = Outcome.objects.published().filter(born_at__series=series)
    rows = filter_form.choose(published.with_standing()).in_order()
    context = {
        "series": series,
        "filter": filter_form,
        "is_filtered": any(filter_form.cleaned_data.values()),
        "page": page_of(request, rows),
        "count": published.count(),
        "areas": series.areas.order_by("order", "code"),
    }
    return render(request, "outcomes/outcomes.html", context)


@login_not_required
@require_safe
def area_lineage(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """All published outcomes of an area through all events, drawn and as a table; long ones in parts."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    area = get_object_or_404(series.areas.select_related("series"), code=code)
    pattern = area_pattern(area, is_mirrored=get_language_bidi())
    page = Paginator(cut(pattern.families, rows=ROWS_A_CHART) or [[]], 1).get_page(request.GET.get("page"))
    part = page.object_list[0]
    ways = ways_of((reference for family in part for reference in family), series=series)
    context = {
        "series": series,
        "area": area,
        "areas": series.areas.order_by("order", "code"),
        "page": page,
        "count": len(pattern.place) - len(pattern.guests),
        "guests": len(pattern.guests),
        "chart": draw(part, pattern=pattern, ways=ways),
        "table": tabulate(part, pattern=pattern, ways=ways),
    }
    return render(request, "outcomes/area_lineage.html", context)


@login_not_required
@require_safe
def outcome(request: HttpRequest, reference: str) -> HttpResponse:
    """One outcome with its whole way; a draft is shown to those alone who may read it, with all that is planned."""
    visible = Outcome.objects.visible_to(request.user).select_related("born_at__series", "area")
    outcome = get_object_or_404(visible, reference=reference)
    is_draft = outcome.born_at.concluded_at is None
    lineage = lineage_of(outcome, with_drafts=is_draft)
    ancestors = list(Outcome.objects.filter(reference__in=lineage.ancestors).order_by("reference"))
    quoted = quotations_of([outcome, *ancestors], drafts_of=outcome.born_at if is_draft else None)
    chart, table = kin_of(outcome, lineage, with_drafts=is_draft, is_mirrored=get_language_bidi())
    context = {
        "outcome": outcome,
        "series": outcome.born_at.series,
        "is_draft": is_draft,
        "lineage": lineage,
        "steps": _steps(outcome, lineage, quoted[outcome.pk], with_drafts=is_draft),
        "chart": chart,
        "table": table,
        "further_back": sorted(set(lineage.ancestors) - {kin.reference for kin in lineage.parents}),
        "later": sorted(set(lineage.descendants) - {kin.reference for kin in lineage.children}),
        "standing": _standing(lineage),
        "quoted": quoted[outcome.pk],
        "inherited": [(ancestor, quoted[ancestor.pk]) for ancestor in ancestors if ancestor.pk in quoted],
        "objections": [] if is_draft else open_objections([outcome])[outcome.pk],
        "kin": _kin(lineage),
        "further_areas": outcome.further_areas.all(),
        "addressees": outcome.addressees.all(),
    }
    return render(request, "outcomes/outcome.html", context)


def _standing(lineage: Lineage) -> Step | None:
    """The step that says where the outcome stands: the last one that was more than “not considered”."""
    return next((step for step in reversed(lineage.steps) if step.disposition != "not_considered"), None)


def _steps(outcome: Outcome, lineage: Lineage, quoted: Quoted, *, with_drafts: bool) -> list[StepTold]:
    texts, decisions = texts_of(outcome, lineage, with_drafts=with_drafts), decisions_of(outcome)
    results = {event.code: event.result for event in results_by_event([outcome]).get(outcome.pk, [])}
    return [
        StepTold(
            step,
            texts.get(step.code, []),
            decisions.get(step.code, []),
            len({line.reference for line in quoted.quotations if line.reference.startswith(f"{step.code}-I-")}),
            results.get(step.code),
        )
        for step in lineage.steps
    ]


def _kin(lineage: Lineage) -> dict[str, Outcome]:
    """The outcomes it came out of or ended in, by reference, with their present texts."""
    references = [kin.reference for kin in [*lineage.parents, *lineage.children]]
    return {kin.reference: kin for kin in Outcome.objects.filter(reference__in=references).with_standing()}
