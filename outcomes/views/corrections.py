"""After the conclusion, at the desk: correcting texts, withdrawing outcomes, and deciding about such changes."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.models import Consultation, ConsultationState
from outcomes import corrections
from outcomes.comparison import Changes, changes_between, compare
from outcomes.forms.deciding import CorrectionForm, FlagForm, ReasonForm
from outcomes.models import Consideration, Correction, Flag, Version
from outcomes.views.access import consultation_for, page_of, told, told_in
from outcomes.views.previews import typed_for_preview
from stakeholders.accounts import person_of


@require_safe
def desk_corrections(request: HttpRequest, code: str) -> HttpResponse:
    """What this concluded event left with, what was corrected or withdrawn, and what waits for a signature."""
    consultation = consultation_for(request, code, "outcomes.view_desk")
    made = Correction.objects.filter(consultation=consultation).select_related("outcome", "version", "made_by")
    waiting = Version.objects.filter(
        consultation=consultation, is_correction=True, frozen_at=None, discarded_at=None
    ).select_related("outcome", "drafted_by")
    left_with = Consideration.objects.filter(
        consultation=consultation, version_after__isnull=False, outcome__withdrawn_at=None, outcome__dropped_at=None
    ).exclude(disposition__in=sorted(corrections.AWAY))
    context = {
        "consultation": consultation,
        "tab": "corrections",
        "is_concluded": consultation.state == ConsultationState.CONCLUDED,
        "made": made.prefetch_related("flags__consideration__consultation"),
        "waiting": waiting,
        "page": page_of(request, left_with.with_texts().in_order()),
        "may_propose": request.user.has_perm("outcomes.propose_correction", consultation),
        "may_sign": request.user.has_perm("outcomes.conclude", consultation),
    }
    return render(request, "outcomes/desk/corrections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """Write a corrected text, with what it would do at the later events; or read the one that waits."""
    consultation = consultation_for(request, code, "outcomes.propose_correction")
    row = _left_with(consultation, reference)
    text = row.version_after
    form = CorrectionForm(request.POST or None, initial={"title": text.title, "statement": text.statement})
    typed = typed_for_preview(request, form)
    preview = None
    if typed:
        preview = Changes(compare(text.title, typed.title), compare(text.statement, typed.statement))
    elif form.is_valid():
        with told_in(form):
            corrections.propose_correction(row, **form.cleaned_data, by=person_of(request.user), at=timezone.now())
        if form.is_valid():
            messages.success(request, _("The correction waits for the signature of somebody else."))
            return redirect("outcomes:correct", code, reference)
    waiting = corrections.pending(row.outcome)
    if waiting and waiting.consultation_id != consultation.pk:
        waiting = None
    return _show(
        request,
        row,
        "outcomes/desk/correct.html",
        form=form,
        preview=preview,
        typed=typed,
        waiting=waiting,
        waiting_changes=changes_between(text, waiting),
        is_own=waiting is not None and waiting.drafted_by_id == person_of(request.user).pk,
    )


@require_POST
def sign_correction(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.conclude")
    version = _waiting(consultation, reference)
    with told(request):
        corrections.sign_correction(version, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("The corrected text is public, and on its way to the later events."))
        return redirect("outcomes:desk_corrections", code)
    return redirect("outcomes:correct", code, reference)


@require_POST
def drop_correction(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.propose_correction")
    version = _waiting(consultation, reference)
    with told(request):
        corrections.drop_correction(version, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("The correction is dropped. The text stays as it is."))
    return redirect("outcomes:correct", code, reference)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_outcome(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """Withdraw an outcome of a concluded event, with a reason and with what that does at the later ones."""
    consultation = consultation_for(request, code, "outcomes.conclude")
    row = _left_with(consultation, reference)
    form = ReasonForm(request.POST or None, hint=_("It is published with the outcome, which stays to be read."))
    if form.is_valid():
        with told_in(form):
            corrections.withdraw(row, reason=form.cleaned_data["reason"], by=person_of(request.user), at=timezone.now())
        if form.is_valid():
            messages.success(
                request, _("The withdrawal of %(reference)s is being carried out.") % {"reference": reference}
            )
            return redirect("outcomes:desk_corrections", code)
    return _show(request, row, "outcomes/desk/withdraw_outcome.html", form=form)


@require_POST
def resolve_flag(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take a change that was made where an outcome came from, or keep what this event has."""
    consultation = consultation_for(request, code, "outcomes.view_desk")
    if not may_resolve(request, consultation):
        raise PermissionDenied
    flag = get_object_or_404(
        Flag.objects.select_related("correction__version", "correction__outcome", "consideration__outcome"),
        pk=pk,
        consideration__consultation=consultation,
    )
    form = FlagForm(request.POST)
    reference = flag.consideration.outcome.reference
    if form.is_valid():
        with told(request):
            corrections.resolve(flag, **form.cleaned_data, by=person_of(request.user), at=timezone.now())
            taken, kept = _("The change is taken."), _("You keep what you had. The reason is told with the outcome.")
            messages.success(request, taken if flag.is_taken else kept)
    else:
        messages.error(request, _("Choose what you do: take the change, or keep what you have."))
    return redirect("outcomes:consideration", code, reference)


def may_resolve(request: HttpRequest, consultation: Consultation) -> bool:
    """While there is work at the desk its rapporteurs decide; after the conclusion those who conclude."""
    in_work = consultation.state in ConsultationState.in_work()
    return request.user.has_perm("outcomes.synthesise" if in_work else "outcomes.conclude", consultation)


def _left_with(consultation: Consultation, reference: str) -> Any:
    rows = Consideration.objects.filter(consultation=consultation, version_after__isnull=False).with_texts()
    return get_object_or_404(rows.select_related("consultation__series"), outcome__reference=reference)


def _waiting(consultation: Consultation, reference: str) -> Version:
    version = corrections.pending(_left_with(consultation, reference).outcome)
    if version is None or version.consultation_id != consultation.pk:
        raise Http404
    return version


def _show(request: HttpRequest, row: Consideration, template: str, **context: Any) -> HttpResponse:
    shown = {
        "consultation": row.consultation,
        "tab": "corrections",
        "consideration": row,
        "outcome": row.outcome,
        "text": row.version_after,
        "consequences": corrections.sentences(corrections.consequences(row)),
        "is_concluded": row.consultation.state == ConsultationState.CONCLUDED,
        "may_sign": request.user.has_perm("outcomes.conclude", row.consultation),
        **context,
    }
    return render(request, template, shown)
