"""Until when inputs are taken: the window of a consultation, and more time than that for one person."""

from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from consultations.lifecycle import local_moment, lock
from consultations.models import Answer, Consultation, ConsultationState, Participation
from stakeholders.messages import post
from stakeholders.models import Person
from stakeholders.refusals import Refused


def require_open(participation: Participation, *, at: datetime) -> Consultation:
    """Keep the consultation from changing until the transaction ends. Raises Refused when it takes no inputs now."""
    participation.consultation = consultation = lock(participation.consultation)
    if not participation.may_give_inputs(at=at):
        raise Refused(window_sentence(consultation, at=at))
    return consultation


def window_sentence(consultation: Consultation, *, at: datetime, participation: Participation | None = None) -> str:
    """Say in one sentence, in the event's own time, whether inputs are taken and until or from when.

    With `participation` it is said to that person, who may have been given more time.
    """
    if participation is not None and participation.has_more_time(at=at):
        moment = local_moment(cast(datetime, participation.more_time_until), consultation)
        return _("The organisers take inputs from you until %(moment)s.") % {"moment": moment}
    opens, closes = consultation.inputs_open_at, consultation.inputs_close_at
    if consultation.state == ConsultationState.CANCELLED:
        return _("The consultation is cancelled, so no inputs are taken.")
    if not opens or not closes:
        return _("It is not decided yet when inputs are taken.")
    if consultation.window_is_open(at=at):
        return _("Inputs are taken until %(moment)s.") % {"moment": local_moment(closes, consultation)}
    if consultation.state == ConsultationState.ANNOUNCED and at < opens:
        return _("Inputs are taken from %(moment)s.") % {"moment": local_moment(opens, consultation)}
    return _("The time for inputs ended on %(moment)s.") % {"moment": local_moment(closes, consultation)}


def give_more_time(participation: Participation, *, until: datetime, by: Person, at: datetime) -> None:
    """Take inputs from one person until a moment after the window, and tell them by mail.

    Raises Refused for somebody who has not accepted, once the drafts are laid open, and for a moment that has passed
    or that the window lets everybody have.
    """
    with transaction.atomic():
        participation.consultation = consultation = lock(participation.consultation)
        if participation.answer != Answer.ACCEPTED:
            raise Refused(_("Inputs are taken from those who have accepted the invitation."))
        if consultation.state not in {ConsultationState.ANNOUNCED, ConsultationState.IN_SYNTHESIS}:
            raise takes_no_more(consultation)
        if until <= at or (consultation.inputs_close_at and until <= consultation.inputs_close_at):
            raise Refused(_("Choose a moment that lies in the future and after the end of the window."))
        participation.more_time_until, participation.more_time_at, participation.more_time_by = until, at, by
        participation.save()
        if participation.person.email:
            post(
                participation.person,
                occasion="more_time",
                subject=_("More time for your inputs to %(title)s") % {"title": consultation.title},
                template="stakeholders/mail/more_time",
                context={
                    "participation": participation,
                    "consultation": consultation,
                    "until": local_moment(until, consultation),
                    "url": settings.SITE_URL + reverse("consultations:my_page"),
                },
            )


def takes_no_more(consultation: Consultation) -> Refused:
    """The refusal of an input once the drafts are laid open."""
    return Refused(
        _("%(code)s is %(state)s, so no inputs can be given any more.")
        % {"code": consultation.code, "state": consultation.get_state_display()}
    )
