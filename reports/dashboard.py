"""What the programme staff see first in the admin: what needs doing now."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.lifecycle import local_moment
from consultations.models import Answer, Consultation, ConsultationState
from jobs.models import Job, JobState
from stakeholders.models import ErasureRequest

SOON = timedelta(days=7)
SHOWN = 20


def what_needs_doing(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add to the context of the admin's index: consultations under way with their next act, failed jobs, and
    who waits for an answer.
    """
    waiting = Count("participations", filter=Q(participations__answer=Answer.INVITED))
    uninvited = Count("participations", filter=Q(participations__answer=Answer.NOT_INVITED))
    under_way = (
        Consultation.objects.live()
        .select_related("series")
        .annotate(waiting=waiting, uninvited=uninvited)
        .order_by("series__title", "order", "pk")[:SHOWN]
    )
    context["consultations"] = [{"row": row, "next": _next_act(row)} for row in under_way]
    context["failed_jobs"] = _failed_jobs()
    context["wishes_to_be_erased"] = ErasureRequest.objects.filter(answered_at=None).count()
    return context


def _next_act(row: Any) -> str:
    now = timezone.now()
    match row.state:
        case ConsultationState.PLANNED:
            return _("Complete the plan and announce it.")
        case ConsultationState.ANNOUNCED if row.uninvited:
            return _("%(number)s people are not invited yet.") % {"number": row.uninvited}
        case ConsultationState.ANNOUNCED if row.inputs_close_at and row.inputs_close_at <= now:
            return _("The input window has closed: close the inputs, so that the synthesis begins.")
        case ConsultationState.ANNOUNCED if row.inputs_close_at and row.inputs_close_at - now <= SOON:
            return _("Inputs close soon: %(moment)s.") % {"moment": local_moment(row.inputs_close_at, row)}
        case ConsultationState.ANNOUNCED:
            return _("Inputs are coming in. %(number)s invitations wait for an answer.") % {"number": row.waiting}
        case ConsultationState.IN_SYNTHESIS:
            return _("The rapporteurs draft outcomes at the desk.")
        case _:
            return _("Participants read the drafts. An organiser or you can sign and conclude.")


def _failed_jobs() -> list[dict[str, Any]]:
    """How many jobs of each kind failed, with the way to them."""
    found = []
    for model in apps.get_models():
        if issubclass(model, Job) and (number := model._default_manager.filter(state=JobState.FAILED).count()):
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            found.append(
                {"name": model._meta.verbose_name_plural, "number": number, "url": f"{url}?state__exact=failed"}
            )
    return found
