"""Days and moments as ISO texts."""

from datetime import date, datetime

from consultations.models import Consultation


def day_of(day: date | None) -> str:
    """Give a day; empty where it is open."""
    return day.isoformat() if day else ""


def local(moment: datetime | None, event: Consultation) -> str:
    """A moment in the event's own time, without its zone."""
    return moment.astimezone(event.zone).replace(tzinfo=None).isoformat(timespec="minutes") if moment else ""
