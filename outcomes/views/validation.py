"""Validation: participants say where they stand, area by area, and read what the others said after that."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.models import Consultation, Participation
from outcomes import positions
from outcomes.comparison import Changes, changes_between
from outcomes.forms.positions import PositionForm
from outcomes.models import Consideration, FactualCorrection, Position, Version
from outcomes.positions import asked_about, text_of, validation_is_open
from outcomes.queries import asked_for_positions
from outcomes.quotations import Quoted, quotations_of
from outcomes.results import EventResult, Result, results_by_event, results_of
from outcomes.views.access import add_kin, consultation_for, page_of, told, told_in
from stakeholders.accounts import person_of


@dataclass(frozen=True)
class Question:
    """One outcome as somebody is asked about it; what others said is given once they have answered."""

    consideration: Consideration
    text: Version
    form: PositionForm | None
    position: Position | None
    changes: Changes | None
    changed_since: Changes | None
    corrections: list[FactualCorrection]
    quoted: Quoted
    result: Result | None
    earlier: list[EventResult]

    @property
    def seen(self) -> str:
        return f"{self.text.pk}.{self.text.revision}"


@require_safe
def validation(request: HttpRequest, code: str) -> HttpResponse:
    """What is asked of this person, area by area, and how far they are."""
    consultation = consultation_for(request, code, "outcomes.view_drafts")
    participation = _own(request, consultation)
    answered = Q(positions__in=_answered_by(participation)) if participation else Q(pk__in=[])
    by_area = {
        area: (asked, done)
        for area, asked, done in asked_about(consultation)
        .order_by()
        .values_list("outcome__area")
        .annotate(number=Count("pk", distinct=True), done=Count("pk", filter=answered, distinct=True))
    }
    areas = [(area, *by_area[area.pk]) for area in consultation.areas.all() if area.pk in by_area]
    context = {
        "consultation": consultation,
        "participation": participation,
        "areas": areas,
        "asked": sum(asked for _area, asked, _done in areas),
        "done": sum(done for _area, _asked, done in areas),
        "is_open": validation_is_open(consultation, at=timezone.now()),
    }
    return render(request, "outcomes/validation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def validation_area(request: HttpRequest, code: str, area: str, person: int | None = None) -> HttpResponse:
    """All outcomes of one area with a form for each; staff fill it in for the participation `person`."""
    consultation = consultation_for(request, code, "outcomes.enter_position" if person else "outcomes.view_drafts")
    own_area = get_object_or_404(consultation.areas, code=area)
    participation = (
        get_object_or_404(asked_for_positions([consultation]).select_related("person"), pk=person)
        if person
        else _own(request, consultation)
    )
    is_open = validation_is_open(consultation, at=timezone.now())
    if request.method == "POST" and not participation:
        raise PermissionDenied
    asked = asked_about(consultation).filter(outcome__area=own_area)
    asked = asked.select_related("consultation", "laid_from", "outcome__born_at__series")
    page = page_of(request, asked.order_by("outcome__reference"))
    rows: list[Consideration] = list(page.object_list)
    forms = _forms(request, rows, participation, consultation) if participation else {}
    if request.method == "POST" and participation:
        kept = _keep(request, rows, forms, participation)
        if kept and not any(form.errors for form in forms.values()):
            count = {"count": kept}
            messages.success(
                request, ngettext("%(count)s answer is kept.", "%(count)s answers are kept.", kept) % count
            )
            return redirect(request.get_full_path())
        if not kept and not any(form.errors for form in forms.values()):
            messages.error(request, _("Nothing was chosen yet: say where you stand on at least one outcome."))
    context = {
        "consultation": consultation,
        "area": own_area,
        "participation": participation,
        "for_another": bool(person),
        "is_open": is_open,
        "page": page,
        "questions": _questions(rows, participation, consultation, forms if is_open else {}),
        "faulty": [form for form in forms.values() if form.errors],
    }
    return render(request, "outcomes/validation_area.html", context)


@require_POST
def withdraw_position(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one said, during the validation or later."""
    own = Position.objects.filter(participation__in=Participation.objects.of(request.user))
    position = get_object_or_404(
        own.select_related("consideration__outcome", "consideration__consultation", "participation__person"), pk=pk
    )
    if not request.user.has_perm("outcomes.withdraw_position", position):
        raise PermissionDenied
    with told(request):
        positions.withdraw_position(position, by=person_of(request.user), at=timezone.now())
        reference = {"reference": position.consideration.outcome.reference}
        messages.success(request, _("Your position on %(reference)s is withdrawn.") % reference)
    return redirect("outcomes:became", position.consideration.consultation.code)


