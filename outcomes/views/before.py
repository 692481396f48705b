"""What a consultation makes of an outcome that was laid before it: all that can be done with it, merge and split."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.db.models import F
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from consultations.models import Consultation, Input
from outcomes import dispositions
from outcomes.comparison import Changes, changes_between, compare
from outcomes.dispositions import Part
from outcomes.forms.deciding import FlagForm, ReasonForm
from outcomes.forms.drafting import DraftForm, NewTextForm, PartForm
from outcomes.lineage import lineage_of
from outcomes.models import Consideration, Disposition, Flag, Version
from outcomes.views.access import add_kin, consultation_for, may_work, told, told_in
from outcomes.views.corrections import may_resolve
from outcomes.views.drafts import all_valid, evidence_here
from outcomes.views.previews import typed_for_preview, typed_in
from stakeholders.accounts import person_of

PUBLISHED_REASON = gettext_lazy("The reason is published with the outcome once the consultation is concluded.")
PARTS_AT_FIRST = 2
PARTS_AT_MOST = 8


def text_laid(consideration: Consideration) -> Version:
    """The text in which an outcome came; all considerations on these pages have one (`before()` chooses them)."""
    return cast(Version, consideration.version_before)


@dataclass(frozen=True)
class Act:
    """One disposition as the page offers it: what to press, what will happen, and the operation that does it."""

    name: str
    label: str | Promise
    effect: str | Promise
    perform: Callable[..., object]
    takes_text: bool = False
    needs_reason: bool = False
    in_bulk: Disposition | None = None
    """The disposition, where it may be given to several outcomes at once."""

    def form(self, data: Any, consideration: Consideration) -> Form:
        if self.takes_text:
            before = text_laid(consideration)
            return NewTextForm(data, prefix=self.name, initial={"title": before.title, "statement": before.statement})
        return ReasonForm(data, prefix=self.name, needed=self.needs_reason, hint=str(PUBLISHED_REASON))


NOT_CONSIDERED = Act(
    "not_considered",
    gettext_lazy("Not considered"),
    gettext_lazy("We did not get to it. That changes nothing: it is carried on as it came; silence is not support."),
    dispositions.leave_unconsidered,
    in_bulk=Disposition.NOT_CONSIDERED,
)
ACTS = [
    Act(
        "reaffirm",
        gettext_lazy("Reaffirm"),
        gettext_lazy("We stand by it as it came. It is carried on."),
        dispositions.reaffirm,
        in_bulk=Disposition.REAFFIRMED,
    ),
    Act(
        "refine",
        gettext_lazy("Refine"),
        gettext_lazy("We stand by it in a new text. Both texts are kept, with what changed and why."),
        dispositions.refine,
        takes_text=True,
    ),
    Act(
        "contest",
        gettext_lazy("Contest"),
        gettext_lazy("We dispute it. It is carried on, visibly contested, with our reason."),
        dispositions.contest,
        needs_reason=True,
    ),
    Act(
        "retire",
        gettext_lazy("Retire"),
        gettext_lazy("It ends here, with our reason. It stays to be read and is carried no further."),
        dispositions.retire,
        needs_reason=True,
    ),
    NOT_CONSIDERED,
]
ACTS_OF_A_HEARING = [
    Act(
        "adopt",
        gettext_lazy("Adopt"),
        gettext_lazy("The hearing adopts it as it came."),
        partial(dispositions.decide, disposition=Disposition.ADOPTED),
        in_bulk=Disposition.ADOPTED,
    ),
    Act(
        "amend",
        gettext_lazy("Adopt as amended"),
        gettext_lazy("The hearing adopts it in a new text. Both texts are kept, with what changed and why."),
        partial(dispositions.decide, disposition=Disposition.ADOPTED_AS_AMENDED),
        takes_text=True,
    ),
    Act(
        "refer",
        gettext_lazy("Refer"),
        gettext_lazy("The hearing hands it on to the events that follow it up."),
        partial(dispositions.decide, disposition=Disposition.REFERRED),
        in_bulk=Disposition.REFERRED,
    ),
    Act(
        "reject",
        gettext_lazy("Do not adopt"),
        gettext_lazy("The hearing does not adopt it, with its reason."),
        partial(dispositions.decide, disposition=Disposition.NOT_ADOPTED),
        needs_reason=True,
    ),
    NOT_CONSIDERED,
]


def acts_at(consultation: Consultation) -> list[Act]:
    """The dispositions that this kind of consultation gives, as its pages offer them."""
    return ACTS_OF_A_HEARING if consultation.is_hearing else ACTS


@require_http_methods(["GET", "HEAD", "POST"])
def consideration(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """One outcome before this consultation, and all that can be done with it; a POST does one of these."""
    consultation = consultation_for(
        request, code, "outcomes.synthesise" if request.method == "POST" else "outcomes.view_desk"
    )
    row = _consideration(consultation, reference)
    chosen = request.POST.get("act", "")
    acts = {act.name: act for act in acts_at(consultation)}
    if request.method == "POST" and chosen not in acts:
        return HttpResponseBadRequest()
    forms = {name: act.form(request.POST if name == chosen else None, row) for name, act in acts.items()}
    text = text_laid(row)
    submitted = Input.objects.visible_to(request.user).submitted()
    typed = preview = None
    if chosen and forms[chosen].is_valid():
        if "preview" in request.POST and acts[chosen].takes_text:
            typed = typed_in(forms[chosen])
            preview = Changes(compare(text.title, typed.title), compare(text.statement, typed.statement))
        elif _dispose(request, row, acts[chosen], forms[chosen]):
            return _back_to_list(request, row)
    add_kin([row], consultation)
    return render(
        request,
        "outcomes/desk/consideration.html",
        {
            "consultation": consultation,
            "tab": "before",
            "consideration": row,
            "outcome": row.outcome,
            "lineage": lineage_of(row.outcome),
            "acts": [(act, forms[act.name]) for act in acts.values()],
            "chosen": chosen,
            "preview": preview,
            "typed": typed,
            "changes": changes_between(row.version_before, row.version_after),
            "evidence": evidence_here(request, row.outcome, consultation),
            "is_borne_on": submitted.filter(consultation=consultation, bears_on=reference).exists(),
            "has_text_here": row.disposition in Disposition.with_new_text(),
            "may_work": may_work(request, consultation),
            "flags": _flags(row),
            "flag_form": FlagForm(),
            "may_resolve": may_resolve(request, consultation),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, code: str) -> HttpResponse:
    """End the outcomes that the address names in one new one."""
    consultation = consultation_for(request, code, "outcomes.synthesise")
    laid = Consideration.objects.before(consultation).with_origin().in_order().select_related("consultation")
    parents = list(laid.filter(outcome__reference__in=request.GET.getlist("outcome")))
    if len(parents) < 2:
        messages.error(request, _("Choose at least two outcomes to merge: tick the boxes beside them."))
        return redirect("outcomes:desk_before", code)
    first = parents[0]
    initial = {
        "area": first.outcome.area_id,
        "kind": first.outcome.kind,
        "statement": "\n\n".join(text_laid(parent).statement for parent in parents),
        "addressees": consultation.series.stakeholder_types.filter(
            addressed_outcomes__in=[parent.outcome_id for parent in parents]
        ).distinct(),
    }
    form = DraftForm(request.POST or None, consultation=consultation, initial=initial)
    typed = typed_for_preview(request, form)
    if not typed and form.is_valid():
        with told_in(form):
            child = dispositions.merge(parents, **form.cleaned_data, by=person_of(request.user), at=timezone.now())
        if form.is_valid():
            messages.success(
                request,
                _("%(parents)s are merged into %(child)s.")
                % {"parents": ", ".join(parent.outcome.reference for parent in parents), "child": child.reference},
            )
            return redirect("outcomes:draft_edit", code, child.reference)
    context = {"consultation": consultation, "tab": "before", "parents": parents, "form": form, "typed": typed}
    return render(request, "outcomes/desk/merge.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    """End one outcome in several new ones. “One more part” and “Preview” show what is typed and keep nothing."""
    consultation = consultation_for(request, code, "outcomes.synthesise")
    row = _consideration(consultation, reference)
    forms = _part_forms(request, row, consultation)
    is_final = request.method == "POST" and not {"more", "preview"} & set(request.POST)
    if is_final and all_valid(*forms):
        with told_in(forms[0]):
            parts = [Part(**form.cleaned_data) for form in forms]
            children = dispositions.split(row, parts=parts, by=person_of(request.user), at=timezone.now())
        if forms[0].is_valid():
            messages.success(
                request,
                _("%(parent)s is split into %(children)s.")
                % {"parent": reference, "children": ", ".join(child.reference for child in children)},
            )
            return redirect("outcomes:consideration", code, reference)
    context = {
        "consultation": consultation,
        "tab": "before",
        "consideration": row,
        "outcome": row.outcome,
        "parts": [(form, typed_for_preview(request, form)) for form in forms],
        "may_have_more": len(forms) < PARTS_AT_MOST,
    }
    return render(request, "outcomes/desk/split.html", context)


@require_POST
def undo(request: HttpRequest, code: str, reference: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    row = _consideration(consultation, reference)
    with told(request):
        dispositions.undo(row, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("%(reference)s is open again: it has no disposition.") % {"reference": reference})
    return redirect("outcomes:consideration", code, reference)


def _flags(row: Consideration) -> list[tuple[Flag, Changes | None]]:
    """What was changed where the outcome came from, open questions first, each with the text side by side."""
    flags = row.flags.select_related("correction__version", "correction__consultation", "resolved_by")
    return [
        (flag, changes_between(row.version_before, flag.correction.version))
        for flag in flags.order_by(F("resolved_at").asc(nulls_first=True), "pk")
    ]


def _consideration(consultation: Consultation, reference: str) -> Consideration:
    laid = Consideration.objects.before(consultation).with_origin()
    return get_object_or_404(
        laid.select_related("outcome__born_at__series", "consultation", "disposed_by"), outcome__reference=reference
    )


def _dispose(request: HttpRequest, row: Consideration, act: Act, form: Form) -> bool:
    """Do the act and say so; False where it was refused, with the reasons in the form."""
    fields = dict(form.cleaned_data)
    if act.name == "amend":
        fields["reason"] = fields.pop("change_note")
    with told_in(form):
        act.perform(row, **fields, by=person_of(request.user), at=timezone.now())
    if not form.is_valid():
        return False
    messages.success(
        request,
        _("%(reference)s: %(disposition)s.")
        % {"reference": row.outcome.reference, "disposition": row.get_disposition_display()},
    )
    return True


def _back_to_list(request: HttpRequest, row: Consideration) -> HttpResponse:
    """To the outcome's place in the list, as the list was paged and filtered."""
    query = request.GET.urlencode()
    target = reverse("outcomes:desk_before", args=[row.consultation.code])
    return redirect(f"{target}{'?' if query else ''}{query}#{row.outcome.reference}")


def _part_forms(request: HttpRequest, row: Consideration, consultation: Consultation) -> list[PartForm]:
    """As many parts as the page had, or one more if that was asked for, with what was typed so far."""
    typed = request.POST.get("parts", "")
    count = int(typed) if typed.isdecimal() and len(typed) < 3 else PARTS_AT_FIRST
    asked_for_more = "more" in request.POST
    count = min(max(count + asked_for_more, PARTS_AT_FIRST), PARTS_AT_MOST)
    origin = {"area": row.outcome.area_id, "kind": row.outcome.kind}
    areas = list(consultation.areas.all())
    forms = []
    for number in range(1, count + 1):
        prefix = f"part-{number}"
        initial = origin
        if asked_for_more:
            initial = {
                name: request.POST.get(f"{prefix}-{name}", origin.get(name, "")) for name in PartForm.base_fields
            }
        data = None if asked_for_more else request.POST or None
        forms.append(PartForm(data, prefix=prefix, areas=areas, initial=initial))
    return forms
