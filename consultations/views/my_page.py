"""What concerns one person: the invitations, the events, and what became of each input."""

from django.core.paginator import Paginator
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consultations.models import Answer, Consultation, ConsultationState, Input, Participation

ROWS_A_PAGE = 50


@require_safe
def my_page(request: HttpRequest) -> HttpResponse:
    """Open invitations first, then the events, then the own inputs, newest event first."""
    at = timezone.now()
    events = Paginator(_events(request), ROWS_A_PAGE).get_page(request.GET.get("events"))
    inputs = Paginator(_inputs(request), ROWS_A_PAGE).get_page(request.GET.get("page"))
    shown = {participation.consultation_id for participation in events}
    return render(
        request,
        "consultations/my_page.html",
        {
            "events": events,
            "open_for_inputs": {participation.pk for participation in events if participation.may_give_inputs(at=at)},
            "inputs": inputs,
            "desks": set(Consultation.objects.desk_of(request.user).filter(pk__in=shown).values_list("pk", flat=True)),
        },
    )


def _events(request: HttpRequest) -> QuerySet[Participation]:
    """The person's participations; those that wait for an answer come first, then the newest events."""
    waits = Q(answer=Answer.INVITED) & ~Q(consultation__state__in=ConsultationState.ended())
    return (
        Participation.objects.of(request.user)
        .invited()
        .select_related("consultation__series", "organisation", "stakeholder_type")
        .annotate(waits=ExpressionWrapper(waits, BooleanField()))
        .order_by("-waits", F("consultation__starts_on").desc(nulls_first=True), "pk")
    )


def _inputs(request: HttpRequest) -> QuerySet[Input]:
    """The person's inputs by event, drafts at the head of each."""
    return (
        Input.objects.own(request.user)
        .with_area()
        .order_by(
            F("consultation__starts_on").desc(nulls_first=True), "consultation", F("number").asc(nulls_first=True), "pk"
        )
    )
