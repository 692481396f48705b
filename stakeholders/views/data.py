"""What is held about oneself: to read, to take along, to correct, and to have erased."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from stakeholders import erasure
from stakeholders.accounts import correct_record, person_of
from stakeholders.everything import as_json, everything_about, what_they_did
from stakeholders.forms import ErasureForm, OwnRecordForm
from stakeholders.refusals import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """Everything that is held about whoever asks; a POST corrects the own record."""
    person = person_of(request.user)
    known = {"name": person.name, "country": person.country, "language": person.language}
    form = OwnRecordForm(request.POST or None, initial=known)
    if form.is_valid():
        correct_record(person, **form.cleaned_data)
        messages.success(request, _("Corrected. What is published already stays as it is."))
        return redirect("stakeholders:data")
    return render(
        request,
        "stakeholders/data.html",
        {
            "form": form,
            "sections": everything_about(person),
            "acts": what_they_did(person),
            "wish": person.erasure_requests.first(),
            "erasure_form": ErasureForm(initial={"removes_texts": "no"}),
        },
    )


@never_cache
@require_safe
def data_json(request: HttpRequest) -> HttpResponse:
    """The same for a program to read."""
    response = JsonResponse(
        as_json(person_of(request.user), at=timezone.now()), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    response["Content-Disposition"] = 'attachment; filename="everything-about-me.json"'
    return response


@require_POST
def erasure_wish(request: HttpRequest) -> HttpResponse:
    """Ask to be erased, or take the wish back."""
    person = person_of(request.user)
    if request.POST.get("act") == "take_back":
        erasure.take_back(person)
        messages.success(request, _("You stay. Nothing was erased."))
        return redirect("stakeholders:data")
    form = ErasureForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose what is to become of your inputs."))
        return redirect("stakeholders:data")
    try:
        erasure.ask(person, removes_texts=form.cleaned_data["removes_texts"], at=timezone.now())
        messages.success(request, _("Your wish is with the programme staff. Until they answer you can take it back."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("stakeholders:data")
