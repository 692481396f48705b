"""The people and the event that the pages of the desk are tried with."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from consultations.models import Attribution, Consultation, ConsultationState, Input, InputKind, Participation, Role
from outcomes.dispositions import leave_unconsidered
from outcomes.models import Consideration, Outcome
from stakeholders.models import Person
from tests import factories
from tests.factories import (
    SYNTHESIS,
    bring_to,
    conclude_and_carry,
    draft_outcome,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)

TELLING_NAME = "Nomvula Unmistakable (sample)"
TELLING_ORGANISATION = "Unmistakable Foundry"
HIDDEN_NAME = "Thabo Uncounted (sample)"


@dataclass
class Event:
    """One consultation with everybody who matters for it, and three inputs: by type, unpublished, and by name."""

    consultation: Consultation
    later: Consultation
    staff: Person
    organiser: Person
    rapporteur: Person
    participant: Participation
    foreign_rapporteur: Person
    by_type: Input
    unpublished: Input
    named: Input


@pytest.fixture
def event(db, clock) -> Event:
    """Johannesburg in synthesis, feeding Toronto. The names that must not be seen are there to leak."""
    series = factories.make_series()
    later = factories.plan(series, "TOR12", title="Toronto", order=20)
    consultation = factories.plan(series, "JHB11", title="Johannesburg", order=10, feeds_into=later)
    staff = factories.make_staff()
    factories.bring_to(consultation, ConsultationState.ANNOUNCED, by=staff)
    factories.bring_to(later, ConsultationState.ANNOUNCED, by=staff)
    organiser = factories.take_part(consultation, factories.make_person("Otto Host (sample)"), role=Role.ORGANISER)
    rapporteur = factories.take_part(consultation, factories.make_person("Rita Report (sample)"), role=Role.RAPPORTEUR)
    foreign = factories.take_part(later, factories.make_person("Fay Foreign (sample)"), role=Role.RAPPORTEUR)
    telling = factories.take_part(
        consultation,
        factories.make_person(TELLING_NAME),
        organisation=factories.make_organisation(TELLING_ORGANISATION, type="business"),
        type="business",
    )
    hidden = factories.take_part(consultation, factories.make_person(HIDDEN_NAME), type="city")
    named = factories.take_part(
        consultation,
        factories.make_person("Nora Named (sample)"),
        organisation=factories.make_organisation("City of Utrecht"),
    )
    inputs = {
        "by_type": factories.give_input(telling, title="Recognise what newcomers can do"),
        "unpublished": factories.give_input(
            hidden,
            title="A fear that I voice here",
            text="We are afraid of losing our workshops.",
            kind=InputKind.CHALLENGE,
            attribution=Attribution.UNPUBLISHED,
        ),
        "named": factories.give_input(named, attribution=Attribution.NAMED),
    }
    factories.bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=staff)
    clock.move_to(factories.SYNTHESIS)
    return Event(
        consultation=consultation,
        later=later,
        staff=staff,
        organiser=organiser.person,
        rapporteur=rapporteur.person,
        participant=named,
        foreign_rapporteur=foreign.person,
        **inputs,
    )


@dataclass
class Chain:
    """Johannesburg feeds Toronto feeds Istanbul feeds the hearing feeds a follow-up; all by the same desk."""

    staff: Person
    rapporteur: Person
    consultations: dict[str, Consultation] = field(default_factory=dict)

    def __getitem__(self, code: str) -> Consultation:
        consultation = self.consultations[code]
        consultation.refresh_from_db()
        return consultation

    def in_synthesis(self, code: str) -> Consultation:
        return bring_to(self[code], ConsultationState.IN_SYNTHESIS, by=self.staff)

    def conclude(self, code: str) -> Consultation:
        """Conclude an event, everything open noted as not considered, and carry what is live."""
        bring_to(self[code], ConsultationState.IN_SYNTHESIS, by=self.staff)
        for row in Consideration.objects.filter(consultation=self[code]).undisposed():
            leave_unconsidered(row, by=self.rapporteur, at=SYNTHESIS)
        return conclude_and_carry(self[code], by=self.staff)

    def draft(self, code: str, title: str, **fields: object) -> Outcome:
        return draft_outcome(
            self[code],
            by=self.rapporteur,
            title=title,
            statement=f"{title}, and soon.",
            **fields,  # type: ignore[arg-type]
        )

    def before(self, code: str, outcome: Outcome) -> Consideration:
        """The consideration of an outcome at an event."""
        return Consideration.objects.get(consultation=self[code], outcome=outcome)

    def references_before(self, code: str) -> list[str]:
        rows = Consideration.objects.before(self[code]).order_by("outcome__reference")
        return list(rows.values_list("outcome__reference", flat=True))


@pytest.fixture
def chain(db) -> Chain:
    series = make_series()
    chain = Chain(staff=make_staff(), rapporteur=make_person("Rapporteur (sample)"))
    kinds = {"JHB11": "expert_consultation", "TOR": "expert_consultation", "IST": "expert_consultation"}
    for order, code in enumerate([*kinds, "HEAR", "AFTER"], start=1):
        kind = kinds.get(code, "hearing" if code == "HEAR" else "follow_up")
        chain.consultations[code] = plan(series, code, order=order, kind=kind)
        take_part(chain.consultations[code], chain.rapporteur, role=Role.RAPPORTEUR)
    codes = list(chain.consultations)
    for code, following in pairwise(codes):
        chain.consultations[code].feeds_into = chain.consultations[following]
        chain.consultations[code].save()
    return chain
