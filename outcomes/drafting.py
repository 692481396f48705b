"""Drafting outcomes from inputs, and the evidence under them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from consultations.models import Attribution, Consultation, CooperationArea, Input
from outcomes.models import Consideration, Disposition, Evidence, Outcome, Relation, Version
from outcomes.positions import outdate_positions
from outcomes.queries import is_set_aside
from outcomes.synthesis import lock_for_synthesis
from stakeholders.models import Person, StakeholderType
from stakeholders.refusals import Refused

CHANGED_BY_WRITING = {
    "title", "statement", "change_note", "revision", "drafted_at", "drafted_by", "signed_at", "signed_by", "frozen_at",
    "discarded_at", "discarded_by",
}  # fmt: skip
"""What may have become of a text since it was loaded."""


class Overtaken(Refused):
    """Somebody else wrote the text while it was being edited: `stored` is what stands there now. Nothing is lost."""

    def __init__(self, stored: Version) -> None:
        self.stored = stored
        super().__init__(
            _("%(name)s has changed this text while you were writing. Compare both, and keep what is right.")
            % {"name": stored.drafted_by.name}
        )


@dataclass(frozen=True)
class NewEvidence:
    """An input that is to bear on an outcome; `quote` is empty or a literal part of the input's text."""

    input: Input
    relation: str = Relation.SUPPORTS
    quote: str = ""
    note: str = ""


@dataclass(frozen=True)
class Birth:
    """The first text of an outcome that is to be born, with its area and kind."""

    area: CooperationArea
    kind: str
    title: str
    statement: str


def draft_outcome(
    consultation: Consultation,
    *,
    area: CooperationArea,
    kind: str,
    title: str,
    statement: str,
    addressees: Iterable[StakeholderType] = (),
    evidence: Sequence[NewEvidence] = (),
    by: Person,
    at: datetime,
) -> Outcome:
    """Draft a new outcome of this event; it gets its permanent reference, and the inputs given become its evidence.

    Raises Refused outside synthesis and validation, for a foreign area, an empty text, or unfit evidence.
    """
    with transaction.atomic():
        consultation = lock_for_synthesis(consultation)
        birth = Birth(area=area, kind=kind, title=title, statement=statement)
        (outcome,) = give_birth(consultation, [birth], addressees=addressees, by=by, at=at)
        _link(outcome, consultation, evidence, known=set(), by=by, at=at)
    return outcome


def give_birth(
    consultation: Consultation,
    births: Sequence[Birth],
    *,
    addressees: Iterable[StakeholderType],
    by: Person,
    at: datetime,
) -> list[Outcome]:
    """Make the identities, their first versions and considerations “proposed”, in six queries at most.

    All speak to the same addressees. The consultation's row must be locked.
    """
    for birth in births:
        require_text(birth.title, birth.statement)
    here = Max("outcomes__number", filter=Q(outcomes__born_at=consultation))
    last = dict(consultation.areas.order_by().annotate(last=here).values_list("pk", "last"))
    outcomes = []
    for birth in births:
        area = birth.area
        if area.pk not in last:
            raise Refused(
                _("%(code)s does not work on the area “%(area)s”.") % {"code": consultation.code, "area": area}
            )
        last[area.pk] = number = (last[area.pk] or 0) + 1
        reference = f"{consultation.code}-{area.code}-{number:02}"
        new = {"number": number, "reference": reference, "kind": birth.kind, "created_at": at}
        outcomes.append(Outcome(born_at=consultation, area=area, **new))
    Outcome.objects.bulk_create(outcomes)
    addressed = [type.pk for type in addressees]
    Outcome.addressees.through.objects.bulk_create(
        Outcome.addressees.through(outcome_id=outcome.pk, stakeholdertype_id=type)
        for outcome in outcomes
        for type in addressed
    )
    texts = [
        Version(
            outcome=outcome,
            number=1,
            consultation=consultation,
            title=birth.title.strip(),
            statement=birth.statement.strip(),
            drafted_at=at,
            drafted_by=by,
        )
        for outcome, birth in zip(outcomes, births, strict=True)
    ]
    bulk_create_with_history(texts, Version)
    Consideration.objects.bulk_create(
        Consideration(
            outcome=text.outcome,
            consultation=consultation,
            version_after=text,
            disposition=Disposition.PROPOSED,
            disposed_at=at,
            disposed_by=by,
            laid_at=at,
        )
        for text in texts
    )
    return outcomes


def edit_draft(
    version: Version,
    *,
    title: str,
    statement: str,
    kind: str | None = None,
    addressees: Iterable[StakeholderType] | None = None,
    change_note: str | None = None,
    revision: int,
    by: Person,
    at: datetime,
) -> None:
    """Rewrite a text of an event that is not concluded; a signature given to the old text lapses.

    `revision` is that of the text as the writer read it. `kind` and `addressees` belong to the outcome and change only
    where it was born here. Where the words change, positions taken on the old ones stay with those, and their authors
    are asked again. Raises Overtaken where somebody else has written meanwhile; Refused for an empty text, a text that
    is frozen or taken back, or a refinement that would say the same as before.
    """
    require_text(title, statement)
    with transaction.atomic():
        consultation = lock_for_synthesis(version.consultation)
        version.refresh_from_db(fields=sorted(CHANGED_BY_WRITING))
        if version.frozen_at:
            raise Refused(_("This text is final: its consultation is concluded."))
        if version.discarded_at:
            raise Refused(_("This text was taken back. Give the outcome a new disposition first."))
        if version.revision != revision:
            raise Overtaken(version)
        here = version.outcome.considerations.select_related("version_before").get(consultation=consultation)
        if here.version_before and says_the_same(here.version_before, title, statement):
            raise Refused(_("That is the text it came with. Reaffirm it instead of refining it."))
        if not says_the_same(version, title, statement):
            outdate_positions(Consideration.objects.filter(pk=here.pk), consultation, at=at)
        version.title, version.statement = title.strip(), statement.strip()
        if change_note is not None:
            version.change_note = change_note.strip()
        version.revision += 1
        version.drafted_at, version.drafted_by = at, by
        version.signed_at = version.signed_by = None
        version.save()
        if version.outcome.born_at_id == consultation.pk:
            if kind not in {None, version.outcome.kind}:
                Outcome.objects.filter(pk=version.outcome_id).update(kind=kind)
            if addressees is not None:
                version.outcome.addressees.set(addressees)


