"""Working through the inputs of a consultation."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from consultations.models import Consultation, Input
from consultations.queries import InputQuerySet
from outcomes import synthesis
from outcomes.codebook import find_tag
from outcomes.fates import coverage_table, fates_of
from outcomes.forms import InputFilter, SetAsideForm, TagForm, UseForm
from outcomes.models import Consideration, Tag
from outcomes.views.access import add_sources, consultation_for, may_work, page_of, told, told_in
from stakeholders.accounts import person_of

ACTS = {"tag", "untag", "set_aside", "draft", "use"}
FOR_ALL = {"tag", "untag", "set_aside"}
"""The acts that can be done with everything that matches, on whatever page of the list it is."""


@require_http_methods(["GET", "HEAD", "POST"])
def desk_inputs(request: HttpRequest, code: str) -> HttpResponse:
    """The list; a POST does one act with the inputs that were chosen in it."""
    consultation = consultation_for(
        request, code, "outcomes.synthesise" if request.method == "POST" else "outcomes.view_desk"
    )
    act = request.POST.get("act", "")
    if request.method == "POST" and act not in ACTS:
        return HttpResponseBadRequest()
    typed = request.POST if request.method == "POST" else request.GET
    ticked = chosen_inputs(request, consultation, typed.getlist("input"))
    forms = {
        "tag": TagForm(request.POST if act in {"tag", "untag"} else None, prefix="tag"),
        "set_aside": SetAsideForm(request.POST if act == "set_aside" else None, prefix="aside"),
        "use": UseForm(request.POST if act == "use" else None, prefix="use", consultation=consultation),
    }
    chosen = _all_that_match(request, consultation) if act in FOR_ALL and "all" in request.POST else ticked
    number = chosen.count() if act else 0
    if act and not number:
        messages.error(request, _("Choose at least one input: tick the box beside it."))
    elif act and chosen is not ticked and request.POST["all"] != str(number):
        messages.error(
            request,
            _("Meanwhile %(number)s inputs match, not as many as when you looked. Nothing is done yet: look again.")
            % {"number": number},
        )
    elif act and (done := _act_on(request, consultation, act, chosen, forms)):
        return done
    return _show_inputs(request, consultation, act, forms, list(ticked))


@require_POST
def take_back(request: HttpRequest, code: str, number: int) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    input = get_object_or_404(chosen_inputs(request, consultation, [str(number)]))
    with told(request):
        synthesis.take_back(input, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("%(reference)s is open again.") % {"reference": input.reference})
    return _back_to_list(request, code, number=number)


@require_POST
def untag(request: HttpRequest, code: str, number: int, tag: int) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    input = get_object_or_404(chosen_inputs(request, consultation, [str(number)]))
    label = get_object_or_404(Tag, pk=tag, series=consultation.series)
    with told(request):
        synthesis.untag([input], consultation=consultation, tag=label)
        messages.success(
            request, _("“%(tag)s” is taken off %(reference)s.") % {"tag": label, "reference": input.reference}
        )
    return _back_to_list(request, code, number=number)


def chosen_inputs(request: HttpRequest, consultation: Consultation, numbers: list[str]) -> InputQuerySet:
    """The submitted inputs of the consultation with these numbers that the person may see, in their order."""
    wanted = [int(number) for number in numbers if number.isdecimal() and len(number) < 9]
    submitted = Input.objects.visible_to(request.user).submitted().filter(consultation=consultation, number__in=wanted)
    return submitted.with_author().with_area().order_by("number")


def _all_that_match(request: HttpRequest, consultation: Consultation) -> InputQuerySet:
    """All submitted inputs that match the filter in the address, and that the person may see."""
    submitted = Input.objects.visible_to(request.user).submitted().filter(consultation=consultation)
    return InputFilter(request.GET, consultation=consultation).choose(submitted)


def _act_on(
    request: HttpRequest, consultation: Consultation, act: str, chosen: InputQuerySet, forms: dict[str, Any]
) -> HttpResponse | None:
    """Do one act with the chosen inputs; None where it was refused and the list is to be shown again."""
    selection = ""
    if act in {"draft", "use"}:
        selection = urlencode({"input": [input.number for input in chosen]}, doseq=True)
    if act == "draft":
        return redirect(f"{reverse('outcomes:draft_new', args=[consultation.code])}?{selection}")
    form = forms["tag" if act == "untag" else act]
    if not form.is_valid():
        return None
    by, at = person_of(request.user), timezone.now()
    match act:
        case "use":
            reference = form.cleaned_data["outcome"].reference
            target = reverse("outcomes:link_evidence", args=[consultation.code, reference])
            return redirect(f"{target}?{selection}")
        case "tag":
            with told_in(form):
                name = form.cleaned_data["name"]
                count = synthesis.tag(chosen, consultation=consultation, name=name, by=by, at=at)
                text = ngettext(
                    "%(count)s input is tagged “%(name)s”.", "%(count)s inputs are tagged “%(name)s”.", count
                )
                messages.success(request, text % {"count": count, "name": name})
        case "untag":
            with told_in(form):
                name = form.cleaned_data["name"]
                label = find_tag(consultation.series, name)
                count = synthesis.untag(chosen, consultation=consultation, tag=label)
                text = ngettext(
                    "“%(tag)s” is taken off %(count)s input.", "“%(tag)s” is taken off %(count)s inputs.", count
                )
                messages.success(request, text % {"count": count, "tag": label})
        case "set_aside":
            with told_in(form):
                reason = form.cleaned_data["reason"]
                count = synthesis.set_aside(chosen, consultation=consultation, reason=reason, by=by, at=at)
                text = ngettext(
                    "%(count)s input is set aside. Its author will read the reason.",
                    "%(count)s inputs are set aside. Their authors will read the reason.",
                    count,
                )
                messages.success(request, text % {"count": count})
    return _back_to_list(request, consultation.code) if form.is_valid() else None


def _show_inputs(
    request: HttpRequest, consultation: Consultation, act: str, forms: dict[str, Any], ticked: list[Input]
) -> HttpResponse:
    filter_form = InputFilter(request.GET, consultation=consultation)
    submitted = Input.objects.visible_to(request.user).submitted().filter(consultation=consultation)
    works = may_work(request, consultation)
    rows = filter_form.choose(submitted).with_author().with_area().prefetch_related("taggings__tag", "attachments")
    page = page_of(request, rows)
    filter_form.search.mark(page.object_list)
    fates = fates_of(page.object_list, at_the_desk=True)
    add_sources(request, page.object_list, consultation)
    laid = Consideration.objects.borne_on(page.object_list)
    shown = {input.number for input in page.object_list}
    for input in page.object_list:
        input.fate = fates[input.pk]
        input.laid = laid.get(input.pk)
    return render(
        request,
        "outcomes/desk/inputs.html",
        {
            "consultation": consultation,
            "tab": "inputs",
            "page": page,
            "filter": filter_form,
            "is_filtered": filter_form.is_active,
            "coverage": coverage_table(consultation),
            "forms": forms,
            "act": act,
            "chosen": {input.number for input in ticked},
            "ticked_elsewhere": [input for input in ticked if input.number not in shown],
            "may_work": works,
            "codebook": Tag.objects.filter(series=consultation.series_id, retired_at__isnull=True) if works else [],
            "query": request.GET.urlencode(),
        },
    )


def _back_to_list(request: HttpRequest, code: str, *, number: int | None = None) -> HttpResponse:
    """To the list as it was filtered, and there to the input with that number."""
    query = request.GET.urlencode()
    place = f"#input-{number}" if number else ""
    return redirect(f"{reverse('outcomes:desk_inputs', args=[code])}{'?' if query else ''}{query}{place}")
