"""Working through the inputs of a consultation."""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from consultations.models import Consultation, Input
from consultations.queries import InputQuerySet
from outcomes import synthesis
from outcomes.codebook import find_tag
from outcomes.fates import add_fates_at_the_desk, coverage_table
from outcomes.forms.fields import numbers_in
from outcomes.forms.filters import InputFilter
from outcomes.forms.inputs import SetAsideForm, TagForm, UseForm
from outcomes.models import Tag, Tagging
from outcomes.queries import reason_set_aside, texts_on_the_table
from outcomes.search import Search
from outcomes.views.access import add_sources, consultation_for, may_work, page_of, told, told_in
from stakeholders.accounts import person_of

ACTS = {"tag", "untag", "set_aside", "draft", "use"}
FOR_ALL = {"tag", "untag", "set_aside"}
"""The acts that can be done with everything that matches, on whatever page of the list it is."""


class Listing:
    """The submitted inputs of a consultation as the address filters them; each part is found when it is asked for."""

    def __init__(self, request: HttpRequest, consultation: Consultation) -> None:
        self.request = request
        self.consultation = consultation

    @cached_property
    def filter(self) -> InputFilter:
        return InputFilter(self.request.GET, consultation=self.consultation)

    @cached_property
    def matching(self) -> InputQuerySet:
        """All that match, and that the person may see."""
        submitted = Input.objects.visible_to(self.request.user).submitted().filter(consultation=self.consultation)
        return self.filter.choose(submitted)

    @cached_property
    def keys(self) -> list[int]:
        return list(self.matching.values_list("pk", flat=True))


@require_http_methods(["GET", "HEAD", "POST"])
def desk_inputs(request: HttpRequest, code: str) -> HttpResponse:
    """The list; a POST does one act with the inputs that were chosen in it."""
    consultation = consultation_for(
        request, code, "outcomes.synthesise" if request.method == "POST" else "outcomes.view_desk"
    )
    act = request.POST.get("act", "")
    if request.method == "POST" and act not in ACTS:
        return HttpResponseBadRequest()
    listing = Listing(request, consultation)
    ticked = (request.POST if request.method == "POST" else request.GET).getlist("input")
    forms = {
        "tag": TagForm(request.POST if act in {"tag", "untag"} else None, prefix="tag"),
        "set_aside": SetAsideForm(request.POST if act == "set_aside" else None, prefix="aside"),
        "use": UseForm(request.POST if act == "use" else None, prefix="use", consultation=consultation),
    }
    for_all = act in FOR_ALL and "all" in request.POST
    chosen = listing.matching if for_all else chosen_inputs(request, consultation, ticked)
    if act and not (listing.keys if for_all else numbers_in(ticked)):
        messages.error(request, _("Choose at least one input: tick the box beside it."))
    elif for_all and request.POST["all"] != str(len(listing.keys)):
        messages.error(
            request,
            _("Meanwhile %(number)s inputs match, not as many as when you looked. Nothing is done yet: look again.")
            % {"number": len(listing.keys)},
        )
    elif act and (done := _act_on(request, consultation, act, chosen, forms)):
        return done
    return _show_inputs(request, listing, act, forms, set(numbers_in(ticked)))


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


def chosen_inputs(request: HttpRequest, consultation: Consultation, numbers: Iterable[str]) -> InputQuerySet:
    """The submitted inputs of the consultation with these numbers that the person may see, in their order."""
    submitted = Input.objects.visible_to(request.user).submitted().filter(consultation=consultation)
    submitted = submitted.filter(number__in=numbers_in(numbers))
    return submitted.with_author().with_area().order_by("number")


def inputs_on_page(request: HttpRequest, keys: Sequence[int], search: Search) -> Page[Any]:
    """The page of the inputs with these keys that the address asks for, with authors and areas, their words marked.

    Lists are found by keys alone, so that no database sorts the texts of thousands of inputs to show fifty.
    """
    page = page_of(request, keys)
    rows = Input.objects.with_author().with_area().annotate(reason_set_aside=reason_set_aside())
    taggings = Prefetch("taggings", Tagging.objects.select_related("tag").order_by("tag__name"))
    found = search.with_stems(rows.prefetch_related(taggings, "attachments")).in_bulk(list(page.object_list))
    page.object_list = [found[key] for key in page.object_list]
    search.mark(page.object_list)
    return page


def _act_on(
    request: HttpRequest, consultation: Consultation, act: str, chosen: InputQuerySet, forms: dict[str, Any]
) -> HttpResponse | None:
    """Do one act with the chosen inputs; None where it was refused and the list is to be shown again."""
    selection = ""
    if act in {"draft", "use"}:
        selection = urlencode({"input": list(chosen.values_list("number", flat=True))}, doseq=True)
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
    request: HttpRequest, listing: Listing, act: str, forms: dict[str, Any], chosen: set[int]
) -> HttpResponse:
    consultation, filter_form = listing.consultation, listing.filter
    page = inputs_on_page(request, listing.keys, filter_form.search)
    add_fates_at_the_desk(page.object_list)
    add_sources(request, page.object_list, consultation)
    shown = {input.number for input in page.object_list}
    ticked = chosen_inputs(request, consultation, map(str, chosen)) if chosen else []
    on_the_table = texts_on_the_table(consultation)
    for input in page.object_list:
        input.laid = on_the_table.get(input.bears_on)
    works = may_work(request, consultation)
    return render(
        request,
        "outcomes/desk/inputs.html",
        {
            "consultation": consultation,
            "tab": "inputs",
            "page": page,
            "filter": filter_form,
            "is_filtered": filter_form.is_active,
            "coverage": coverage_table(consultation, areas=filter_form.areas, types=filter_form.types),
            "forms": forms,
            "act": act,
            "chosen": chosen,
            "ticked_elsewhere": [input for input in ticked if input.number not in shown],
            "may_work": works,
            "codebook": [tag for tag in filter_form.codebook if tag.retired_at is None] if works else [],
            "on_the_table": on_the_table.values() if works else [],
            "query": request.GET.urlencode(),
        },
    )


def _back_to_list(request: HttpRequest, code: str, *, number: int | None = None) -> HttpResponse:
    """To the list as it was filtered, and there to the input with that number."""
    query = request.GET.urlencode()
    place = f"#input-{number}" if number else ""
    return redirect(f"{reverse('outcomes:desk_inputs', args=[code])}{'?' if query else ''}{query}{place}")
