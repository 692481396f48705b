"""What everybody may see: the series, their announced consultations, and the calendar files."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from consultations.calendar import calendar_of
from consultations.models import AgendaSession, Consultation, ConsultationState, CooperationArea, Participation, Series

PER_PAGE = 50
UNDER_WAY_AT_MOST = 6


@dataclass
class Step:
    """One consultation on the time line of its series, with what the viewer may know of its neighbours."""

    consultation: Consultation
    receiver: Consultation | None = None
    sources: list[Consultation] = field(default_factory=list)


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The series, what is under way, and for somebody signed in what waits for their answer."""
    visible = Consultation.objects.visible_to(request.user)
    of_series = Q(consultations__in=visible)
    series = (
        Series.objects.visible_to(request.user)
        .annotate(
            number_of_consultations=Count("consultations", filter=of_series),
            number_concluded=Count("consultations", filter=of_series & Q(consultations__state="concluded")),
            first_day=Min("consultations__starts_on", filter=of_series),
            last_day=Max("consultations__ends_on", filter=of_series),
        )
        .order_by("title", "pk")
    )
    under_way = Consultation.objects.public().live().select_related("series").order_by("starts_on", "pk")
    return render(
        request,
        "consultations/home.html",
        {
            "page": Paginator(series, PER_PAGE).get_page(request.GET.get("page")),
            "under_way": under_way[:UNDER_WAY_AT_MOST],
            "unanswered": Participation.objects.of(request.user).filter(answer="invited").count(),
        },
    )


@login_not_required
@require_safe
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """A series: its question, its areas and its events on a time line. Planned events are shown to staff alone."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    steps = time_line(Consultation.objects.visible_to(request.user).filter(series=series))
    return render(
        request,
        "consultations/series.html",
        {
            "series": series,
            "areas": _with_questions(series.areas.all()),
            "page": Paginator(steps, PER_PAGE).get_page(request.GET.get("page")),
            "earlier_meetings": series.earlier_meetings.all(),
            "stakeholder_types": series.stakeholder_types.all(),
        },
    )


@login_not_required
@require_safe
def consultation(request: HttpRequest, code: str) -> HttpResponse:
    """A consultation: what, where and when, its agenda, what feeds into it and where it feeds."""
    visible = Consultation.objects.visible_to(request.user)
    consultation = get_object_or_404(visible.select_related("series", "host"), code=code)
    own = Participation.objects.of(request.user).invited().filter(consultation=consultation)
    participation = own.select_related("person", "consultation").first()
    at = timezone.now()
    neighbours = visible.filter(Q(pk=consultation.feeds_into_id) | Q(feeds_into=consultation)).in_order()
    return render(
        request,
        "consultations/consultation.html",
        {
            "consultation": consultation,
            "areas": _with_questions(consultation.areas.all()),
            "themes": consultation.themes.prefetch_related("areas") if consultation.is_hearing else [],
            "days": agenda_by_day(consultation),
            "partners": consultation.partners.all(),
            "step": Step(
                consultation,
                receiver=next((other for other in neighbours if other.pk == consultation.feeds_into_id), None),
                sources=[other for other in neighbours if other.pk != consultation.feeds_into_id],
            ),
            "participation": participation,
            "window": window_of(consultation, at=at),
            "more_time": participation is not None and participation.has_more_time(at=at),
        },
    )


@login_not_required
@require_safe
def calendar(request: HttpRequest, code: str) -> HttpResponse:
    """The consultation for one's own calendar; 404 while its dates are open."""
    consultation = get_object_or_404(Consultation.objects.visible_to(request.user), code=code)
    if consultation.starts_on is None:
        raise Http404
    return HttpResponse(
        calendar_of(consultation, site_url=settings.SITE_URL, at=timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{consultation.code}.ics"'},
    )


def time_line(consultations: QuerySet[Consultation]) -> list[Step]:
    """Put consultations in the order of the plan, each with those among them that it feeds and that feed it."""
    steps = {consultation.pk: Step(consultation) for consultation in consultations.order_by("order", "pk")}
    for step in steps.values():
        receiver = steps.get(step.consultation.feeds_into_id or 0)
        if receiver:
            step.receiver = receiver.consultation
            receiver.sources.append(step.consultation)
    return list(steps.values())


def agenda_by_day(consultation: Consultation) -> list[tuple[date | None, list[AgendaSession]]]:
    """The sessions by the day of the place; those without a time come last, under None.

    `moderator_is_listed` and `rapporteur_is_listed` say whether the person comes and agreed to be named in public.
    """
    listed = Participation.objects.listed().filter(consultation=consultation)
    sessions = consultation.sessions.select_related("area", "stakeholder_type", "moderator", "rapporteur").annotate(
        moderator_is_listed=Exists(listed.filter(person=OuterRef("moderator"))),
        rapporteur_is_listed=Exists(listed.filter(person=OuterRef("rapporteur"))),
    )
    by_day: dict[date | None, list[AgendaSession]] = defaultdict(list)
    for session in sessions.order_by("order", "pk"):
        by_day[session.starts_at.astimezone(consultation.zone).date() if session.starts_at else None].append(session)
    return sorted(by_day.items(), key=lambda day: day[0] or date.max)


def window_of(consultation: Consultation, *, at: datetime) -> str:
    """Where the input window stands: "" (none is planned), "to_come", "open" or "closed"."""
    if consultation.inputs_open_at is None or consultation.inputs_close_at is None:
        return ""
    if consultation.window_is_open(at=at):
        return "open"
    is_to_come = consultation.state in {ConsultationState.PLANNED, ConsultationState.ANNOUNCED}
    return "to_come" if is_to_come and at < consultation.inputs_close_at else "closed"


def _with_questions(areas: QuerySet[CooperationArea]) -> QuerySet[CooperationArea]:
    return areas.prefetch_related("guiding_questions")
