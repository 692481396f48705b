"""The reads of outcomes, versions, considerations and evidence that several callers share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from consultations.models import Consultation, Participation
from consultations.queries import ParticipationQuerySet
from stakeholders.kept import FrozenError, KeptQuerySet

if TYPE_CHECKING:
    from consultations.models import Input
    from consultations.queries import Viewer
    from outcomes.models import Consideration, Evidence, FactualCorrection, Outcome, Position, Version  # noqa: F401  named in strings below


class OutcomeQuerySet(QuerySet["Outcome"]):
    def published(self) -> OutcomeQuerySet:
        """Those of concluded events, dropped drafts left out. Withdrawn ones stay to be seen, as withdrawn."""
        return self.filter(born_at__concluded_at__isnull=False, dropped_at__isnull=True)

    def visible_to(self, user: Viewer) -> OutcomeQuerySet:
        """Published ones; drafts to the desk, and in validation to those who were invited; programme staff all."""
        if user.is_staff:
            return self
        published = Q(born_at__concluded_at__isnull=False)
        if not user.is_authenticated:
            return self.filter(published, dropped_at__isnull=True)
        desk = Consultation.objects.desk_of(user).values("pk")
        invited = Consultation.objects.filter(
            state__in=["in_validation", "concluded"],
            participations__person__user_id=user.pk,
            participations__answer__in=["invited", "accepted", "waiting"],
        ).values("pk")
        return self.filter(
            published | Q(born_at__in=desk) | Q(born_at__in=invited), Q(dropped_at__isnull=True) | Q(born_at__in=desk)
        )

    def in_order(self) -> OutcomeQuerySet:
        """By area, then by event and number: the order of every list that is grouped by area."""
        return self.select_related("area", "born_at").order_by("area__order", "area__code", "born_at__order", "number")

    def with_standing(self) -> OutcomeQuerySet:
        """Add where each stands by the concluded events alone, to be read as attributes.

        `current_title`, `current_statement` and `current_language`: the text that it last left an event with.
        `standing`: the last disposition that was more than “not considered”, which changes nothing (domain.md,
        roll-forward, rule 1).
        """
        from outcomes.models import Consideration

        way = Consideration.objects.filter(outcome=OuterRef("pk"), consultation__concluded_at__isnull=False)
        newest = way.order_by("-laid_at", "-pk")
        decided = newest.exclude(disposition="not_considered")
        return self.select_related("area", "born_at").annotate(
            current_title=Subquery(newest.values("version_after__title")[:1]),
            current_statement=Subquery(newest.values("version_after__statement")[:1]),
            current_language=Subquery(newest.values("version_after__language")[:1]),
            standing=Subquery(decided.values("disposition")[:1]),
        )


class VersionQuerySet(KeptQuerySet["Version"]):
    def made_at(self, consultation: Consultation) -> VersionQuerySet:
        """The texts of an event: its new outcomes and its refinements, without corrections and what was taken back."""
        standing = self.filter(consultation=consultation, is_correction=False, discarded_at__isnull=True)
        return standing.filter(outcome__dropped_at__isnull=True)

    def update(self, **fields: object) -> int:
        """Raises FrozenError where a frozen text is among them."""
        if self.filter(frozen_at__isnull=False).exists():
            raise FrozenError("a frozen version cannot be changed")
        return super().update(**fields)


class ConsiderationQuerySet(QuerySet["Consideration"]):
    def before(self, consultation: Consultation) -> ConsiderationQuerySet:
        """Those laid before the consultation from earlier events."""
        return self.filter(consultation=consultation, version_before__isnull=False)

    def born_at(self, consultation: Consultation) -> ConsiderationQuerySet:
        """The consultation's own new outcomes, dropped drafts left out."""
        return self.filter(consultation=consultation, version_before__isnull=True, outcome__dropped_at__isnull=True)

    def on_the_table(self, consultation: Consultation | int) -> ConsiderationQuerySet:
        """What the consultation can still link inputs to: laid before it or born there, not dropped, not withdrawn.

        What it merged or split is left out; what came of that is among them.
        """
        standing = self.filter(outcome__dropped_at__isnull=True, outcome__withdrawn_at__isnull=True)
        return standing.filter(consultation=consultation).exclude(disposition__in=["merged", "split"])

    def undisposed(self) -> ConsiderationQuerySet:
        """Those that wait for a disposition; what was withdrawn meanwhile needs none."""
        return self.filter(disposition="", outcome__withdrawn_at__isnull=True)

    def untouched(self) -> ConsiderationQuerySet:
        """Those that nobody has worked on: no disposition, evidence, words or question to the desk at this event."""
        return self.undisposed().left_alone()

    def left_alone(self) -> ConsiderationQuerySet:
        """Those, and what the event noted as not considered, which changes nothing (roll-forward, rule 1)."""
        none = self.filter(disposition__in=["", "not_considered"])
        return none.filter(~_has_evidence_here(), ~_has_words(), ~_has_flags())

    def worked_on(self) -> ConsiderationQuerySet:
        """The others."""
        return self.filter(~Q(disposition="") | _has_evidence_here() | _has_words() | _has_flags())

    def not_carried(self) -> ConsiderationQuerySet:
        """Those from which the outcome has not gone on to another event."""
        onwards = self.model._default_manager.filter(outcome=OuterRef("outcome"), laid_from=OuterRef("consultation"))
        return self.filter(~Exists(onwards))

    def live(self) -> ConsiderationQuerySet:
        """Those whose outcomes go on to the next event (domain.md, roll-forward, rule 1)."""
        from outcomes.models import Disposition

        standing = self.filter(outcome__dropped_at__isnull=True, outcome__withdrawn_at__isnull=True)
        return standing.filter(disposition__in=sorted(Disposition.live()))

    def with_texts(self) -> ConsiderationQuerySet:
        return self.select_related("outcome__area", "version_before", "version_after")

    def borne_on(self, inputs: Iterable[Input]) -> dict[int, Consideration]:
        """For the key of each input the outcome that it says it bears on, where that is before its consultation."""
        named = [input for input in inputs if input.bears_on]
        rows = self.filter(
            version_before__isnull=False,
            consultation__in={input.consultation_id for input in named},
            outcome__reference__in={input.bears_on for input in named},
        )
        laid = {
            (row.consultation_id, row.outcome.reference): row
            for row in rows.select_related("outcome", "version_before")
        }
        found = {input.pk: laid.get((input.consultation_id, input.bears_on)) for input in named}
        return {pk: row for pk, row in found.items() if row}

    def in_order(self) -> ConsiderationQuerySet:
        """By area, then by reference."""
        return self.order_by("outcome__area__order", "outcome__area__code", "outcome__reference")

    def with_origin(self) -> ConsiderationQuerySet:
        """Load with the texts and the event it was carried from, and add `carried_as`: how it stood when it came.

        That is the last disposition of a concluded event that was more than “not considered”.
        """
        way = self.model._default_manager.filter(
            outcome=OuterRef("outcome"), consultation__concluded_at__isnull=False, laid_at__lte=OuterRef("laid_at")
        )
        decided = way.exclude(pk=OuterRef("pk")).exclude(disposition="not_considered").order_by("-laid_at", "-pk")
        return (
            self.with_texts()
            .select_related("laid_from", "outcome__born_at")
            .annotate(carried_as=Subquery(decided.values("disposition")[:1]))
        )


