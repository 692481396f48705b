"""The codebook of the series, as the desk of one consultation sees it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consultations.models import Consultation
from outcomes import codebook
from outcomes.forms.inputs import DescribeTagForm, MergeTagForm
from outcomes.models import Tag
from outcomes.views.access import consultation_for, page_of, told, told_in
from stakeholders.accounts import person_of

ACTS = {"describe", "merge", "retire", "resume"}


@require_http_methods(["GET", "HEAD", "POST"])
def desk_codebook(request: HttpRequest, code: str) -> HttpResponse:
    """All tags of the series; a POST adds one."""
    consultation = _desk_for(request, code)
    form = DescribeTagForm(request.POST or None)
    if form.is_valid():
        with told_in(form):
            tag = codebook.add_tag(consultation.series, **form.cleaned_data, by=person_of(request.user))
            messages.success(request, _("“%(tag)s” is in the codebook.") % {"tag": tag})
            return redirect("outcomes:codebook", code)
    context = {
        "consultation": consultation,
        "tab": "inputs",
        "form": form,
        "page": page_of(request, _counted(consultation).order_by("retired_at", "name")),
        "may_change": request.user.has_perm("outcomes.change_codebook", consultation.series),
    }
    return render(request, "outcomes/desk/codebook.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def desk_tag(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One tag; a POST renames and describes it, merges it into another, retires it or takes it up again."""
    consultation = _desk_for(request, code)
    tag = get_object_or_404(_counted(consultation), pk=pk)
    act = request.POST.get("act", "")
    if request.method == "POST" and act not in ACTS:
        return HttpResponseBadRequest()
    written = {"name": tag.name, "description": tag.description}
    describe = DescribeTagForm(request.POST if act == "describe" else None, initial=written)
    merge = MergeTagForm(request.POST if act == "merge" else None, tag=tag)
    by = person_of(request.user) if act else None
    if by and act == "describe" and describe.is_valid():
        with told_in(describe):
            codebook.describe_tag(tag, **describe.cleaned_data, by=by)
            messages.success(request, _("The tag is kept as “%(name)s”.") % describe.cleaned_data)
            return redirect("outcomes:codebook", code)
    if by and act == "merge" and merge.is_valid():
        with told_in(merge):
            into = merge.cleaned_data["into"]
            moved = codebook.merge_tags(tag, into=into, by=by)
            text = ngettext(
                "“%(tag)s” is merged into “%(into)s”, which %(count)s more input has now.",
                "“%(tag)s” is merged into “%(into)s”, which %(count)s more inputs have now.",
                moved,
            )
            messages.success(request, text % {"tag": tag.name, "into": into, "count": moved})
            return redirect("outcomes:codebook", code)
    if by and act in {"retire", "resume"}:
        with told(request):
            if act == "retire":
                codebook.retire_tag(tag, by=by, at=timezone.now())
                messages.success(request, _("“%(tag)s” is retired. Inputs that have it keep it.") % {"tag": tag})
            else:
                codebook.resume_tag(tag, by=by)
                messages.success(request, _("“%(tag)s” can be put on inputs again.") % {"tag": tag})
        return redirect("outcomes:codebook", code)
    context = {
        "consultation": consultation,
        "tab": "inputs",
        "tag": tag,
        "describe": describe,
        "merge": merge,
        "may_change": request.user.has_perm("outcomes.change_codebook", consultation.series),
        "history": tag.history.select_related("history_user__person").order_by("-history_id")[:20],
    }
    return render(request, "outcomes/desk/tag.html", context)


def _desk_for(request: HttpRequest, code: str) -> Consultation:
    consultation = consultation_for(request, code, "outcomes.view_desk")
    if request.method == "POST" and not request.user.has_perm("outcomes.change_codebook", consultation.series):
        raise PermissionDenied
    return consultation


def _counted(consultation: Consultation) -> QuerySet[Tag]:
    """The tags of the series, with how many submitted inputs have each, here and in the whole series."""
    submitted = Q(taggings__input__state="submitted")
    here = Q(taggings__input__consultation=consultation)
    return Tag.objects.filter(series=consultation.series_id).annotate(
        of_the_event=Count("taggings", filter=submitted & here), of_the_series=Count("taggings", filter=submitted)
    )
