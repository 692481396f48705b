"""The places of a consultation, and who waits for one.

Organisers and rapporteurs always have a place and take none of those that are counted: without them nobody meets.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consultations import notices
from consultations.lifecycle import lock
from consultations.models import Answer, Consultation, ConsultationState, Participation, Role
from consultations.notices import FOR_MAIL, tell

WITHOUT_PLACE = (Role.ORGANISER, Role.RAPPORTEUR)


def has_place_for(participation: Participation) -> bool:
    """Whether somebody who says “I come” now gets a place: one is free, and nobody waits for it.

    Call it while the consultation is locked, or the last place may be given away twice.
    """
    if participation.role in WITHOUT_PLACE:
        return True
    consultation = participation.consultation
    free = free_places(consultation)
    return free is None or (free > 0 and not waiting(consultation).exists())


def free_places(consultation: Consultation) -> int | None:
    """How many places nobody has; None where they are not limited."""
    if consultation.places is None:
        return None
    taken = consultation.participations.filter(answer=Answer.ACCEPTED).exclude(role__in=WITHOUT_PLACE).count()
    return max(0, consultation.places - taken)


def waiting(consultation: Consultation) -> QuerySet[Participation]:
    """Who waits for a place, the first one first."""
    return consultation.participations.filter(answer=Answer.WAITING).order_by("answered_at", "pk")


def fill_places(consultation: Consultation, *, at: datetime) -> int:
    """Let those who wait move up into free places, and tell them; returns how many did. Once it is over nobody does.

    To be called by whatever makes a place free.
    """
    with transaction.atomic():
        consultation = lock(consultation)
        if consultation.state in ConsultationState.ended() or _is_over(consultation, at=at):
            return 0
        free = free_places(consultation)
        moving = list(waiting(consultation).select_related(*FOR_MAIL)[:free])
        for participation in moving:
            participation.answer = Answer.ACCEPTED
            participation.save(update_fields=["answer"])
            tell(participation, notices.PLACE_FREE, at=at, calendar="REQUEST")
    return len(moving)


def _is_over(consultation: Consultation, *, at: datetime) -> bool:
    last_day = consultation.ends_on or consultation.starts_on
    return last_day is not None and at.astimezone(consultation.zone).date() > last_day
