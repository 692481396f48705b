"""What consultations stand by, for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consultations.models import Consultation, Series
from outcomes.chart import chart_of
from outcomes.comparison import changes_between
from outcomes.forms import OutcomeFilter
from outcomes.lineage import Lineage, Step, lineage_of
from outcomes.models import Outcome
from outcomes.quotations import quotations_of
from outcomes.views.access import page_of


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
    }
    return render(request, "outcomes/outcomes.html", context)


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
    context = {
        "outcome": outcome,
        "series": outcome.born_at.series,
        "is_draft": is_draft,
        "lineage": lineage,
        "steps": [(step, changes_between(step.before, step.after)) for step in lineage.steps],
        "chart": chart_of(lineage),
        "standing": _standing(lineage),
        "quoted": quoted[outcome.pk],
        "inherited": [(ancestor, quoted[ancestor.pk]) for ancestor in ancestors if ancestor.pk in quoted],
        "kin": _kin(lineage),
        "further_areas": outcome.further_areas.all(),
        "addressees": outcome.addressees.all(),
    }
    return render(request, "outcomes/outcome.html", context)


def _standing(lineage: Lineage) -> Step | None:
    """The step that says where the outcome stands: the last one that was more than “not considered”."""
    return next((step for step in reversed(lineage.steps) if step.disposition != "not_considered"), None)


def _kin(lineage: Lineage) -> dict[str, Outcome]:
    """The outcomes it came out of or ended in, by reference, with their present texts."""
    references = [kin.reference for kin in [*lineage.parents, *lineage.children]]
    return {kin.reference: kin for kin in Outcome.objects.filter(reference__in=references).with_standing()}