class PositionQuerySet(KeptQuerySet["Position"]):
    def last_words(self) -> PositionQuerySet:
        """Each participant's last word on each outcome."""
        return self.filter(superseded_at__isnull=True)

    def counted(self) -> PositionQuerySet:
        """Those that count at their event: on the text as it stands there, one for each person.

        What its author withdrew after the conclusion was counted then, and is so still.
        """
        withdrawn_since = Q(withdrawn_at__gte=F("consideration__consultation__concluded_at"))
        return self.last_words().filter(Q(withdrawn_at__isnull=True) | withdrawn_since, outdated_at__isnull=True)

    def standing(self) -> PositionQuerySet:
        """Last words that their authors have not withdrawn, those on an earlier text too."""
        return self.last_words().filter(withdrawn_at__isnull=True)

    def dissenting(self) -> PositionQuerySet:
        return self.filter(stance__in=["disagree", "object"])

    def with_author(self) -> PositionQuerySet:
        """Load with everything that an attribution line needs."""
        return self.select_related(
            "participation__person", "participation__organisation", "participation__stakeholder_type"
        )


class FactualCorrectionQuerySet(KeptQuerySet["FactualCorrection"]):
    def unanswered(self) -> FactualCorrectionQuerySet:
        return self.filter(is_accepted__isnull=True)


