"""After the conclusion: correcting a text or withdrawing an outcome, and what later events make of it.

domain.md, roll-forward, rule 5. A later consideration that nobody has worked on takes the change by itself; one that
somebody has worked on is flagged, and its desk takes the change or keeps what it had.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.lifecycle import lock
from consultations.models import Consultation, ConsultationState
from outcomes import notices
from outcomes.drafting import require_text, says_the_same
from outcomes.models import Consideration, Correction, Disposition, Flag, Outcome, Version
from outcomes.plan import Plan
from outcomes.positions import outdate_positions
from stakeholders.models import Person
from stakeholders.refusals import Refused

AWAY = {Disposition.MERGED, Disposition.SPLIT}


@dataclass(frozen=True)
class Consequence:
    """What a change does at one later event: it takes it by itself, or its desk `is_asked`."""

    consultation: Consultation
    is_asked: bool


def consequences(consideration: Consideration) -> list[Consequence]:
    """Say what a correction or withdrawal at a concluded event would do at the later ones, in their order."""
    return [Consequence(row.consultation, not follows) for row, follows in _way_on(consideration)]


def sentences(found: list[Consequence]) -> list[str]:
    """Tell consequences in words, before they happen."""
    taking = [one.consultation.title for one in found if not one.is_asked]
    asked = [one.consultation.title for one in found if one.is_asked]
    told = []
    if taking:
        text = ngettext(
            "%(count)s later event takes it by itself: %(which)s.",
            "%(count)s later events take it by themselves: %(which)s.",
            len(taking),
        )
        told.append(text % {"count": len(taking), "which": ", ".join(taking)})
    if asked:
        text = ngettext(
            "%(count)s has worked on what stands now and is asked: %(which)s.",
            "%(count)s have worked on what stands now and are asked: %(which)s.",
            len(asked),
        )
        told.append(text % {"count": len(asked), "which": ", ".join(asked)})
    return told or [_("It lies before no later event yet.")]


def propose_correction(
    consideration: Consideration, *, title: str, statement: str, reason: str, by: Person, at: datetime
) -> Version:
    """Write the corrected text of an outcome as a concluded event left it; it waits for somebody else's signature.

    Raises Refused unless the event is concluded, without a reason, for the same text, for an outcome that ended there
    in others or was withdrawn, and while its withdrawal or another correction of it waits.
    """
    require_text(title, statement)
    reason = _require_reason(reason)
    with transaction.atomic():
        before = _left_with(consideration)
        _refuse_while_withdrawal_waits(consideration.outcome)
        if says_the_same(before, title, statement):
            raise Refused(_("That is the text as it stands. Change what is wrong in it."))
        versions = Version.objects.filter(outcome=consideration.outcome_id)
        if pending(consideration.outcome):
            raise Refused(_("Another correction of this outcome waits for its signature. Sign or drop that first."))
        return Version.objects.create(
            outcome=consideration.outcome,
            number=versions.aggregate(Max("number"))["number__max"] + 1,
            consultation=consideration.consultation,
            title=title.strip(),
            statement=statement.strip(),
            language=before.language,
            change_note=reason,
            is_correction=True,
            drafted_at=at,
            drafted_by=by,
        )


def pending(outcome: Outcome) -> Version | None:
    """The correction of an outcome that waits for its signature; None where there is none."""
    waiting = outcome.versions.filter(is_correction=True, frozen_at__isnull=True, discarded_at__isnull=True)
    return waiting.select_related("drafted_by", "consultation").first()


def drop_correction(version: Version, *, by: Person, at: datetime) -> None:
    """Take a proposed correction back. Raises Refused when it was signed or dropped meanwhile."""
    waiting = Version.objects.filter(pk=version.pk, is_correction=True, frozen_at=None, discarded_at=None)
    if not waiting.update(discarded_at=at, discarded_by=by):
        raise Refused(_("This correction was signed or dropped already."))


def sign_correction(version: Version, *, by: Person, at: datetime) -> Correction:
    """Make a proposed correction the text that the event left the outcome with, and have it carried on.

    Raises Refused for who wrote it, where somebody was faster, and while a withdrawal of the outcome waits.
    """
    with transaction.atomic():
        lock(version.consultation)
        version.refresh_from_db()
        if version.drafted_by_id == by.pk:
            raise Refused(_("You wrote it yourself, so somebody else must sign it."))
        waiting = Version.objects.filter(pk=version.pk, is_correction=True, frozen_at=None, discarded_at=None)
        if not waiting.update(signed_at=at, signed_by=by, frozen_at=at):
            raise Refused(_("This correction was signed or dropped already."))
        here = Consideration.objects.get(outcome=version.outcome_id, consultation=version.consultation_id)
        _left_with(here)
        _refuse_while_withdrawal_waits(version.outcome)
        Consideration.objects.filter(pk=here.pk).update(version_after=version)
        return _queue(here, version=version, reason=version.change_note, by=by, at=at)


def withdraw(consideration: Consideration, *, reason: str, by: Person, at: datetime) -> Correction:
    """Withdraw an outcome after the conclusion, with a reason that is published; it stays to be read.

    Where later events have worked on it, they are asked first. Raises Refused as `propose_correction`, and where it
    was withdrawn already.
    """
    reason = _require_reason(reason)
    with transaction.atomic():
        lock(consideration.consultation)
        _left_with(consideration)
        _refuse_while_withdrawal_waits(consideration.outcome)
        return _queue(consideration, version=None, reason=reason, by=by, at=at)


def carry(correction: Correction, *, at: datetime) -> None:
    """Carry a correction or withdrawal to the later events: the work of its job. Running it twice changes nothing.

    Sets how many followed and how many are asked, and tells those whose words and positions it concerns.
    """
    with transaction.atomic():
        _carry(correction, at=at)
        notices.tell_corrected(correction, at=at)


def resolve(flag: Flag, *, is_taken: bool, reason: str = "", by: Person, at: datetime) -> None:
    """Decide at a later event about a correction or withdrawal: take it, or keep what the event had.

    Taken, the corrected text lies before the event; where the event had not written its own, it leaves with that too,
    and it goes on to the events after it. Positions there start again. Raises Refused where somebody was faster, and
    for keeping without a reason.
    """
    reason = reason.strip()
    if not is_taken and not reason:
        raise Refused(_("Give a reason for keeping what you had: it is told with the outcome."))
    with transaction.atomic():
        plan = Plan.locked(flag.consideration.consultation.series_id)
        waiting = Flag.objects.filter(pk=flag.pk, is_taken=None)
        if not waiting.update(is_taken=is_taken, reason=reason, resolved_at=at, resolved_by=by):
            raise Refused(_("Somebody has decided this already."))
        correction = flag.correction
        if is_taken and correction.version:
            consultation = plan.places[flag.consideration.consultation.code].consultation
            _take(Consideration.objects.get(pk=flag.consideration_id), correction.version, consultation, at=at)
        if is_taken:
            _carry(correction, at=at)
        flag.refresh_from_db()


def open_flags(consultation: Consultation) -> list[Flag]:
    """The corrections and withdrawals about which this event's desk is asked, by the outcome's reference."""
    waiting = Flag.objects.filter(consideration__consultation=consultation, is_taken=None)
    return list(
        waiting.select_related(
            "correction__version", "correction__consultation", "consideration__outcome", "consideration__version_before"
        ).order_by("consideration__outcome__reference", "pk")
    )


def _queue(here: Consideration, *, version: Version | None, reason: str, by: Person, at: datetime) -> Correction:
    correction = Correction.objects.create(
        outcome=here.outcome,
        consultation=here.consultation,
        version=version,
        reason=reason,
        made_at=at,
        made_by=by,
        queued_at=at,
        due_at=at,
    )
    correction.ring()
    return correction


def _left_with(consideration: Consideration) -> Version:
    """Read afresh the text with which an outcome left a concluded event, if that can still be changed."""
    row = Consideration.objects.select_related("outcome", "consultation", "version_after").get(pk=consideration.pk)
    if row.consultation.state != ConsultationState.CONCLUDED:
        raise Refused(
            _("%(code)s is %(state)s. Work on its texts at the desk; corrections are for concluded ones.")
            % {"code": row.consultation.code, "state": row.consultation.get_state_display()}
        )
    if row.disposition in AWAY:
        raise Refused(_("It went on in other outcomes here. Correct those."))
    if row.outcome.withdrawn_at or row.outcome.dropped_at or row.version_after is None:
        raise Refused(_("This outcome was withdrawn already."))
    return row.version_after


def _refuse_while_withdrawal_waits(outcome: Outcome) -> None:
    """Raise Refused where a withdrawal has not been carried yet, or a later event has not said what it makes of it."""
    if Correction.objects.filter(outcome=outcome, version=None, flags__is_taken=None).exists():
        raise Refused(
            _("Its withdrawal waits for the decision of a later event. That comes first: it may stay as it is.")
        )


def _way_on(here: Consideration, correction: Correction | None = None) -> Iterator[tuple[Consideration, bool]]:
    """Give the later considerations that a change reaches, each with whether it follows by itself or has taken it.

    It goes from event to event as the outcome was carried, up to the first that must be asked, or that leaves with a
    text of its own.
    """
    while later := _next(here):
        follows = _follows(later, correction)
        yield later, follows
        has_own_text = later.version_after_id not in {None, later.version_before_id}
        is_text = correction is None or not correction.is_withdrawal
        if not follows or (is_text and has_own_text):
            return
        here = later


def _next(here: Consideration) -> Consideration | None:
    carried = Consideration.objects.filter(outcome=here.outcome_id, laid_from=here.consultation_id)
    return carried.select_related("consultation").order_by("laid_at", "pk").first()


def _follows(row: Consideration, correction: Correction | None) -> bool:
    if Consideration.objects.left_alone().filter(pk=row.pk).exists():
        return True
    if correction is None:
        return False
    has_its_text = not correction.is_withdrawal and row.version_before_id == correction.version_id
    return has_its_text or correction.flags.filter(consideration=row, is_taken=True).exists()


def _take(row: Consideration, version: Version, consultation: Consultation, *, at: datetime) -> None:
    """Lay the corrected text before an event; what it did not rewrite leaves with it too."""
    own = Consideration.objects.filter(pk=row.pk)
    if consultation.state in ConsultationState.in_work():
        outdate_positions(own.filter(~Q(version_after=None), version_after=F("version_before")), consultation, at=at)
        outdate_positions(own.filter(version_after=None), consultation, at=at)
    own.filter(version_after=F("version_before")).update(version_after=version)
    own.update(version_before=version)


def _carry(correction: Correction, *, at: datetime) -> None:
    # The roll-forward and changes of the plan begin with the same lock, so that nothing is carried past this.
    plan = Plan.locked(correction.consultation.series_id)
    here = Consideration.objects.get(outcome=correction.outcome_id, consultation=correction.consultation_id)
    if correction.is_withdrawal and correction.outcome.withdrawn_at:
        return
    if correction.version and here.version_after_id != correction.version_id:
        # Corrected once more since: the later correction carries its own text, and this one comes too late.
        return
    followed = 0
    for row, follows in _way_on(here, correction):
        if not follows:
            _ask(row, correction, at=at)
        elif correction.version and row.version_before_id != correction.version_id:
            _take(row, correction.version, plan.places[row.consultation.code].consultation, at=at)
        followed += follows
    Correction.objects.filter(pk=correction.pk).update(followed=followed, asked=correction.flags.count())
    correction.refresh_from_db(fields=["followed", "asked"])
    if correction.is_withdrawal and not correction.flags.exclude(is_taken=True).exists():
        Outcome.objects.filter(pk=correction.outcome_id, withdrawn_at=None).update(
            withdrawn_at=at, withdrawn_by=correction.made_by, withdrawal_reason=correction.reason
        )


def _ask(row: Consideration, correction: Correction, *, at: datetime) -> None:
    """Flag a later consideration; a question about an older correction is settled by that."""
    flag, is_new = Flag.objects.get_or_create(correction=correction, consideration=row, defaults={"raised_at": at})
    if not is_new:
        return
    Flag.objects.filter(consideration=row, is_taken=None, correction__lt=correction).update(
        is_taken=False,
        reason=_("A later correction took its place."),
        resolved_at=at,
        resolved_by=correction.made_by,
    )
    notices.ask_desk(flag, at=at)


def _require_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise Refused(_("Give a reason: it is published with the outcome."))
    return reason
