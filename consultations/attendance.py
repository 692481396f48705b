"""On the day: who has come, at the door and afterwards."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from consultations.lifecycle import lock
from consultations.models import Answer, Consultation, ConsultationState, Participation
from stakeholders.models import Person, StakeholderType
from stakeholders.refusals import Refused

SALT = "consultations.badge"
BEFORE = timedelta(days=1)
"""How long before the first day people can be checked in: badges are given out on the eve."""
BADGE_DAYS_AFTER = 3
"""How many days after the last one the code on a badge still opens the page at the door."""


class NotThere(Refused):
    """The code on a badge is forged, too old or of somebody who is not on the list. Which, nobody is told."""


def check_in(participation: Participation, *, by: Person, at: datetime) -> None:
    """Note that somebody has come. Of two doors at once one does it, and the other is told who did and when.

    Coming is an answer to the invitation as well: who had not accepted has accepted now. Raises Refused when they are
    checked in already, before the eve of the event, and once it has ended.
    """
    with transaction.atomic():
        participation.consultation = consultation = lock(participation.consultation)
        _require_open_door(consultation, at=at)
        participation.refresh_from_db(from_queryset=Participation.objects.select_related("checked_in_by", "person"))
        if participation.checked_in_at:
            raise Refused(
                _("%(name)s is checked in already, at %(time)s by %(by)s.")
                % {
                    "name": participation.person.name,
                    "time": date_format(participation.checked_in_at.astimezone(consultation.zone), "H:i"),
                    "by": participation.checked_in_by,
                }
            )
        participation.attended = True
        participation.checked_in_at, participation.checked_in_by = at, by
        _let_accept(participation, at=at)
        participation.save()


def take_back_check_in(participation: Participation, *, at: datetime) -> None:
    """Undo a check-in that was a mistake. Raises Refused when there is none, and once the event has ended."""
    with transaction.atomic():
        _require_open_door(lock(participation.consultation), at=at)
        participation.refresh_from_db()
        if not participation.checked_in_at:
            raise Refused(_("This person is not checked in."))
        _write(participation, attended=None)


def add_walk_in(
    consultation: Consultation, *, name: str, email: str, type: StakeholderType, by: Person, at: datetime
) -> Participation:
    """Put somebody on the list who stands at the door uninvited, and check them in.

    An e-mail address that stands in the address book is that person, under the name there, and with the organisation
    there; the address may be empty. Raises Refused as `check_in` does, and without a name.
    """
    name, email = name.strip(), email.strip().lower()
    if not name:
        raise Refused(_("Give the name, as it is to stand on a badge."))
    with transaction.atomic():
        lock(consultation)
        person = Person.objects.filter(email__iexact=email).first() if email else None
        person = person or Person.objects.create(name=name, email=email or None, stakeholder_type=type)
        participation, _is_new = Participation.objects.get_or_create(
            consultation=consultation,
            person=person,
            defaults={"stakeholder_type": type, "organisation": person.organisation},
        )
        check_in(participation, by=by, at=at)
    return participation


def correct_attendance(participation: Participation, *, attended: bool | None, by: Person, at: datetime) -> None:
    """Set afterwards whether somebody was there, or that it is not known. Raises Refused before the first day."""
    with transaction.atomic():
        consultation = lock(participation.consultation)
        if not _has_begun(consultation, at=at):
            raise Refused(_("Nobody can have been there yet: the consultation has not begun."))
        participation.refresh_from_db()
        if participation.attended != attended:
            _write(participation, attended=attended)
        if attended and participation.answer != Answer.ACCEPTED:
            _let_accept(participation, at=at)
            participation.save()


def note_absent(consultation: Consultation, *, by: Person, at: datetime) -> int:
    """Note of everybody who had accepted and of whom nothing is known that they were not there; returns how many.

    Raises Refused before the last day.
    """
    with transaction.atomic():
        consultation = lock(consultation)
        last_day = consultation.ends_on or consultation.starts_on
        if last_day is None or at.astimezone(consultation.zone).date() < last_day:
            raise Refused(_("The consultation is not over: somebody may still come."))
        absent = list(consultation.participations.filter(answer=Answer.ACCEPTED, attended=None))
        for participation in absent:
            _write(participation, attended=False)
    return len(absent)


def at_the_door(consultation: Consultation, words: str = "") -> QuerySet[Participation]:
    """Give those who may come, by name: everybody on the list who has not declined, and who has come all the same.

    Each of `words` is looked for in name and organisation.
    """
    rows = consultation.participations.exclude(answer=Answer.DECLINED, checked_in_at=None)
    for word in words.split():
        rows = rows.filter(Q(person__name__icontains=word) | Q(organisation__name__icontains=word))
    return rows.select_related("person", "organisation", "stakeholder_type", "checked_in_by").order_by(
        "person__name", "pk"
    )


def badge_path(participation: Participation) -> str:
    """Give the path in the code on a badge. It holds nothing personal, and helps only whoever stands at the door."""
    token = signing.dumps([participation.pk, _mark(participation)], salt=SALT, compress=True)
    return reverse("consultations:badge", args=[token])


def participation_of_badge(token: str, *, at: datetime) -> Participation:
    """Give whose badge it is. Raises NotThere for a forged code, and from BADGE_DAYS_AFTER the event on."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=timedelta(days=settings.INVITATION_DAYS))
        participation = Participation.objects.select_related("consultation", "person").get(pk=pk)
        if mark != _mark(participation):
            raise signing.BadSignature("the row is somebody else's")
    except (signing.BadSignature, Participation.DoesNotExist, TypeError, ValueError) as fault:
        raise NotThere(_("This code is not valid, or not valid any more.")) from fault
    consultation = participation.consultation
    last_day = consultation.ends_on or consultation.starts_on
    today = at.astimezone(consultation.zone).date()
    if last_day is None or today > last_day + timedelta(days=BADGE_DAYS_AFTER):
        raise NotThere(_("This code is not valid, or not valid any more."))
    return participation


def _require_open_door(consultation: Consultation, *, at: datetime) -> None:
    if consultation.state in {ConsultationState.PLANNED, *ConsultationState.ended()}:
        raise Refused(
            _("%(code)s is %(state)s, so nobody can be checked in.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        )
    if not _has_begun(consultation, at=at + BEFORE):
        raise Refused(_("People can be checked in from the day before the consultation on."))


def _has_begun(consultation: Consultation, *, at: datetime) -> bool:
    return consultation.starts_on is not None and at.astimezone(consultation.zone).date() >= consultation.starts_on


def _let_accept(participation: Participation, *, at: datetime) -> None:
    if participation.answer != Answer.ACCEPTED:
        participation.answer, participation.answered_at, participation.decline_reason = Answer.ACCEPTED, at, ""
        participation.invited_at = participation.invited_at or at


def _write(participation: Participation, *, attended: bool | None) -> None:
    """Set attendance by hand: what was noted at the door does not hold any more."""
    participation.attended = attended
    participation.checked_in_at = participation.checked_in_by = None
    participation.save(update_fields=["attended", "checked_in_at", "checked_in_by"])


def _mark(participation: Participation) -> str:
    who = f"{participation.consultation.code}/{participation.person.key}"
    return salted_hmac(SALT, who).hexdigest()[:12]