class EvidenceQuerySet(KeptQuerySet["Evidence"]):
    def standing(self) -> EvidenceQuerySet:
        """Evidence that has not been withdrawn."""
        return self.filter(withdrawn_at__isnull=True)


def _has_words() -> Q:
    """The condition for considerations of which participants have said something: a position, or what is wrong."""
    from outcomes.models import FactualCorrection, Position

    here = {"consideration": OuterRef("pk")}
    return Q(Exists(Position.objects.filter(**here))) | Q(Exists(FactualCorrection.objects.filter(**here)))


def _has_flags() -> Exists:
    """The condition for considerations about which the desk was asked, whatever it has answered."""
    from outcomes.models import Flag

    return Exists(Flag.objects.filter(consideration=OuterRef("pk")))


def _has_evidence_here() -> Exists:
    from outcomes.models import Evidence

    here = Evidence.objects.standing().filter(outcome=OuterRef("outcome"), input__consultation=OuterRef("consultation"))
    return Exists(here)


def asked_for_positions(consultations: Iterable[Consultation]) -> ParticipationQuerySet:
    """Those who are asked where they stand: who comes or came, rapporteurs left out (domain.md, who may do what)."""
    coming = Participation.objects.filter(consultation__in=list(consultations), answer="accepted")
    return coming.exclude(attended=False).exclude(role="rapporteur")


@dataclass(frozen=True)
class TextOnTheTable:
    """An outcome that a consultation works on: its title there by now, and the one it came with, if it came."""

    reference: str
    title: str
    title_before: str | None


def texts_on_the_table(consultation: Consultation) -> dict[str, TextOnTheTable]:
    """The outcomes before a consultation and born at it, by reference, dropped drafts left out; in one query."""
    from outcomes.models import Consideration

    rows = Consideration.objects.filter(consultation=consultation, outcome__dropped_at__isnull=True)
    title = Coalesce("version_after__title", "version_before__title")
    told = rows.order_by("outcome__reference").values_list("outcome__reference", title, "version_before__title")
    return {reference: TextOnTheTable(reference, *titles) for reference, *titles in told}


def is_used() -> Exists:
    """The condition for an input that stands as evidence of an outcome that was not dropped."""
    from outcomes.models import Evidence

    return Exists(Evidence.objects.standing().filter(input=OuterRef("pk"), outcome__dropped_at__isnull=True))


def reason_set_aside() -> Subquery:
    """Why an input was set aside; null where it was not, or was taken back."""
    from outcomes.models import SettingAside

    standing = SettingAside.objects.filter(input=OuterRef("pk"), taken_back_at__isnull=True)
    return Subquery(standing.values("reason")[:1])


def is_set_aside() -> Exists:
    """The condition for an input that was set aside and not taken back."""
    from outcomes.models import SettingAside

    return Exists(SettingAside.objects.filter(input=OuterRef("pk"), taken_back_at__isnull=True))
