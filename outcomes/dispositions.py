"""What a consultation makes of an outcome that was laid before it.

Every function here gives one disposition to considerations that have none, while their consultation is in synthesis or
validation. Each raises Refused in another state of the consultation, for a disposition that this kind of consultation
cannot give, and where a reason or a text is missing (domain.md, roll-forward, rule 4). Where somebody was faster, an
act on one outcome raises Refused too; one on many leaves that outcome as it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from consultations.models import Consultation, CooperationArea
from outcomes.drafting import Birth, give_birth, require_text, says_the_same
from outcomes.models import Consideration, Descent, Disposition, Outcome, Version
from outcomes.positions import outdate_positions
from outcomes.queries import ConsiderationQuerySet
from outcomes.synthesis import lock_for_synthesis
from stakeholders.models import Person, StakeholderType
from stakeholders.refusals import Refused

DECIDED = ["disposition", "reason", "disposed_at", "disposed_by", "version_after"]
"""The fields that a disposition writes."""


@dataclass(frozen=True)
class Part:
    """One of the outcomes that another is split into; area and kind are the parent's unless given."""

    title: str
    statement: str
    area: CooperationArea | None = None
    kind: str = ""


def reaffirm(consideration: Consideration, *, reason: str = "", by: Person, at: datetime) -> None:
    """Stand by the outcome as it came."""
    _dispose(consideration, Disposition.REAFFIRMED, reason=reason, by=by, at=at)


def refine(
    consideration: Consideration, *, title: str, statement: str, change_note: str, by: Person, at: datetime
) -> Version:
    """Stand by the outcome in a new text, with a note of what changed and why. The same text is refused."""
    return _rewrite(
        consideration, Disposition.REFINED, title=title, statement=statement, change_note=change_note, by=by, at=at
    )


def contest(consideration: Consideration, *, reason: str, by: Person, at: datetime) -> None:
    """Dispute the outcome, with the reason: it is carried on, visibly contested."""
    _dispose(consideration, Disposition.CONTESTED, reason=reason, by=by, at=at)


def retire(consideration: Consideration, *, reason: str, by: Person, at: datetime) -> None:
    """End the outcome, with the reason: it goes no further."""
    _dispose(consideration, Disposition.RETIRED, reason=reason, by=by, at=at)


def leave_unconsidered(consideration: Consideration, *, reason: str = "", by: Person, at: datetime) -> None:
    """Note that the event did not get to it. That changes nothing: silence is not support."""
    _dispose(consideration, Disposition.NOT_CONSIDERED, reason=reason, by=by, at=at)


def decide(
    consideration: Consideration,
    *,
    disposition: Disposition,
    reason: str = "",
    title: str = "",
    statement: str = "",
    by: Person,
    at: datetime,
) -> None:
    """Give a hearing's own decision; “adopted as amended” takes the new title and statement, the reason as note."""
    if disposition not in Disposition.of_a_hearing():
        raise ValueError(f"{disposition} is not a hearing's decision")
    if disposition == Disposition.ADOPTED_AS_AMENDED:
        _rewrite(consideration, disposition, title=title, statement=statement, change_note=reason, by=by, at=at)
    else:
        _dispose(consideration, disposition, reason=reason, by=by, at=at)


def dispose_many(
    considerations: ConsiderationQuerySet,
    *,
    consultation: Consultation,
    disposition: Disposition,
    reason: str = "",
    by: Person,
    at: datetime,
) -> int:
    """Give one disposition, and one reason, to those of these before the consultation that have none; returns how many.

    Those that have one already, and those that were withdrawn where they came from, are left as they are. One UPDATE,
    however many there are. Raises ValueError for a disposition that is not for many (`Disposition.in_bulk`).
    """
    if disposition not in Disposition.in_bulk():
        raise ValueError(f"{disposition} is given to one outcome at a time")
    with transaction.atomic():
        consultation = lock_for_synthesis(consultation)
        return _give(considerations, consultation, disposition, reason=reason, by=by, at=at)


def merge(
    considerations: Iterable[Consideration],
    *,
    area: CooperationArea,
    kind: str,
    title: str,
    statement: str,
    addressees: Iterable[StakeholderType],
    by: Person,
    at: datetime,
) -> Outcome:
    """End two or more outcomes in one new one, which names them as its parents and inherits their areas.

    Their evidence and origins are reached through the descent; nothing is copied.
    """
    parents = list({consideration.pk: consideration for consideration in considerations}.values())
    if len(parents) < 2:
        raise Refused(_("Choose at least two outcomes to merge."))
    with transaction.atomic():
        consultation = lock_for_synthesis(parents[0].consultation)
        if {parent.consultation_id for parent in parents} != {consultation.pk}:
            raise Refused(_("Only outcomes before the same consultation can be merged."))
        birth = Birth(area=area, kind=kind, title=title, statement=statement)
        (child,) = give_birth(consultation, [birth], addressees=addressees, by=by, at=at)
        _dispose_all(parents, Disposition.MERGED, consultation, by=by, at=at)
        _link([(parent.outcome, child) for parent in parents], consultation, Descent.Kind.MERGE)
        merged = [parent.outcome_id for parent in parents]
        inherited = Outcome.further_areas.through.objects.filter(outcome__in=merged)
        areas = {parent.outcome.area_id for parent in parents}
        areas |= set(inherited.values_list("cooperationarea", flat=True))
        child.further_areas.add(*sorted(areas - {area.pk}))
    return child


