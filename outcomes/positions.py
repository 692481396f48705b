"""Validation: participants say where they stand on what their consultation is about to stand by, and correct facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from consultations.lifecycle import local_moment, lock
from consultations.models import Consultation, ConsultationState, Participation
from outcomes import notices
from outcomes.models import Consideration, Disposition, FactualCorrection, Position, Stance, Version
from outcomes.queries import asked_for_positions
from outcomes.synthesis import lock_for_synthesis
from stakeholders.models import Person
from stakeholders.refusals import Refused

NOT_ASKED = {Disposition.MERGED, Disposition.SPLIT, Disposition.RETIRED, Disposition.NOT_CONSIDERED}
"""Dispositions after which nobody is asked: the consultation does not stand by these texts."""


@dataclass(frozen=True)
class Seen:
    """The text that somebody had before their eyes: a version, as it was revised."""

    version: int
    revision: int

    @classmethod
    def of(cls, version: Version) -> "Seen":
        return cls(version.pk, version.revision)


class TextChanged(Refused):
    """The text was changed while somebody was answering it. Nothing is kept; they read the new one and answer again."""

    def __init__(self) -> None:
        super().__init__(_("The text was changed while you were reading. Read the new one and answer again."))


def asked_about(consultation: Consultation) -> QuerySet[Consideration]:
    """The outcomes on which participants are asked where they stand: all that the consultation may stand by."""
    rows = Consideration.objects.filter(consultation=consultation)
    rows = rows.filter(outcome__dropped_at__isnull=True, outcome__withdrawn_at__isnull=True)
    return rows.exclude(disposition__in=sorted(NOT_ASKED)).with_texts()


def text_of(consideration: Consideration) -> Version:
    """The text of an outcome at this event by now. Needs the consideration loaded `with_texts()`."""
    # By the database's constraints one of them is there.
    return cast(Version, consideration.version_after or consideration.version_before)


def validation_is_open(consultation: Consultation, *, at: datetime) -> bool:
    closes_at = consultation.validation_closes_at
    return consultation.state == ConsultationState.IN_VALIDATION and closes_at is not None and at < closes_at


def take_position(
    consideration: Consideration,
    participation: Participation,
    *,
    stance: str,
    seen: Seen,
    holds: str = "",
    reason: str = "",
    wording: str = "",
    own_evidence: str = "",
    attribution: str,
    by: Person,
    at: datetime,
) -> Position:
    """Say where a participant stands on an outcome; a position that they took before is replaced, and kept.

    `seen` is the text that they had read, `attribution` how their words may be quoted. Staff write it down for them
    when `by` is somebody else. Saying the same again changes nothing and gives the position that stands. Raises
    Refused outside the time of the validation, for who is not asked, an outcome that nobody is asked about, and a
    dissent without a reason; TextChanged where the text is another one by now.
    """
    said = {"holds": holds, "reason": reason.strip(), "wording": wording.strip(), "own_evidence": own_evidence.strip()}
    if stance in Stance.dissenting() and not said["reason"]:
        raise Refused(_("Say why you disagree or object: the reason is printed with the outcome."))
    with transaction.atomic():
        consideration = _answered(consideration, participation, seen, at=at)
        fields = {
            **said,
            "stance": stance,
            "attribution": attribution,
            "version_id": seen.version,
            "revision": seen.revision,
            "entered_by": None if by.pk == participation.person_id else by,
        }
        last = consideration.positions.last_words().filter(participation=participation)
        if same := last.filter(**fields, outdated_at__isnull=True, withdrawn_at__isnull=True).first():
            return same
        last.update(superseded_at=at)
        return Position.objects.create(consideration=consideration, participation=participation, taken_at=at, **fields)


def withdraw_position(position: Position, *, by: Person, at: datetime) -> None:
    """Take back what one said: it is not shown any more, and during the validation not counted.

    Its author may do so at any time, after the conclusion too. Harmless where it was done already. Raises Refused for
    a position that a later one has replaced.
    """
    if position.superseded_at:
        raise Refused(_("You have said something else since. Withdraw that."))
    Position.objects.last_words().filter(pk=position.pk, withdrawn_at__isnull=True).update(withdrawn_at=at)


def outdate_positions(considerations: QuerySet[Consideration], consultation: Consultation, *, at: datetime) -> int:
    """Leave the positions on these outcomes with the text they were given on, and ask again; returns how many.

    To be called in the transaction that changes the text.
    """
    on_it = Position.objects.last_words().filter(
        consideration__in=considerations.values("pk"), outdated_at__isnull=True
    )
    left = list(on_it.select_related("participation"))
    Position.objects.filter(pk__in=[position.pk for position in left]).update(outdated_at=at)
    if validation_is_open(consultation, at=at):
        asked = [position.participation for position in left if position.withdrawn_at is None]
        notices.ask_again(asked, consultation, at=at)
    return len(left)


def correct_facts(
    consideration: Consideration, participation: Participation, *, text: str, seen: Seen, by: Person, at: datetime
) -> FactualCorrection:
    """Tell the rapporteurs what is wrong in a text and what is right. Raises as `take_position`, and without words."""
    text = text.strip()
    if not text:
        raise Refused(_("Say what is wrong, and what is right."))
    with transaction.atomic():
        consideration = _answered(consideration, participation, seen, at=at)
        correction, _is_new = FactualCorrection.objects.get_or_create(
            consideration=consideration,
            participation=participation,
            text=text,
            is_accepted=None,
            defaults={"version_id": seen.version, "revision": seen.revision, "given_at": at},
        )
        return correction


def answer_correction(
    correction: FactualCorrection, *, is_accepted: bool, answer: str, by: Person, at: datetime
) -> None:
    """Accept or decline a factual correction, and tell who gave it; declining needs a reason.

    Accepting changes no text: the rapporteur edits that. Raises Refused without the reason, outside synthesis and
    validation, and where somebody was faster.
    """
    answer = answer.strip()
    if not is_accepted and not answer:
        raise Refused(_("Give a reason: who gave the correction will read it."))
    with transaction.atomic():
        lock_for_synthesis(correction.consideration.consultation)
        waiting = FactualCorrection.objects.unanswered().filter(pk=correction.pk)
        if not waiting.update(is_accepted=is_accepted, answer=answer, answered_at=at, answered_by=by):
            raise Refused(_("Somebody has answered this correction already."))
        correction.refresh_from_db()
        notices.tell_answer(correction, at=at)


def _answered(consideration: Consideration, participation: Participation, seen: Seen, *, at: datetime) -> Consideration:
    """Read the outcome afresh and keep its text until the transaction ends, for somebody who answers it."""
    consultation = lock(consideration.consultation)
    if not validation_is_open(consultation, at=at):
        raise Refused(_closed(consultation))
    if not asked_for_positions([consultation]).filter(pk=participation.pk).exists():
        raise Refused(_("Positions are taken by those who have accepted the invitation; rapporteurs take none."))
    found = asked_about(consultation).filter(pk=consideration.pk).first()
    if found is None:
        raise Refused(_("The consultation does not stand by this outcome any more, so nobody is asked about it."))
    if Seen.of(text_of(found)) != seen:
        raise TextChanged
    return found


def _closed(consultation: Consultation) -> str:
    closes_at = consultation.validation_closes_at
    if consultation.state == ConsultationState.IN_VALIDATION and closes_at:
        moment = local_moment(closes_at, consultation)
        return _("The time for answers ended on %(moment)s. Write to the organisers.") % {"moment": moment}
    return _("%(code)s is %(state)s, so no answers are taken now.") % {
        "code": consultation.code,
        "state": consultation.get_state_display(),
    }


def disputed(consultation: Consultation) -> QuerySet[FactualCorrection]:
    """The factual corrections of an event that nobody has answered yet."""
    here = Q(consideration__consultation=consultation, consideration__outcome__dropped_at__isnull=True)
    return FactualCorrection.objects.unanswered().filter(here)
