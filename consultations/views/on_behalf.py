"""Writing down what somebody gave on paper or at the table."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consultations import inputs
from consultations.forms import EnteredInputForm
from consultations.models import Consultation, Participation
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The form of an input, filled in by programme staff on behalf of one participant."""
    consultation = get_object_or_404(Consultation.objects.visible_to(request.user), code=code)
    if not request.user.has_perm("consultations.enter_input", consultation):
        raise PermissionDenied
    rows = Participation.objects.visible_to(request.user).filter(consultation=consultation)
    loaded = rows.select_related("person", "organisation", "stakeholder_type", "consultation__series")
    participation = get_object_or_404(loaded, pk=pk)
    form = EnteredInputForm(request.POST or None, participation=participation)
    if form.is_valid():
        try:
            entered = inputs.enter(
                participation,
                fields=form.typed(),
                table=form.cleaned_data["table"],
                by=person_of(request.user),
                at=timezone.now(),
                form_key=form.cleaned_data["form_key"],
            )
        except Refused as refusal:
            form.add_error(None, refusal.reasons)
        else:
            told = {"reference": entered.reference, "name": participation.person.name}
            messages.success(request, _("%(reference)s is entered for %(name)s, who gets a receipt by mail.") % told)
            return redirect("consultations:enter_input", code, pk)
    context = {"consultation": participation.consultation, "participation": participation, "form": form}
    return render(request, "consultations/input_on_behalf.html", context)
