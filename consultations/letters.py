"""Writing to many: letters with the organisers' own words, sent now or at a time that they set."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.invitations import invite, send_link
from consultations.lifecycle import lock
from consultations.models import (
    Consultation,
    ConsultationState,
    Dispatch,
    Letter,
    LetterKind,
    LetterText,
    Participation,
)
from consultations.notices import FOR_MAIL
from consultations.wording import standard_words, unknown_placeholders
from jobs.models import JobState
from jobs.running import JobFailed
from stakeholders.models import Person
from stakeholders.refusals import Refused


def write_letter(consultation: Consultation, *, kind: LetterKind, by: Person, at: datetime) -> Letter:
    """Begin a letter: the standard words in the consultation's first language, to everybody to whom it applies.

    Raises Refused before the announcement and after the end.
    """
    _require_announced(consultation)
    words = standard_words(kind, language=(consultation.languages or ["en"])[0])
    with transaction.atomic():
        letter = Letter.objects.create(consultation=consultation, kind=kind, written_at=at, written_by=by)
        letter.texts.create(language=words.language, subject=words.subject, text=words.text)
    return letter


def set_words(letter: Letter, texts: Mapping[str, tuple[str, str]], *, to_everybody: bool) -> None:
    """Write the words of a draft anew, as {language: (subject, text)}, and to whom it goes.

    Raises Refused once it is sent or waits to be sent, without any words, with half of a text, and for {placeholders}
    that mean nothing (naming them).
    """
    whole = {language: (subject.strip(), text.strip()) for language, (subject, text) in texts.items()}
    whole = {language: words for language, words in whole.items() if any(words)}
    if not whole:
        raise Refused(_("Write a subject and a text in at least one language."))
    if not all(all(words) for words in whole.values()):
        raise Refused(_("A subject without a text, or a text without a subject, cannot be sent. Fill in both."))
    unknown = unknown_placeholders("\n".join(part for words in whole.values() for part in words))
    if unknown:
        raise Refused(
            ngettext(
                "%(which)s means nothing here. What may stand in braces is listed beside the text.",
                "%(which)s mean nothing here. What may stand in braces is listed beside the text.",
                len(unknown),
            )
            % {"which": ", ".join(unknown)}
        )
    with transaction.atomic():
        _hold_draft(letter)
        Letter.objects.filter(pk=letter.pk).update(to_everybody=to_everybody)
        letter.texts.exclude(language__in=whole).delete()
        for language, (subject, text) in whole.items():
            LetterText.objects.update_or_create(
                letter=letter, language=language, defaults={"subject": subject, "text": text}
            )
    letter.refresh_from_db()


def choose(letter: Letter, *, add: Iterable[int] = (), remove: Iterable[int] = ()) -> None:
    """Put people of the consultation's list on a draft, or take them off it, by the keys of their participations.

    From then on it goes to the chosen alone. Raises Refused once it is sent or waits to be sent.
    """
    with transaction.atomic():
        _hold_draft(letter)
        letter.recipients.remove(*letter.recipients.filter(pk__in=remove))
        letter.recipients.add(*letter.consultation.participations.filter(pk__in=add))
        Letter.objects.filter(pk=letter.pk).update(to_everybody=False)
    letter.refresh_from_db()


def recipients_of(letter: Letter) -> QuerySet[Participation]:
    """Give those to whom the letter would go at this moment, in the order of the list of participants."""
    rows = letter.consultation.participations.all() if letter.to_everybody else letter.recipients.all()
    return (
        rows.filter(answer=letter.kind_of.answer, person__email__isnull=False, person__mail_refused_at__isnull=True)
        .exclude(_wants_none(letter))
        .select_related(*FOR_MAIL)
        .order_by("stakeholder_type__order", "stakeholder_type", "person__name", "pk")
    )


def left_out_of(letter: Letter) -> QuerySet[Participation]:
    """Give those who were chosen, or to whom the letter applies, and who would not get it at this moment."""
    if letter.to_everybody:
        rows = letter.consultation.participations.filter(answer=letter.kind_of.answer)
    else:
        rows = letter.recipients.all()
    gets = recipients_of(letter).order_by().values("pk")
    return rows.exclude(pk__in=gets).select_related("person").order_by("person__name", "pk")


def send(letter: Letter, *, due_at: datetime, by: Person, at: datetime) -> Dispatch:
    """Let a draft go out at a moment, or now where that has come.

    Raises Refused when the consultation is not announced, when nobody would get it now (of a letter to everybody only
    where it goes at once), and when somebody was faster.
    """
    with transaction.atomic():
        _hold_draft(letter)
        consultation = lock(letter.consultation)
        _require_announced(consultation)
        goes_now = due_at <= at
        if (goes_now or not letter.to_everybody) and not recipients_of(letter).exists():
            raise Refused(_("Nobody would get this letter. Choose people to whom it applies."))
        try:
            with transaction.atomic():
                dispatch = Dispatch.objects.create(letter=letter, asked_by=by, queued_at=at, due_at=max(due_at, at))
        except IntegrityError as fault:
            raise _gone() from fault
        if goes_now:
            dispatch.ring()
    return dispatch


def take_back(letter: Letter) -> None:
    """Make a letter that waits for its time a draft again. Raises Refused when it is on its way."""
    deleted, _rows = Dispatch.objects.filter(letter=letter, state=JobState.QUEUED, attempts=0).delete()
    if not deleted:
        raise Refused(_("The letter is on its way already, and cannot be taken back."))


def discard(letter: Letter) -> None:
    """Delete a draft. Raises Refused once it is sent or waits to be sent."""
    with transaction.atomic():
        _hold_draft(letter)
        letter.delete()


def dispatch(run: Dispatch, *, at: datetime) -> None:
    """Send a letter to all to whom it applies by now, in one transaction: either all messages are written or none.

    Raises JobFailed when the consultation takes no answers any more.
    """
    with transaction.atomic():
        run.refresh_from_db()
        if run.sent is not None:
            # A worker had written all of them and died before it could say so.
            return
        letter = Letter.objects.select_related("consultation").prefetch_related("texts").get(pk=run.letter_id)
        try:
            _require_announced(lock(letter.consultation))
        except Refused as refusal:
            raise JobFailed(str(refusal)) from refusal
        left_out = left_out_of(letter).count()
        recipients = list(recipients_of(letter))
        if letter.kind == LetterKind.INVITATION:
            invite(recipients, by=run.asked_by, at=at, letter=letter)
        else:
            for participation in recipients:
                send_link(participation, LetterKind.REMINDER, letter=letter)
        run.sent, run.left_out = len(recipients), left_out
        run.save(update_fields=["sent", "left_out"])


def _wants_none(letter: Letter) -> Q:
    return Q(person__reminders_stopped_at__isnull=False) if letter.kind == LetterKind.REMINDER else Q(pk__in=[])


def _require_announced(consultation: Consultation) -> None:
    if consultation.state != ConsultationState.ANNOUNCED:
        raise Refused(
            _("%(code)s is %(state)s. Letters go out while a consultation is announced.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        )


def _hold_draft(letter: Letter) -> None:
    """Keep the letter from changing until the transaction ends. Raises Refused unless it is a draft."""
    if not Letter.objects.select_for_update().filter(pk=letter.pk) or Dispatch.objects.filter(letter=letter).exists():
        raise _gone()


def _gone() -> Refused:
    return Refused(_("This letter is no draft any more: somebody has sent, scheduled or deleted it."))
