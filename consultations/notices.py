"""What people are told by mail about the consultation they come to: that they have a place, that it has moved ..."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.calendar import entry_for
from consultations.models import Answer, Consultation, Participation
from consultations.templatetags.consultation_facts import dates, place
from stakeholders.messages import in_language_of, post

FOR_MAIL = ("person", "organisation", "stakeholder_type", "consultation__series", "consultation__host")
"""What of a participation a mail tells; to be loaded with it."""


@dataclass(frozen=True)
class Notice:
    """What one mail says: the subject and its paragraphs, written when it is known who reads it."""

    occasion: str
    write: Callable[[Consultation], tuple[str, list[str]]]


ACCEPTED = Notice(
    "accepted",
    lambda consultation: (
        _("You take part: %(title)s") % {"title": consultation.title},
        [
            _("thank you: you have a place at this consultation. The entry for your calendar comes with this message."),
            _("If you cannot come after all, say so on the page below, so that somebody else can."),
        ],
    ),
)
WAITING = Notice(
    "waiting",
    lambda consultation: (
        _("You are on the waiting list: %(title)s") % {"title": consultation.title},
        [
            _("thank you for saying that you come. All places are taken now, so you are on the waiting list."),
            _("As soon as a place is free you get it and are told by mail; there is nothing that you have to do."),
        ],
    ),
)
PLACE_FREE = Notice(
    "place_free",
    lambda consultation: (
        _("There is a place for you: %(title)s") % {"title": consultation.title},
        [
            _("a place has become free, and it is yours. The entry for your calendar comes with this message."),
            _("If you cannot come any more, say so on the page below, so that the next one can."),
        ],
    ),
)
GIVEN_BACK = Notice(
    "place_given_back",
    lambda consultation: (
        _("You do not come: %(title)s") % {"title": consultation.title},
        [
            _("you have told us that you cannot come after all. The entry goes out of your calendar."),
            _("You can change your mind on the page below."),
        ],
    ),
)
MOVED = Notice(
    "moved",
    lambda consultation: (
        _("Date or place has changed: %(title)s") % {"title": consultation.title},
        [
            _("this consultation is at another time or place than you were told. It is now: %(when)s, %(where)s.")
            % {"when": dates(consultation), "where": place(consultation)},
            _("If you cannot come then, say so on the page below."),
        ],
    ),
)
CANCELLED = Notice(
    "cancelled",
    lambda consultation: (
        _("Cancelled: %(title)s") % {"title": consultation.title},
        [
            _("this consultation does not take place."),
            consultation.cancellation_reason,
        ],
    ),
)


def tell(
    participation: Participation,
    notice: Notice,
    *,
    at: datetime,
    calendar: Literal["REQUEST", "CANCEL"] | None = None,
    once: str | None = None,
) -> None:
    """Post a notice to one participant, who may have no address: then nothing is sent.

    `calendar` says what becomes of the entry in their calendar. Needs the participation loaded FOR_MAIL.
    """
    if not participation.person.email:
        return
    consultation: Consultation = participation.consultation
    entry = entry_for(participation, method=calendar, site_url=settings.SITE_URL, at=at) if calendar else ""
    with in_language_of(participation.person):
        subject, paragraphs = notice.write(consultation)
        post(
            participation.person,
            occasion=notice.occasion,
            subject=subject,
            template="stakeholders/mail/notice",
            context={
                "paragraphs": paragraphs,
                "participation": participation,
                "consultation": consultation,
                "url": settings.SITE_URL + reverse("consultations:invitation", args=[consultation.code]),
            },
            calendar=entry,
            once=once,
        )


def tell_moved(consultation: Consultation, *, at: datetime) -> int:
    """Tell everybody who was invited and has not declined where and when it is now; returns how many are told."""
    return _tell_all(consultation, MOVED, at=at, calendar="REQUEST")


def tell_cancelled(consultation: Consultation, *, at: datetime) -> int:
    """Tell everybody who was invited and has not declined why it does not take place; returns how many are told."""
    return _tell_all(consultation, CANCELLED, at=at, calendar="CANCEL")


def _tell_all(
    consultation: Consultation, notice: Notice, *, at: datetime, calendar: Literal["REQUEST", "CANCEL"]
) -> int:
    """Only who has a place has an entry in the calendar."""
    expecting = _loaded(consultation, Answer.expecting())
    for participation in expecting:
        tell(participation, notice, at=at, calendar=calendar if participation.answer == Answer.ACCEPTED else None)
    return len(expecting)


def _loaded(consultation: Consultation, answers: Iterable[Answer]) -> list[Participation]:
    rows = consultation.participations.filter(answer__in=answers, person__email__isnull=False)
    return list(rows.select_related(*FOR_MAIL))
