"""A series of two concluded consultations before a hearing, with what could leak and what must be told."""

from dataclasses import dataclass

import pytest

from consultations import inputs
from consultations.models import (
    Attribution,
    Consultation,
    ConsultationKind,
    ConsultationState,
    Input,
    Participation,
    Role,
)
from outcomes import dispositions, synthesis
from outcomes.drafting import NewEvidence
from outcomes.models import Consideration, Outcome, Position
from stakeholders.models import Person
from tests.factories import (
    NOW,
    SYNTHESIS,
    bring_to,
    conclude_and_carry,
    draft_outcome,
    give_input,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    make_type,
    plan,
    take_part,
)

SECRETS = [
    "Secretia Typeonly",
    "Quiet Harbour Works",
    "Mute Unpublished",
    "Silent Mills",
    "Nolist Absent",
    "secretia@",
    "mute@",
    "nolist@",
    "Words that were never to be published",
    "A draft of nobody else's business",
    "Taken back by its author",
]
"""Names, organisations, addresses and words that are in the data and must be in no dossier."""

CHOSEN = {"language": "en", "paper": "letter", "annexes": ["glossary", "inputs"]}
"""What an organiser sends who asks for an edition."""


@dataclass
class Scene:
    staff: Person
    organiser: Person
    rapporteur: Person
    participant: Person
    johannesburg: Consultation
    toronto: Consultation
    hearing: Consultation
    inputs: dict[str, Input]


@pytest.fixture
def scene(db) -> Scene:
    series, staff = make_series(), make_staff()
    hearing = plan(series, "HEAR", title="Global Hearing", kind=ConsultationKind.HEARING, order=3)
    toronto = plan(series, "TOR", title="Toronto", order=2, feeds_into=hearing, city="Toronto", country="Canada")
    johannesburg = plan(series, "JHB11", title="Johannesburg", order=1, feeds_into=toronto)
    johannesburg.targets.create(stakeholder_type=make_type("city"), number=5)
    rapporteur, organiser = make_person("Rapporteur (sample)"), make_person("Organiser (sample)")
    for consultation in [johannesburg, toronto]:
        take_part(consultation, rapporteur, role=Role.RAPPORTEUR, type="academia")
        take_part(consultation, organiser, role=Role.ORGANISER, type="academia")
    bring_to(johannesburg, ConsultationState.ANNOUNCED, by=staff)
    given = _give_inputs(johannesburg)
    bring_to(johannesburg, ConsultationState.IN_SYNTHESIS, by=staff)
    who = {"by": rapporteur, "at": SYNTHESIS}
    fund = draft_outcome(
        johannesburg,
        title="Pay into one training fund",
        evidence=[
            NewEvidence(given["named"], quote="one fund for training"),
            NewEvidence(given["by type"], "qualifies", quote="only if small firms pay less"),
            NewEvidence(given["unpublished"]),
        ],
        **who,
    )
    fund.addressees.set([make_type("city"), make_type("business")])
    practice = draft_outcome(
        johannesburg, title="Welcome desks at work", statement="Firms run welcome desks.", kind="good_practice", **who
    )
    retired = draft_outcome(johannesburg, title="Count everybody", statement="Count everybody twice.", **who)
    synthesis.set_aside([given["aside"]], consultation=johannesburg, reason="It is about another series.", **who)
    for name, stance, reason, attribution in [
        ("by type", "object", "Small firms cannot pay.", Attribution.TYPE),
        ("unpublished", "disagree", "Words that were never to be published.", Attribution.UNPUBLISHED),
    ]:
        _say(fund, given[name].participation, stance=stance, reason=reason, attribution=attribution)
    conclude_and_carry(johannesburg, by=staff)
    bring_to(toronto, ConsultationState.IN_SYNTHESIS, by=staff)
    laid = {row.outcome_id: row for row in Consideration.objects.filter(consultation=toronto)}
    dispositions.refine(
        laid[fund.pk], title="Pay into one training fund", statement="Every city pays into one fund.",
        change_note="Cities asked to be named.", **who,
    )  # fmt: skip
    dispositions.contest(laid[practice.pk], reason="It burdens small firms.", **who)
    dispositions.retire(laid[retired.pk], reason="It was done in 2010.", **who)
    conclude_and_carry(toronto, by=staff)
    for consultation in [hearing, toronto, johannesburg]:
        consultation.refresh_from_db()
    return Scene(
        staff, organiser, rapporteur, given["named"].participation.person, johannesburg, toronto, hearing, given
    )


def _say(outcome: Outcome, participation: Participation, **said: str) -> Position:
    here = outcome.considerations.get(consultation=participation.consultation)
    return Position.objects.create(
        consideration=here, participation=participation, version=here.version_after, taken_at=SYNTHESIS, **said
    )


def _give_inputs(consultation: Consultation) -> dict[str, Input]:
    named = take_part(
        consultation, make_person("Ada Named (sample)"), organisation=make_organisation("City of Utrecht"),
        may_be_listed=True, attended=True,
    )  # fmt: skip
    by_type = take_part(
        consultation, make_person("Secretia Typeonly (sample)", email="secretia@harbour.example"), type="business",
        organisation=make_organisation("Quiet Harbour Works", type="business"),
    )  # fmt: skip
    unpublished = take_part(
        consultation, make_person("Mute Unpublished (sample)", email="mute@mills.example"), type="business",
        organisation=make_organisation("Silent Mills", type="business"),
    )  # fmt: skip
    take_part(consultation, make_person("Nolist Absent (sample)", email="nolist@city.example"))
    given = {
        "named": give_input(
            named, title="A fund", text="We need one fund for training now.", attribution=Attribution.NAMED
        ),
        "by type": give_input(
            by_type, title="With care", text="Yes, but only if small firms pay less.", attribution=Attribution.TYPE
        ),
        "unpublished": give_input(
            unpublished, title="Hidden", text="Words that were never to be published.",
            attribution=Attribution.UNPUBLISHED,
        ),
        "aside": give_input(
            named, title="Another matter", text="Please mend the road.", attribution=Attribution.ORGANISATION
        ),
        "withdrawn": give_input(named, title="Gone", text="Taken back by its author."),
    }  # fmt: skip
    inputs.withdraw(given["withdrawn"], by=named.person, at=NOW)
    inputs.save_draft(
        named,
        fields={
            "area": consultation.areas.first(), "kind": "proposal", "title": "Draft",
            "text": "A draft of nobody else's business.", "attribution": "named", "bears_on": "ROT10-KT-07",
        },
        at=NOW,
    )  # fmt: skip
    inputs.save_draft(named, fields={"text": "A draft that lacks all but this.", "attribution": "named"}, at=NOW)
    return given
