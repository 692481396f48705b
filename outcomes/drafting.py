"""Drafting outcomes from inputs, and the evidence under them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from consultations.models import Attribution, Consultation, CooperationArea, Input
from outcomes.models import Consideration, Disposition, Evidence, Outcome, Relation, Version
from outcomes.positions import outdate_positions
from outcomes.queries import is_set_aside
from outcomes.synthesis import lock_for_synthesis
from stakeholders.models import Person, StakeholderType
from stakeholders.refusals import Refused


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
        outcome = give_birth(
            consultation, area=area, kind=kind, title=title, statement=statement, addressees=addressees, by=by, at=at
        )
        link_inputs(outcome, consultation=consultation, evidence=evidence, by=by, at=at)
    return outcome


def give_birth(
    consultation: Consultation,
    *,
    area: CooperationArea,
    kind: str,
    title: str,
    statement: str,
    addressees: Iterable[StakeholderType],
    by: Person,
    at: datetime,
) -> Outcome:
    """Make the identity, its first version and its consideration “proposed”. The consultation's row must be locked."""
    require_text(title, statement)
    if not consultation.areas.filter(pk=area.pk).exists():
        raise Refused(_("%(code)s does not work on the area “%(area)s”.") % {"code": consultation.code, "area": area})
    born = Outcome.objects.filter(born_at=consultation, area=area)
    number = (born.aggregate(Max("number"))["number__max"] or 0) + 1
    outcome = Outcome.objects.create(
        born_at=consultation,
        area=area,
        number=number,
        reference=f"{consultation.code}-{area.code}-{number:02}",
        kind=kind,
        created_at=at,
    )
    outcome.addressees.set(addressees)
    version = Version.objects.create(
        outcome=outcome,
        number=1,
        consultation=consultation,
        title=title.strip(),
        statement=statement.strip(),
        drafted_at=at,
        drafted_by=by,
    )
    Consideration.objects.create(
        outcome=outcome,
        consultation=consultation,
        version_after=version,
        disposition=Disposition.PROPOSED,
        disposed_at=at,
        disposed_by=by,
        laid_at=at,
    )
    return outcome


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
        version.refresh_from_db()
        if version.frozen_at:
            raise Refused(_("This text is final: its consultation is concluded."))
        if version.discarded_at:
            raise Refused(_("This text was taken back. Give the outcome a new disposition first."))
        if version.revision != revision:
            raise Overtaken(version)
        here = version.outcome.considerations.get(consultation=consultation)
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
            if kind is not None:
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
    with transaction.atomic():
        lock_for_synthesis(consultation)
        input = Input.objects.select_related("consultation").get(pk=evidence.input.pk)
        on_the_table = outcome.considerations.filter(consultation=consultation, outcome__dropped_at__isnull=True)
        if not on_the_table.exists():
            raise Refused(
                _("%(reference)s is not before %(code)s.") % {"reference": outcome.reference, "code": consultation.code}
            )
        if input.consultation_id != consultation.pk or not input.is_submitted:
            raise Refused(_("Only submitted inputs of this consultation can be evidence."))
        if Input.objects.filter(is_set_aside(), pk=input.pk).exists():
            raise Refused(
                _("%(reference)s is set aside. Take it back first, then use it.") % {"reference": input.reference}
            )
        quote = evidence.quote.strip()
        if quote and input.attribution == Attribution.UNPUBLISHED:
            raise Refused(
                _("%(reference)s may be counted but not quoted: leave the passage empty.")
                % {"reference": input.reference}
            )
        if quote not in input.text:
            raise Refused(
                _("The passage is not literally in %(reference)s. Copy it exactly from the input's text.")
                % {"reference": input.reference}
            )
        if outcome.evidence.standing().filter(input=input, quote=quote).exists():
            raise Refused(
                _("%(input)s is evidence of %(outcome)s already.")
                % {"input": input.reference, "outcome": outcome.reference}
            )
        return Evidence.objects.create(
            outcome=outcome,
            input=input,
            relation=evidence.relation,
            quote=quote,
            note=evidence.note.strip(),
            linked_at=at,
            linked_by=by,
        )


def link_inputs(
    outcome: Outcome, *, consultation: Consultation, evidence: Sequence[NewEvidence], by: Person, at: datetime
) -> int:
    """Link several inputs as `link_evidence` does, all or none; returns how many. Raises Refused with every reason."""
    reasons: list[str] = []
    with transaction.atomic():
        for new in evidence:
            try:
                link_evidence(outcome, consultation=consultation, evidence=new, by=by, at=at)
            except Refused as refusal:
                reasons += refusal.reasons
        if reasons:
            raise Refused(reasons)
    return len(evidence)


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
