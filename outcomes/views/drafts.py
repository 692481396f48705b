"""Drafting outcomes from inputs, working on their texts and evidence, and reading the drafts in validation."""

from itertools import pairwise
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.models import Consultation, ConsultationState, InputKind
from outcomes import drafting
from outcomes.comparison import changes_between
from outcomes.forms.deciding import ReasonForm, RevisionForm
from outcomes.forms.drafting import OUTCOME_FOR_INPUT, DraftForm, NewTextForm, OwnDraftForm, evidence_forms
from outcomes.forms.filters import InputFilter
from outcomes.models import Consideration, Disposition, Evidence, Outcome, Version
from outcomes.queries import is_set_aside
from outcomes.quotations import quotations_of
from outcomes.views.access import (
    add_kin,
    add_sources,
    consultation_for,
    may_work,
    page_of,
    told,
    told_in,
)
from outcomes.views.inputs import chosen_inputs, inputs_on_page
from outcomes.views.positions import help_for_rapporteurs
from outcomes.views.previews import typed_for_preview, typed_in
from stakeholders.accounts import person_of

EARLIER_TEXTS_SHOWN = 20


@require_safe
def desk_drafts(request: HttpRequest, code: str) -> HttpResponse:
    """All texts that the consultation is working on: its new outcomes, and what it rewrites."""
    consultation = consultation_for(request, code, "outcomes.view_desk")
    standing = Q(outcome__evidence__withdrawn_at__isnull=True, outcome__evidence__input__consultation=consultation)
    texts = (
        Version.objects.made_at(consultation)
        .select_related("outcome__area", "outcome__born_at", "drafted_by", "signed_by")
        .annotate(evidence_count=Count("outcome__evidence", filter=standing))
        .order_by("outcome__area__order", "outcome__area__code", "outcome__reference")
    )
    context = {
        "consultation": consultation,
        "tab": "drafts",
        "page": page_of(request, texts),
        "may_work": may_work(request, consultation),
    }
    return render(request, "outcomes/desk/drafts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_new(request: HttpRequest, code: str) -> HttpResponse:
    """Draft an outcome from the inputs that the address names."""
    consultation = consultation_for(request, code, "outcomes.synthesise")
    inputs = list(chosen_inputs(request, consultation, request.GET.getlist("input")))
    initial: dict[str, Any] = {}
    if inputs:
        initial = {"area": inputs[0].area_id, "kind": OUTCOME_FOR_INPUT[InputKind(inputs[0].kind)]}
    form = DraftForm(request.POST or None, consultation=consultation, initial=initial)
    evidence = evidence_forms(inputs, request.POST or None)
    typed = typed_for_preview(request, form)
    if not typed and all_valid(form, *evidence):
        with told_in(form):
            outcome = drafting.draft_outcome(
                consultation,
                **form.cleaned_data,
                evidence=[each.evidence() for each in evidence],
                by=person_of(request.user),
                at=timezone.now(),
            )
        if form.is_valid():
            messages.success(request, _("%(reference)s is drafted.") % {"reference": outcome.reference})
            return redirect("outcomes:draft_edit", code, outcome.reference)
    add_sources(request, inputs, consultation)
    return render(
        request,
        "outcomes/desk/draft_new.html",
        {"consultation": consultation, "tab": "drafts", "form": form, "evidence_forms": evidence, "typed": typed},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def draft_edit(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """One text of this consultation with its evidence and history; a POST rewrites it, or shows how it will be read."""
    consultation = consultation_for(
        request, code, "outcomes.synthesise" if request.method == "POST" else "outcomes.view_desk"
    )
    version = get_object_or_404(
        Version.objects.made_at(consultation).select_related("outcome__area", "outcome__born_at", "drafted_by"),
        outcome__reference=reference,
    )
    version.consultation = consultation
    outcome = version.outcome
    form = _text_form(request, version, consultation)
    read = RevisionForm(request.POST)
    typed = typed_for_preview(request, form)
    overtaken = None
    if not typed and form.is_valid():
        with told_in(form):
            try:
                drafting.edit_draft(
                    version,
                    **form.cleaned_data,
                    revision=read.cleaned_data["revision"] if read.is_valid() else 0,
                    by=person_of(request.user),
                    at=timezone.now(),
                )
            except drafting.Overtaken as refusal:
                overtaken = refusal.stored
                raise
        if form.is_valid():
            messages.success(request, _("The new text of %(reference)s is kept.") % {"reference": reference})
            return redirect("outcomes:draft_edit", code, reference)
        version.refresh_from_db(fields=sorted(drafting.CHANGED_BY_WRITING))
    here = outcome.considerations.select_related("version_before").get(consultation=consultation)
    before = here.version_before
    return render(
        request,
        "outcomes/desk/draft_edit.html",
        {
            "consultation": consultation,
            "tab": "drafts",
            "version": version,
            "outcome": outcome,
            "form": form,
            "typed": typed,
            # What was typed from an earlier text stays so, until its writer has been shown the later one.
            "revision": read.cleaned_data["revision"] if read.is_valid() and not overtaken else version.revision,
            "before": before,
            "changes": changes_between(before, version),
            "overtaken": overtaken,
            "overtaken_changes": overtaken and changes_between(overtaken, typed_in(form)),
            "earlier_texts": _earlier_texts(version),
            "evidence": evidence_here(request, outcome, consultation),
            "offered": help_for_rapporteurs(request, [here], consultation)[here.pk],
            "came_from_kin": outcome.descents_as_child.exists(),
            "drop_is_possible": outcome.born_at_id == consultation.pk,
            "may_work": may_work(request, consultation),
        },
    )


@require_POST
def drop(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    outcome = get_object_or_404(Outcome.objects.visible_to(request.user), born_at=consultation, reference=reference)
    with told(request):
        drafting.drop_draft(outcome, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("%(reference)s is dropped. Its inputs are open again.") % {"reference": reference})
        return redirect("outcomes:desk_drafts", code)
    return redirect("outcomes:draft_edit", code, reference)


@require_http_methods(["GET", "HEAD", "POST"])
def link_evidence(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """Link the inputs that the address names to an outcome on the table; without any, choose some first."""
    consultation = consultation_for(request, code, "outcomes.synthesise")
    outcome = get_object_or_404(
        Outcome.objects.visible_to(request.user).select_related("area", "born_at"),
        considerations__consultation=consultation,
        dropped_at__isnull=True,
        reference=reference,
    )
    inputs = list(chosen_inputs(request, consultation, request.GET.getlist("input")))
    if not inputs:
        return _choose_inputs(request, consultation, outcome)
    forms = evidence_forms(inputs, request.POST or None)
    if all_valid(*forms):
        with told_in(forms[0]):
            linked = drafting.link_inputs(
                outcome,
                consultation=consultation,
                evidence=[form.evidence() for form in forms],
                by=person_of(request.user),
                at=timezone.now(),
            )
        if forms[0].is_valid():
            text = ngettext("%(count)s input is linked.", "%(count)s inputs are linked.", len(linked))
            messages.success(request, text % {"count": len(linked)})
            return redirect(place_of(outcome, consultation))
    add_sources(request, inputs, consultation)
    return render(
        request,
        "outcomes/desk/link_evidence.html",
        {
            "consultation": consultation,
            "tab": "drafts",
            "outcome": outcome,
            "text": text_here(outcome, consultation),
            "evidence_forms": forms,
            "place": place_of(outcome, consultation),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_evidence(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    evidence = get_object_or_404(
        Evidence.objects.standing().select_related("outcome", "input__consultation"),
        pk=pk,
        input__consultation=consultation,
    )
    form = ReasonForm(request.POST or None, hint=_("It is kept beside the withdrawn evidence, for the desk."))
    if form.is_valid():
        with told_in(form):
            reason = form.cleaned_data["reason"]
            drafting.withdraw_evidence(evidence, reason=reason, by=person_of(request.user), at=timezone.now())
        if form.is_valid():
            messages.success(
                request,
                _("%(input)s is no evidence of %(outcome)s any more.")
                % {"input": evidence.input.reference, "outcome": evidence.outcome.reference},
            )
            return redirect(place_of(evidence.outcome, consultation))
    context = {
        "consultation": consultation,
        "tab": "drafts",
        "evidence": evidence,
        "form": form,
        "place": place_of(evidence.outcome, consultation),
    }
    return render(request, "outcomes/desk/withdraw_evidence.html", context)


@require_safe
def drafts(request: HttpRequest, code: str) -> HttpResponse:
    """What the consultation is about to stand by, for those who took part: new outcomes and decided ones."""
    consultation = consultation_for(request, code, "outcomes.view_drafts")
    rows = (
        Consideration.objects.filter(consultation=consultation, outcome__dropped_at__isnull=True)
        .exclude(disposition=Disposition.NONE)
        .with_origin()
        .in_order()
    )
    page = page_of(request, rows)
    add_kin(page.object_list, consultation)
    quoted = quotations_of([row.outcome for row in page.object_list], drafts_of=consultation)
    for row in page.object_list:
        row.quoted = quoted[row.outcome_id]
        row.changes = changes_between(row.version_before, row.version_after)
    context = {
        "consultation": consultation,
        "page": page,
        "in_validation": consultation.state == ConsultationState.IN_VALIDATION,
    }
    return render(request, "outcomes/drafts.html", context)


def evidence_here(request: HttpRequest, outcome: Outcome, consultation: Consultation) -> list[Evidence]:
    """The evidence that this consultation's inputs give an outcome, withdrawn ones last, with their `source` lines."""
    rows = list(
        outcome.evidence.filter(input__consultation=consultation)
        .select_related(
            "input__area",
            "input__consultation",
            "input__participation__person",
            "input__participation__organisation",
            "input__participation__stakeholder_type",
        )
        .order_by("withdrawn_at", "input__number", "pk")
    )
    rows.sort(key=lambda row: row.withdrawn_at is not None)
    add_sources(request, [row.input for row in rows], consultation)
    return rows


def text_here(outcome: Outcome, consultation: Consultation) -> Version | None:
    """The text that an outcome has at this event by now."""
    here = outcome.considerations.select_related("version_before", "version_after").get(consultation=consultation)
    return here.version_after or here.version_before


def place_of(outcome: Outcome, consultation: Consultation) -> str:
    """The address on the desk where an outcome is worked on."""
    has_text_here = Version.objects.made_at(consultation).filter(outcome=outcome).exists()
    name = "outcomes:draft_edit" if has_text_here else "outcomes:consideration"
    return reverse(name, args=[consultation.code, outcome.reference])


def all_valid(*forms: Form) -> bool:
    """Whether all are valid; each is asked, so that all faults are shown at once."""
    return False not in [form.is_valid() for form in forms]


def _text_form(request: HttpRequest, version: Version, consultation: Consultation) -> OwnDraftForm | NewTextForm:
    outcome = version.outcome
    text = {"title": version.title, "statement": version.statement}
    if outcome.born_at_id == consultation.pk:
        initial = text | {"kind": outcome.kind, "addressees": outcome.addressees.all()}
        return OwnDraftForm(request.POST or None, consultation=consultation, initial=initial)
    return NewTextForm(request.POST or None, initial=text | {"change_note": version.change_note})


def _earlier_texts(version: Version) -> list[dict[str, Any]]:
    """What the text was before each change, newest first: when, by whom, and what then changed in its statement."""
    records = list(version.history.select_related("drafted_by").order_by("-history_id")[: EARLIER_TEXTS_SHOWN + 1])
    found = []
    for newer, older in pairwise(records):
        if changes := changes_between(older, newer):
            found.append({"at": newer.drafted_at, "by": newer.drafted_by, "changes": changes})
    return found


def _choose_inputs(request: HttpRequest, consultation: Consultation, outcome: Outcome) -> HttpResponse:
    """The inputs that are not yet evidence of this outcome and are not set aside, to choose from."""
    linked = Evidence.objects.standing().filter(outcome=outcome, input=OuterRef("pk"))
    filter_form = InputFilter(request.GET, consultation=consultation)
    del filter_form.fields["fate"]
    submitted = consultation.inputs.visible_to(request.user).submitted()
    free = filter_form.choose(submitted.exclude(Exists(linked)).exclude(is_set_aside()))
    page = inputs_on_page(request, list(free.values_list("pk", flat=True)), filter_form.search)
    add_sources(request, page.object_list, consultation)
    return render(
        request,
        "outcomes/desk/choose_inputs.html",
        {
            "consultation": consultation,
            "tab": "drafts",
            "outcome": outcome,
            "text": text_here(outcome, consultation),
            "filter": filter_form,
            "is_filtered": filter_form.is_active,
            "page": page,
            "place": place_of(outcome, consultation),
        },
    )
