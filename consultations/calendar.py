"""A consultation as an iCalendar file (RFC 5545), and as what mail programs take over themselves (RFC 5546)."""

from datetime import date, datetime, timedelta
from email.utils import parseaddr
from typing import Any, Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, Model
from icalendar import Calendar, Event, Timezone, vCalAddress

from consultations.models import AgendaSession, Consultation, ConsultationState, Participation

PRODUCT = "-//The Hague Process//Consultations//EN"
YEAR = timedelta(days=365)


def calendar_of(consultation: Consultation, *, site_url: str, at: datetime) -> bytes:
    """Write the calendar file of a consultation whose dates are set; sessions with a time are events of their own.

    Days are days of the place, so the consultation itself is an all-day event; sessions carry the event's own time
    zone. The UIDs stay, and SEQUENCE grows with every change of plan or agenda, so that a calendar which has an
    earlier file takes the change over. `site_url`: without a slash at the end. `at`: used as the time of the last
    change where none is recorded. Raises ValueError while the dates are open.
    """
    if consultation.starts_on is None:
        raise ValueError("a consultation without dates has no calendar")
    number_of_changes, changed_at = _changes(consultation)
    domain = urlsplit(site_url).hostname
    shared = {
        "url": f"{site_url}{consultation.get_absolute_url()}",
        "sequence": number_of_changes,
        "dtstamp": changed_at or at,
        "status": _status(consultation),
    }

    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", consultation.title)
    if consultation.time_zone:
        # A year before and after is enough to know summer time around the event.
        last_day = consultation.ends_on or consultation.starts_on
        zone = Timezone.from_tzid(
            consultation.time_zone, first_date=consultation.starts_on - YEAR, last_date=last_day + YEAR
        )
        calendar.add_component(zone)
    calendar.add_component(_whole_event(consultation, site_url=site_url, **shared))
    for session in consultation.sessions.filter(starts_at__isnull=False).order_by("starts_at", "order", "pk"):
        calendar.add_component(
            _event(
                uid=f"{consultation.code}-session-{session.pk}@{domain}",
                summary=f"{consultation.code}: {session.title}",
                dtstart=_local(session.starts_at, consultation),
                dtend=_local(session.ends_at, consultation),
                location=_location(consultation, room=session.room),
                **shared,
            )
        )
    return bytes(calendar.to_ical())


def entry_for(
    participation: Participation, *, method: Literal["REQUEST", "CANCEL"], site_url: str, at: datetime
) -> str:
    """Write what a mail program puts into one participant's calendar, or takes out of it again (RFC 5546).

    The UID is that of `calendar_of`, so that a calendar knows it again. Empty while the dates are open. Needs the
    participation loaded with person and consultation.
    """
    consultation, person = participation.consultation, participation.person
    if consultation.starts_on is None:
        return ""
    organiser = vCalAddress(f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organiser.params["CN"] = consultation.host.name if consultation.host else consultation.series.title
    attendee = vCalAddress(f"mailto:{person.email}")
    attendee.params["CN"] = person.name
    attendee.params["PARTSTAT"] = "ACCEPTED" if method == "REQUEST" else "DECLINED"
    calendar = _calendar(method)
    event = _whole_event(
        consultation,
        site_url=site_url,
        url=f"{site_url}{consultation.get_absolute_url()}",
        sequence=_changes(consultation)[0],
        dtstamp=at,
        status="CANCELLED" if method == "CANCEL" else "CONFIRMED",
    )
    event.add("organizer", organiser)
    event.add("attendee", attendee)
    calendar.add_component(event)
    return calendar.to_ical().decode()


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _whole_event(consultation: Consultation, *, site_url: str, **properties: Any) -> Event:
    starts_on: Any = consultation.starts_on
    return _event(
        uid=f"{consultation.code}@{urlsplit(site_url).hostname}",
        summary=consultation.title,
        dtstart=starts_on,
        dtend=(consultation.ends_on or starts_on) + timedelta(days=1),
        location=_location(consultation),
        description=consultation.description,
        transp="TRANSPARENT",
        **properties,
    )


def _event(**properties: Any) -> Event:
    event = Event()
    for name, value in properties.items():
        if value not in (None, ""):
            event.add(name, value)
    return event


def _local(moment: datetime | None, consultation: Consultation) -> date | None:
    return moment and moment.astimezone(consultation.zone)


def _location(consultation: Consultation, *, room: str = "") -> str:
    return ", ".join(filter(None, [room, consultation.venue, consultation.city, consultation.country]))


def _status(consultation: Consultation) -> str:
    if consultation.state == ConsultationState.CANCELLED:
        return "CANCELLED"
    return "TENTATIVE" if consultation.state == ConsultationState.PLANNED else "CONFIRMED"


def _changes(consultation: Consultation) -> tuple[int, datetime | None]:
    """How often plan and agenda have been changed, and when last; a cancellation counts as one more."""
    plan = _history(Consultation.history.model, id=consultation.pk)
    agenda = _history(AgendaSession.history.model, consultation_id=consultation.pk)
    moments = [moment for moment in [plan["last"], agenda["last"], consultation.cancelled_at] if moment]
    number = plan["number"] + agenda["number"] + (consultation.cancelled_at is not None)
    return number, max(moments, default=None)


def _history(model: type[Model], **condition: int) -> dict[str, Any]:
    records = model._default_manager.filter(**condition)
    return records.aggregate(number=Count("history_id"), last=Max("history_date"))
