"""Inviting people and taking their answers."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from consultations import notices
from consultations.consents import note_consents, set_consents
from consultations.lifecycle import lock
from consultations.models import (
    Answer,
    ConsentKind,
    Consultation,
    ConsultationState,
    Letter,
    LetterKind,
    Needs,
    Participation,
)
from consultations.notices import FOR_MAIL, tell
from consultations.places import fill_places, has_place_for
from consultations.wording import words_for
from stakeholders.messages import post
from stakeholders.models import Person
from stakeholders.refusals import Refused

SALT = "consultations.invitation"


class InvalidLink(Refused):
    """The link of an invitation is forged, too old or was revoked. Which of these it is, nobody is told."""


def invite(participations: Iterable[Participation], *, by: Person, at: datetime, letter: Letter | None = None) -> int:
    """Invite those who were not invited yet, by a mail with a signed link each; returns how many.

    The mail has the words of `letter`, which needs its texts prefetched, or else the standard ones.

    Raises Refused when the consultation is not announced, or somebody has no e-mail address (naming them).
    """
    with transaction.atomic():
        # Of two who send at once the second waits here, and finds nobody left to invite.
        for consultation in Consultation.objects.filter(participations__in=participations).distinct().order_by("pk"):
            lock(consultation)
        chosen = list(
            Participation.objects.filter(
                pk__in=[participation.pk for participation in participations], answer=Answer.NOT_INVITED
            ).select_related(*FOR_MAIL)
        )
        for consultation in {participation.consultation for participation in chosen}:
            if consultation.state != ConsultationState.ANNOUNCED:
                raise Refused(
                    _("%(code)s is %(state)s. Invitations go out while a consultation is announced.")
                    % {"code": consultation.code, "state": consultation.get_state_display()}
                )
        without_address = [str(participation.person) for participation in chosen if not participation.person.email]
        if without_address:
            raise Refused(
                _("There is no e-mail address for: %(names)s. Add it in the address book, or leave them out.")
                % {"names": ", ".join(without_address)}
            )
        for participation in chosen:
            participation.answer = Answer.INVITED
            participation.invited_at = at
            participation.save()
            send_link(participation, LetterKind.INVITATION, letter=letter)
    return len(chosen)


def send_link(participation: Participation, kind: LetterKind, *, letter: Letter | None = None) -> None:
    """Post the mail with the signed link. A letter goes to nobody twice. Needs the participation loaded FOR_MAIL."""
    words = words_for(participation, letter, kind=kind)
    post(
        participation.person,
        occasion=str(kind),
        subject=words.subject,
        template="stakeholders/mail/invitation",
        context={
            "words": words,
            "participation": participation,
            "consultation": participation.consultation,
            "url": settings.SITE_URL + invitation_path(participation),
        },
        is_reminder=kind == LetterKind.REMINDER,
        once=f"letter-{letter.pk}-{participation.pk}" if letter else None,
    )


def accept(
    participation: Participation,
    *,
    may_be_listed: bool,
    may_be_photographed: bool = False,
    may_be_asked_again: bool = False,
    at: datetime,
) -> None:
    """Take the answer “I come”, and tell by mail whether there is a place; whoever comes later than the last one waits.

    The three consents are kept as they are said, see `consents`. The answer may be changed later, and whoever has said
    it before keeps the place or the turn. Raises Refused when not invited or the event has ended.
    """
    consents = {
        ConsentKind.LISTING: may_be_listed,
        ConsentKind.PHOTOGRAPHS: may_be_photographed,
        ConsentKind.FOLLOW_UP: may_be_asked_again,
    }
    with transaction.atomic():
        row = _to_answer(participation)
        if row.answer in {Answer.ACCEPTED, Answer.WAITING}:
            set_consents(participation, consents, at=at)
            return
        answer = Answer.ACCEPTED if has_place_for(row) else Answer.WAITING
        agreed = note_consents(row, consents, at=at)
        _write_answer(participation, row, answer=answer, answered_at=at, decline_reason="", **agreed)
        if answer == Answer.ACCEPTED:
            tell(row, notices.ACCEPTED, at=at, calendar="REQUEST")
        else:
            tell(row, notices.WAITING, at=at)


def decline(participation: Participation, *, reason: str, at: datetime) -> None:
    """Take the answer “I cannot come”, with a reason if one was given; the place goes to the next who waits.

    What they needed on site is forgotten.

    Raises Refused as `accept` does.
    """
    with transaction.atomic():
        row = _to_answer(participation)
        had_place = row.answer == Answer.ACCEPTED
        _write_answer(participation, row, answer=Answer.DECLINED, answered_at=at, decline_reason=reason.strip())
        Needs.objects.filter(participation=row).delete()
        if had_place:
            tell(row, notices.GIVEN_BACK, at=at, calendar="CANCEL")
            fill_places(row.consultation, at=at)


def revoke_link(participation: Participation) -> None:
    """Make every link sent to this person for this consultation so far worthless."""
    Participation.objects.filter(pk=participation.pk).update(link_number=F("link_number") + 1)


def invitation_path(participation: Participation) -> str:
    """Give the path of the signed link of the invitation.

    The token holds row and link number, nothing personal, and a hash of who is meant: on a site to which the series
    was moved, the row may be somebody else's.
    """
    token = signing.dumps([participation.pk, participation.link_number, _mark(participation)], salt=SALT)
    return reverse("consultations:invitation_link", args=[token])


def participation_of_link(token: str) -> Participation:
    """Give the participation that a signed link stands for.

    Raises InvalidLink for a forged or revoked one, and after settings.INVITATION_DAYS.
    """
    try:
        pk, link_number, mark = signing.loads(token, salt=SALT, max_age=timedelta(days=settings.INVITATION_DAYS))
        invited = Participation.objects.select_related("consultation", "person").exclude(answer=Answer.NOT_INVITED)
        participation = invited.get(pk=pk, link_number=link_number)
        if mark != _mark(participation):
            raise signing.BadSignature("the row is somebody else's")
        return participation
    except (signing.BadSignature, Participation.DoesNotExist, TypeError, ValueError) as fault:
        raise InvalidLink(
            _("This link is not valid, or not valid any more. Sign in with your e-mail address instead.")
        ) from fault


def _mark(participation: Participation) -> str:
    who = f"{participation.consultation.code}/{participation.person.key}"
    return salted_hmac(SALT, who).hexdigest()[:16]


def _to_answer(participation: Participation) -> Participation:
    """Read the row afresh, keeping the consultation from changing until the transaction ends. Raises Refused."""
    consultation = lock(participation.consultation)
    if consultation.state in ConsultationState.ended():
        raise Refused(_("This consultation has ended, so the answer cannot be changed any more."))
    row = Participation.objects.select_related(*FOR_MAIL).get(pk=participation.pk)
    if row.answer == Answer.NOT_INVITED:
        raise Refused(_("There is no invitation to answer."))
    return row


def _write_answer(participation: Participation, row: Participation, **fields: object) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=fields)
    participation.refresh_from_db()