def drop_draft(outcome: Outcome, *, by: Person, at: datetime) -> None:
    """Drop a draft of this event: its inputs are open again, its number is never used again.

    Raises Refused for an outcome that came from an earlier event or out of a merge or split (undo that instead).
    """
    with transaction.atomic():
        consultation = lock_for_synthesis(outcome.born_at)
        if outcome.descents_as_child.exists():
            raise Refused(
                _("%(reference)s came out of a merge or a split. Undo that at the outcome it came from.")
                % {"reference": outcome.reference}
            )
        dropped = Outcome.objects.filter(pk=outcome.pk, born_at=consultation, dropped_at__isnull=True)
        if not dropped.update(dropped_at=at, dropped_by=by):
            raise Refused(_("This draft was dropped already."))


def link_evidence(
    outcome: Outcome, *, consultation: Consultation, evidence: NewEvidence, by: Person, at: datetime
) -> Evidence:
    """Link an input of this event to an outcome before or born at it. Linking never changes the input.

    Raises Refused for an input that is foreign, not submitted or set aside, a quote that is not literally in it or
    that its author does not allow, or an outcome that is not on this consultation's table.
    """
    return link_inputs(outcome, consultation=consultation, evidence=[evidence], by=by, at=at)[0]


def link_inputs(
    outcome: Outcome, *, consultation: Consultation, evidence: Sequence[NewEvidence], by: Person, at: datetime
) -> list[Evidence]:
    """Link several inputs as `link_evidence` does, all or none, in five queries. Raises Refused with every reason."""
    with transaction.atomic():
        lock_for_synthesis(consultation)
        on_the_table = outcome.considerations.filter(consultation=consultation, outcome__dropped_at__isnull=True)
        if not on_the_table.exists():
            raise Refused(
                _("%(reference)s is not before %(code)s.") % {"reference": outcome.reference, "code": consultation.code}
            )
        standing = outcome.evidence.standing().filter(input__in=[new.input.pk for new in evidence])
        known = set(standing.values_list("input", "quote"))
        return _link(outcome, consultation, evidence, known=known, by=by, at=at)


def _link(
    outcome: Outcome,
    consultation: Consultation,
    evidence: Sequence[NewEvidence],
    *,
    known: set[tuple[int, str]],
    by: Person,
    at: datetime,
) -> list[Evidence]:
    """Insert evidence that fits. `known` are the inputs and passages on which the outcome rests already."""
    if not evidence:
        return []
    wanted = Input.objects.filter(pk__in=[new.input.pk for new in evidence])
    inputs = wanted.select_related("consultation").annotate(is_set_aside=is_set_aside()).in_bulk()
    rows, reasons = [], []
    for new in evidence:
        input, quote = inputs[new.input.pk], new.quote.strip()
        if reason := _unfit(input, quote, consultation):
            reasons.append(reason)
        elif (input.pk, quote) in known:
            reasons.append(
                _("%(input)s is evidence of %(outcome)s already.")
                % {"input": input.reference, "outcome": outcome.reference}
            )
        known.add((input.pk, quote))
        given = {"relation": new.relation, "quote": quote, "note": new.note.strip()}
        rows.append(Evidence(outcome=outcome, input=input, linked_at=at, linked_by=by, **given))
    if reasons:
        raise Refused(reasons)
    return Evidence.objects.bulk_create(rows)


def _unfit(input: Input, quote: str, consultation: Consultation) -> str:
    """Why an input, loaded with `is_set_aside`, cannot be evidence with this passage; empty where it can."""
    if input.consultation_id != consultation.pk or not input.is_submitted:
        return _("Only submitted inputs of this consultation can be evidence.")
    reference = {"reference": input.reference}
    if input.is_set_aside:  # type: ignore[attr-defined]
        return _("%(reference)s is set aside. Take it back first, then use it.") % reference
    if quote and input.attribution == Attribution.UNPUBLISHED:
        return _("%(reference)s may be counted but not quoted: leave the passage empty.") % reference
    if quote not in input.text:
        return _("The passage is not literally in %(reference)s. Copy it exactly from the input's text.") % reference
    return ""


def withdraw_evidence(evidence: Evidence, *, reason: str, by: Person, at: datetime) -> None:
    """Withdraw evidence with a reason; it is kept, as withdrawn. Raises Refused without one, or once concluded."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the evidence is withdrawn."))
    with transaction.atomic():
        lock_for_synthesis(evidence.input.consultation)
        standing = Evidence.objects.standing().filter(pk=evidence.pk)
        if not standing.update(withdrawn_at=at, withdrawn_by=by, withdrawal_reason=reason):
            raise Refused(_("This evidence was withdrawn already."))


def require_text(title: str, statement: str) -> None:
    if not title.strip() or not statement.strip():
        raise Refused(_("An outcome needs a title and a statement."))


def says_the_same(version: Version, title: str, statement: str) -> bool:
    """Whether a text differs from a version in nothing but white space."""
    return version.title.split() == title.split() and version.statement.split() == statement.split()
