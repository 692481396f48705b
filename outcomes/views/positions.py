"""Positions at the desk: how far the answers are, what they amount to, and the facts to correct."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from consultations.models import Consultation, ConsultationState
from outcomes import positions
from outcomes.forms.deciding import AnswerForm
from outcomes.models import Consideration, FactualCorrection, Position
from outcomes.positions import asked_about, text_of, validation_is_open
from outcomes.queries import asked_for_positions
from outcomes.results import results_of
from outcomes.views.access import add_sources, consultation_for, may_work, page_of, told_in
from stakeholders.accounts import person_of


@require_safe
def desk_positions(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.view_desk")
    return _show(request, consultation, {})


@require_POST
def answer_correction(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Accept or decline a factual correction."""
    consultation = consultation_for(request, code, "outcomes.synthesise")
    given = FactualCorrection.objects.filter(consideration__consultation=consultation)
    correction = get_object_or_404(given.select_related("consideration__consultation", "consideration__outcome"), pk=pk)
    form = AnswerForm(request.POST, prefix=f"correction-{pk}")
    if form.is_valid():
        with told_in(form):
            positions.answer_correction(correction, **form.cleaned_data, by=person_of(request.user), at=timezone.now())
        if form.is_valid():
            accepted = _("Accepted. Who gave it is told by mail; now mend the text.")
            declined = _("Declined. Who gave it is told why, by mail.")
            messages.success(request, accepted if correction.is_accepted else declined)
            return redirect("outcomes:desk_positions", code)
    return _show(request, consultation, {pk: form})


@require_safe
def on_behalf(request: HttpRequest, code: str) -> HttpResponse:
    """The participants who are asked, for staff to enter what they said on paper."""
    consultation = consultation_for(request, code, "outcomes.enter_position")
    answered = Count("positions", filter=Q(positions__superseded_at__isnull=True, positions__outdated_at__isnull=True))
    rows = asked_for_positions([consultation]).select_related("person", "organisation", "stakeholder_type")
    first = asked_about(consultation).order_by("outcome__area__order", "outcome__area__code").first()
    context = {
        "consultation": consultation,
        "tab": "positions",
        "page": page_of(request, rows.annotate(answered=answered).order_by("person__name", "pk")),
        "area": first and first.outcome.area,
    }
    return render(request, "outcomes/desk/positions_on_behalf.html", context)


def _show(request: HttpRequest, consultation: Consultation, forms: dict[int, AnswerForm]) -> HttpResponse:
    rows = (
        asked_about(consultation)
        .select_related("consultation")
        .order_by("outcome__area__order", "outcome__area__code", "outcome__reference")
    )
    page = page_of(request, rows)
    shown: list[Consideration] = list(page.object_list)
    results = results_of(shown)
    helps = help_for_rapporteurs(request, shown, consultation)
    corrections: dict[int, list[Any]] = defaultdict(list)
    given = FactualCorrection.objects.filter(consideration__in=[row.pk for row in shown])
    for correction in given.select_related("participation__stakeholder_type", "answered_by").order_by("pk"):
        form = forms.get(correction.pk) or AnswerForm(prefix=f"correction-{correction.pk}")
        corrections[correction.consideration_id].append((correction, form))
    for row in shown:
        row.text = text_of(row)  # type: ignore[attr-defined]
        row.result = results.get(row.pk)  # type: ignore[attr-defined]
        row.helps = helps[row.pk]  # type: ignore[attr-defined]
        row.given = corrections[row.pk]  # type: ignore[attr-defined]
        row.has_own_text = row.version_after_id is not None and row.version_after_id != row.version_before_id  # type: ignore[attr-defined]
    asked = asked_for_positions([consultation])
    said = Position.objects.last_words().filter(consideration__consultation=consultation)
    context = {
        "consultation": consultation,
        "tab": "positions",
        "page": page,
        "rows": shown,
        "asked": asked.count(),
        "answered": asked.filter(positions__in=said).distinct().count(),
        "is_open": validation_is_open(consultation, at=timezone.now()),
        "in_validation": consultation.state == ConsultationState.IN_VALIDATION,
        "may_work": may_work(request, consultation),
        "may_enter": request.user.has_perm("outcomes.enter_position", consultation),
    }
    return render(request, "outcomes/desk/positions.html", context)


def help_for_rapporteurs(
    request: HttpRequest, rows: list[Consideration], consultation: Consultation
) -> dict[int, list[Position]]:
    """Give the better wordings and the evidence that participants offered, by consideration, with `source` lines."""
    offered = Position.objects.standing().filter(consideration__in=[row.pk for row in rows])
    offered = offered.exclude(wording="", own_evidence="").with_author()
    found = list(offered.order_by("pk"))
    add_sources(request, found, consultation)
    by_consideration: dict[int, list[Position]] = defaultdict(list)
    for position in found:
        by_consideration[position.consideration_id].append(position)
    return by_consideration