def split(consideration: Consideration, *, parts: Sequence[Part], by: Person, at: datetime) -> list[Outcome]:
    """End one outcome in two or more new ones, in the order of `parts`, which name it as their parent."""
    if len(parts) < 2:
        raise Refused(_("A split needs at least two parts."))
    with transaction.atomic():
        consultation = lock_for_synthesis(consideration.consultation)
        _dispose_all([consideration], Disposition.SPLIT, consultation, by=by, at=at)
        parent = consideration.outcome
        births = [
            Birth(
                area=part.area or parent.area,
                kind=part.kind or parent.kind,
                title=part.title,
                statement=part.statement,
            )
            for part in parts
        ]
        children = give_birth(consultation, births, addressees=parent.addressees.all(), by=by, at=at)
        _link([(parent, child) for child in children], consultation, Descent.Kind.SPLIT)
    return children


def undo(consideration: Consideration, *, by: Person, at: datetime) -> None:
    """Take a disposition back. A refinement's text is discarded; the children of a merge or split are dropped.

    Undoing a merge frees all its parents. Harmless where there is no disposition. Raises Refused for an outcome born
    here (drop the draft instead) and once the consultation is concluded.
    """
    with transaction.atomic():
        consultation = lock_for_synthesis(consideration.consultation)
        _refuse_moved(consideration, consultation)
        consideration.refresh_from_db()
        if consideration.disposition == Disposition.PROPOSED:
            raise Refused(_("This outcome was drafted here. Drop the draft instead."))
        freed = Consideration.objects.filter(pk=consideration.pk)
        if consideration.disposition in {Disposition.MERGED, Disposition.SPLIT}:
            descents = Descent.objects.filter(consultation=consultation)
            children = list(descents.filter(parent=consideration.outcome_id).values_list("child", flat=True))
            parents = descents.filter(child__in=children).values_list("parent", flat=True)
            freed = Consideration.objects.filter(consultation=consultation, outcome__in=list(parents))
            Outcome.objects.filter(pk__in=children, dropped_at__isnull=True).update(dropped_at=at, dropped_by=by)
            descents.filter(child__in=children).delete()
        outcomes = list(freed.values_list("outcome", flat=True))
        rewritten = Version.objects.made_at(consultation).filter(outcome__in=outcomes)
        outdate_positions(freed.filter(version_after__in=rewritten.values("pk")), consultation, at=at)
        _free(freed)
        rewritten.update(discarded_at=at, discarded_by=by)
        consideration.refresh_from_db()


def undo_many(considerations: ConsiderationQuerySet, *, consultation: Consultation) -> int:
    """Take back what may be given to many at once, for those of these that have it; returns how many.

    All others are left as they are: with a new text, a merge or a split something else goes, so each is undone by
    itself, and what needed a reason of its own as well. One UPDATE. Raises Refused once the consultation is concluded.
    """
    with transaction.atomic():
        consultation = lock_for_synthesis(consultation)
        return _free(considerations.filter(consultation=consultation, disposition__in=sorted(Disposition.in_bulk())))


def _dispose(
    consideration: Consideration,
    disposition: Disposition,
    *,
    reason: str,
    by: Person,
    at: datetime,
    version_after: Version | None = None,
) -> None:
    """Give a disposition to one consideration; of two who try at once one wins and the other is told."""
    with transaction.atomic():
        consultation = lock_for_synthesis(consideration.consultation)
        here = Consideration.objects.filter(pk=consideration.pk)
        given = _give(here, consultation, disposition, reason=reason, by=by, at=at, version_after=version_after)
        if not given:
            _refuse_moved(consideration, consultation)
        consideration.refresh_from_db(fields=DECIDED)
        if not given and consideration.disposition == Disposition.NONE:
            raise Refused(
                _("%(reference)s was withdrawn where it came from, so it needs no disposition here.")
                % {"reference": consideration.outcome.reference}
            )
        if not given:
            raise Refused(
                _(
                    "%(reference)s is %(disposition)s already: %(name)s has decided that. "
                    "Undo it first, if it is to be changed."
                )
                % {
                    "reference": consideration.outcome.reference,
                    "disposition": consideration.get_disposition_display(),
                    # By the database's constraint somebody did.
                    "name": cast(Person, consideration.disposed_by).name,
                }
            )


