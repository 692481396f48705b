"""More time for inputs: for everybody, or for one person."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consultations import lifecycle, window
from consultations.forms import ClosingForm
from consultations.models import Consultation, Participation
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def for_all(request: HttpRequest, code: str) -> HttpResponse:
    """Let inputs in from everybody until a later moment."""
    consultation = _consultation(request, code)
    form = ClosingForm(request.POST or None, consultation=consultation)
    if form.is_valid():
        until, at = form.moment(), timezone.now()
        try:
            lifecycle.extend_window(consultation, closes_at=until, by=person_of(request.user), at=at)
        except Refused as refusal:
            form.add_error(None, refusal.reasons)
        else:
            told = {"moment": lifecycle.local_moment(until, consultation)}
            messages.success(request, _("Inputs are taken from everybody until %(moment)s.") % told)
            return redirect("consultations:participants", code)
    return _show(request, consultation, form)


@require_http_methods(["GET", "HEAD", "POST"])
def for_one(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Let inputs in from one person until a moment after the window."""
    consultation = _consultation(request, code)
    rows = Participation.objects.visible_to(request.user).select_related("person", "consultation")
    participation = get_object_or_404(rows, consultation=consultation, pk=pk)
    form = ClosingForm(request.POST or None, consultation=consultation)
    if form.is_valid():
        until, at = form.moment(), timezone.now()
        try:
            window.give_more_time(participation, until=until, by=person_of(request.user), at=at)
        except Refused as refusal:
            form.add_error(None, refusal.reasons)
        else:
            told = {"name": participation.person.name, "moment": lifecycle.local_moment(until, consultation)}
            messages.success(request, _("Inputs are taken from %(name)s until %(moment)s.") % told)
            return redirect("consultations:participants", code)
    return _show(request, consultation, form, participation)


def _consultation(request: HttpRequest, code: str) -> Consultation:
    visible = Consultation.objects.visible_to(request.user).select_related("series")
    consultation = get_object_or_404(visible, code=code)
    if not request.user.has_perm("consultations.give_more_time", consultation):
        raise PermissionDenied
    return consultation


def _show(
    request: HttpRequest, consultation: Consultation, form: ClosingForm, participation: Participation | None = None
) -> HttpResponse:
    context = {
        "consultation": consultation,
        "participation": participation,
        "form": form,
        "window": window.window_sentence(consultation, at=timezone.now()),
    }
    return render(request, "consultations/more_time.html", context)
