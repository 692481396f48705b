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

from consultations.lifecycle import lock
from consultations.models import Answer, Consultation, ConsultationState, Participation
from stakeholders.messages import post
from stakeholders.models import Person
from stakeholders.refusals import Refused

SALT = "consultations.invitation"


class InvalidLink(Refused):
    """The link of an invitation is forged, too old or was revoked. Which of these it is, nobody is told."""


def invite(participations: Iterable[Participation], *, by: Person, at: datetime) -> int:
    """Invite those who were not invited yet, by a mail with a signed link each; returns how many.

    Raises Refused when the consultation is not announced, or somebody has no e-mail address (naming them).
    """
    with transaction.atomic():
        # Of two who send at once the second waits here, and finds nobody left to invite.
        for consultation in Consultation.objects.filter(participations__in=participations).distinct().order_by("pk"):
            lock(consultation)
        chosen = list(
            Participation.objects.filter(
                pk__in=[participation.pk for participation in participations], answer=Answer.NOT_INVITED
            ).select_related("consultation__host", "consultation__series", "person")
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
            post(
                participation.person,
                occasion="invitation",
                subject=_("Invitation: %(title)s") % {"title": participation.consultation.title},
                template="stakeholders/mail/invitation",
                context={
                    "participation": participation,
                    "consultation": participation.consultation,
                    "url": settings.SITE_URL + invitation_path(participation),
                },
            )
    return len(chosen)


def accept(participation: Participation, *, may_be_listed: bool, at: datetime) -> None:
    """Take the answer “I come”. It may be changed later. Raises Refused when not invited or the event has ended."""
    _answer(participation, Answer.ACCEPTED, at=at, may_be_listed=may_be_listed, decline_reason="")


def decline(participation: Participation, *, reason: str, at: datetime) -> None:
    """Take the answer “I cannot come”, with a reason if one was given. Raises Refused as `accept` does."""
    _answer(participation, Answer.DECLINED, at=at, decline_reason=reason.strip())


def set_listing(participation: Participation, *, may_be_listed: bool) -> None:
    """Take or take back the consent to stand in the list of participants; at any time, for it is the person's own."""
    participation.may_be_listed = may_be_listed
    participation.save(update_fields=["may_be_listed"])


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


def _answer(participation: Participation, answer: Answer, *, at: datetime, **fields: object) -> None:
    consultation: Consultation = participation.consultation
    if consultation.state in ConsultationState.ended():
        raise Refused(_("This consultation has ended, so the answer cannot be changed any more."))
    with transaction.atomic():
        changed = (
            Participation.objects.filter(pk=participation.pk)
            .exclude(answer=Answer.NOT_INVITED)
            .update(answer=answer, answered_at=at, **fields)
        )
        if not changed:
            raise Refused(_("There is no invitation to answer."))
        participation.refresh_from_db()
        participation.save()