def _dispose_all(
    considerations: Sequence[Consideration], disposition: Disposition, consultation: Consultation, *, by: Person,
    at: datetime,
) -> None:  # fmt: skip
    """Give several one disposition that needs no reason, each keeping its text, in one query.

    The consultation must be locked. Where one of them cannot get it, `_dispose` says why.
    """
    keys = [consideration.pk for consideration in considerations]
    here = Consideration.objects.filter(pk__in=keys)
    before = transaction.savepoint()
    if _give(here, consultation, disposition, reason="", by=by, at=at) < len(keys):
        transaction.savepoint_rollback(before)
        for consideration in considerations:
            _dispose(consideration, disposition, reason="", by=by, at=at)
        return
    transaction.savepoint_commit(before)
    for consideration in considerations:
        consideration.version_after = consideration.version_before
        consideration.disposition, consideration.reason = disposition, ""
        consideration.disposed_at, consideration.disposed_by = at, by


def _give(
    considerations: ConsiderationQuerySet,
    consultation: Consultation,
    disposition: Disposition,
    *,
    reason: str,
    by: Person,
    at: datetime,
    version_after: Version | None = None,
) -> int:
    """Give a disposition by a conditional update to those of these that wait for one; returns how many.

    They leave with the text they came in by now, unless it is `version_after`: a correction may have come since they
    were read. The consultation must be locked.
    """
    reason = reason.strip()
    if disposition in Disposition.with_reason() and not reason:
        raise Refused(_("Give a reason: it is printed with the outcome from now on."))
    _require_fitting(consultation, disposition)
    return (
        considerations.filter(consultation=consultation)
        .undisposed()
        .update(
            disposition=disposition,
            reason=reason,
            disposed_at=at,
            disposed_by=by,
            version_after=version_after or F("version_before"),
        )
    )


def _free(considerations: ConsiderationQuerySet) -> int:
    """Leave these without a disposition, as they were laid; returns how many."""
    return considerations.update(
        disposition=Disposition.NONE, reason="", disposed_at=None, disposed_by=None, version_after=None
    )


def _refuse_moved(consideration: Consideration, consultation: Consultation) -> None:
    """Raise Refused where the plan has been changed, so that the consideration is not before the event any more."""
    if not Consideration.objects.filter(pk=consideration.pk, consultation=consultation).exists():
        raise Refused(
            _("%(reference)s is not before %(code)s any more: the plan of the series has been changed meanwhile.")
            % {"reference": consideration.outcome.reference, "code": consultation.code}
        )


def _rewrite(
    consideration: Consideration,
    disposition: Disposition,
    *,
    title: str,
    statement: str,
    change_note: str,
    by: Person,
    at: datetime,
) -> Version:
    require_text(title, statement)
    if not change_note.strip():
        raise Refused(_("Say what changed and why: the note stands beside the new text."))
    with transaction.atomic():
        consultation = lock_for_synthesis(consideration.consultation)
        before = consideration.version_before
        if before is None:
            raise Refused(_("This outcome was drafted here. Edit the draft instead."))
        if says_the_same(before, title, statement):
            raise Refused(_("That is the text it came with. Change it, or stand by it as it is."))
        last = Version.objects.filter(outcome=consideration.outcome_id).aggregate(Max("number"))["number__max"]
        # A version may be there already where the same disposition was given a moment ago; `_dispose` refuses then.
        if Version.objects.made_at(consultation).filter(outcome=consideration.outcome_id).exists():
            consideration.refresh_from_db()
            raise Refused(
                _("%(reference)s has a new text from this event already. Edit that, or undo it first.")
                % {"reference": consideration.outcome.reference}
            )
        version = Version.objects.create(
            outcome=consideration.outcome,
            number=last + 1,
            consultation=consultation,
            title=title.strip(),
            statement=statement.strip(),
            change_note=change_note.strip(),
            drafted_at=at,
            drafted_by=by,
        )
        outdate_positions(Consideration.objects.filter(pk=consideration.pk), consultation, at=at)
        _dispose(consideration, disposition, reason=change_note, by=by, at=at, version_after=version)
    return version


def _require_fitting(consultation: Consultation, disposition: Disposition) -> None:
    """Refuse a hearing's decision elsewhere, and anything but its own decisions at a hearing."""
    decided_at_hearings = disposition in Disposition.of_a_hearing()
    if consultation.is_hearing and not decided_at_hearings and disposition != Disposition.NOT_CONSIDERED:
        raise Refused(
            _("A hearing decides: adopted, adopted as amended, referred or not adopted; or it notes “not considered”.")
        )
    if decided_at_hearings and not consultation.is_hearing:
        raise Refused(_("Only a hearing can adopt, refer or not adopt an outcome."))


def _link(pairs: Iterable[tuple[Outcome, Outcome]], consultation: Consultation, kind: Descent.Kind) -> None:
    """Note for each pair that the second came out of the first."""
    Descent.objects.bulk_create(
        Descent(parent=parent, child=child, consultation=consultation, kind=kind) for parent, child in pairs
    )