def _own(request: HttpRequest, consultation: Consultation) -> Participation | None:
    """The participation by which this person is asked; None for those who only read."""
    return asked_for_positions([consultation]).of(request.user).select_related("person").first()


def _answered_by(participation: Participation) -> QuerySet[Position]:
    return Position.objects.standing().filter(participation=participation, outdated_at__isnull=True)


def _forms(
    request: HttpRequest, rows: list[Consideration], participation: Participation, consultation: Consultation
) -> dict[int, PositionForm]:
    """One form for each outcome, filled in with what was said last, or with what was typed."""
    last = {row.consideration_id: row for row in _last_words(rows, participation)}
    forms = {}
    for row in rows:
        said = last.get(row.pk)
        initial: dict[str, Any] = {"attribution": consultation.default_attribution}
        if said and not said.withdrawn_at:
            names = ["stance", "holds", "reason", "wording", "own_evidence", "attribution"]
            initial = {name: getattr(said, name) for name in names}
            if said.outdated_at:
                del initial["stance"]
        data = request.POST if request.method == "POST" else None
        forms[row.pk] = PositionForm(data, prefix=row.outcome.reference, initial=initial)
    return forms


def _keep(
    request: HttpRequest, rows: list[Consideration], forms: dict[int, PositionForm], participation: Participation
) -> int:
    """Keep each answer that can be kept; the others show why not. Returns how many."""
    kept = 0
    by, at = person_of(request.user), timezone.now()
    for row in rows:
        form = forms[row.pk]
        if not form.is_valid():
            continue
        given, facts = form.position, form.cleaned_data["facts"]
        with told_in(form):
            if given:
                positions.take_position(row, participation, **given, seen=form.text_seen(), by=by, at=at)
            if facts:
                positions.correct_facts(row, participation, text=facts, seen=form.text_seen(), by=by, at=at)
        kept += bool(form.is_valid() and (given or facts))
    return kept


def _last_words(rows: list[Consideration], participation: Participation | None) -> list[Position]:
    said = Position.objects.last_words().filter(consideration__in=[row.pk for row in rows], participation=participation)
    return list(said.select_related("version"))


def _questions(
    rows: list[Consideration],
    participation: Participation | None,
    consultation: Consultation,
    forms: dict[int, PositionForm],
) -> list[Question]:
    last = {row.consideration_id: row for row in _last_words(rows, participation)} if participation else {}
    earlier_texts = {
        (text.id, text.revision): text
        for text in Version.history.filter(id__in=[said.version_id for said in last.values()]).order_by("history_id")
    }
    corrections: dict[int, list[FactualCorrection]] = {}
    if participation:
        given = participation.factual_corrections.filter(consideration__in=[row.pk for row in rows])
        for correction in given.order_by("pk"):
            corrections.setdefault(correction.consideration_id, []).append(correction)
    add_kin(rows, consultation)
    quoted = quotations_of([row.outcome for row in rows], drafts_of=consultation)
    results = results_of(rows)
    earlier = results_by_event([row.outcome for row in rows])
    questions = []
    for row in rows:
        said = last.get(row.pk)
        has_answered = said is not None and not said.outdated_at and not said.withdrawn_at
        may_read_others = has_answered or row.pk not in forms
        text = text_of(row)
        read = earlier_texts.get((said.version_id, said.revision), said.version) if said and said.outdated_at else None
        questions.append(
            Question(
                consideration=row,
                text=text,
                form=forms.get(row.pk),
                position=said,
                changes=changes_between(row.version_before, row.version_after),
                changed_since=changes_between(read, text),
                corrections=corrections.get(row.pk, []),
                quoted=quoted[row.outcome_id],
                result=(results.get(row.pk) or Result()) if may_read_others else None,
                earlier=earlier.get(row.outcome_id, []) if may_read_others else [],
            )
        )
    return questions
