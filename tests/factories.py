"""Domain objects for tests, made by the product's own operations wherever these exist.

All take place around NOW, ten days before the Johannesburg consultation.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, cast

from consultations import inputs, invitations, lifecycle
from consultations.models import (
    Answer,
    Attribution,
    Consultation,
    ConsultationKind,
    ConsultationState,
    CooperationArea,
    Input,
    InputKind,
    Participation,
    Role,
    Series,
    Theme,
)
from jobs.models import JobState
from outcomes import conclusion, drafting, rollforward, synthesis
from outcomes.models import Outcome, OutcomeKind, RollForward
from stakeholders.accounts import add_staff
from stakeholders.models import Organisation, Person, StakeholderType

NOW = datetime(2011, 6, 18, 10, tzinfo=UTC)
OPENS = datetime(2011, 5, 1, tzinfo=UTC)
CLOSES = datetime(2011, 6, 25, 22, tzinfo=UTC)
"""The usual input window: it closes at midnight in Johannesburg."""
SYNTHESIS = datetime(2011, 6, 30, 9, tzinfo=UTC)
VALIDATION = datetime(2011, 7, 4, 9, tzinfo=UTC)
CONCLUSION = datetime(2011, 7, 20, 9, tzinfo=UTC)
AREAS = {
    "KT": "Knowledge transfer",
    "CP": "Common planning",
    "IN": "Infrastructure",
    "SC": "Social cohesion",
}
TYPES = {"city": ("City", "Cities", True), "business": ("Business", "Businesses", True)}

numbers = count(1)


def make_type(slug: str = "city") -> StakeholderType:
    """Give a stakeholder type, made if it is not there; `city` and `business` are lead types."""
    name, plural, is_lead = TYPES.get(slug, (slug.replace("-", " ").capitalize(), f"{slug}s".capitalize(), False))
    made, _ = StakeholderType.objects.get_or_create(
        slug=slug, defaults={"name": name, "plural": plural, "is_lead": is_lead, "order": next(numbers)}
    )
    return made


def make_organisation(name: str = "City of Utrecht", *, type: str = "city") -> Organisation:
    made, _ = Organisation.objects.get_or_create(name=name, defaults={"stakeholder_type": make_type(type)})
    return made


def make_person(name: str | None = None, *, organisation: Organisation | None = None, **fields: Any) -> Person:
    """Make a person of the address book, with an address of their own unless `email` is given."""
    number = next(numbers)
    fields.setdefault("email", f"person{number}@city.example")
    return Person.objects.create(name=name or f"Person {number} (sample)", organisation=organisation, **fields)


def make_staff(name: str = "Staff Member (sample)") -> Person:
    """Make somebody of the programme staff, with an account."""
    return add_staff(f"staff{next(numbers)}@thp.example", name=name)


def make_series(slug: str = "thp", *, areas: Sequence[str] = tuple(AREAS)) -> Series:
    series = Series.objects.create(
        slug=slug, title="Cities and business", central_question="How do cities and business work together?"
    )
    for order, code in enumerate(areas, start=1):
        area = CooperationArea.objects.create(series=series, code=code, title=AREAS.get(code, code), order=order)
        area.guiding_questions.create(text=f"What works in {area.title.lower()}?", order=1)
    series.stakeholder_types.set([make_type("city"), make_type("business")])
    return series


def plan(series: Series, code: str = "JHB11", **fields: Any) -> Consultation:
    """Plan a consultation with everything that an announcement needs."""
    planned: dict[str, Any] = {
        "title": f"Consultation {code}",
        "kind": ConsultationKind.EXPERT_CONSULTATION,
        "order": next(numbers),
        "city": "Johannesburg",
        "country": "South Africa",
        "venue": "Town Hall",
        "starts_on": date(2011, 6, 28),
        "ends_on": date(2011, 6, 29),
        "time_zone": "Africa/Johannesburg",
        "host": make_organisation("Host Organisation", type="civil-society"),
        "inputs_open_at": OPENS,
        "inputs_close_at": CLOSES,
        **fields,
    }
    consultation = Consultation.objects.create(series=series, code=code, **planned)
    consultation.areas.set(series.areas.all())
    return consultation


def make_themes(hearing: Consultation, **taken: Sequence[str]) -> list[Theme]:
    """Give a hearing themes in their order: `T1=["KT", "CP"]` takes up these areas."""
    themes = []
    for order, (code, areas) in enumerate(taken.items(), start=1):
        theme = hearing.themes.create(
            code=code, title=f"Theme {code}", description=f"What {code} is about.", order=order
        )
        theme.areas.set(hearing.series.areas.filter(code__in=areas))
        themes.append(theme)
    return themes


def bring_to(consultation: Consultation, state: ConsultationState, *, by: Person | None = None) -> Consultation:
    """Lead a consultation through its life up to `state`, by staff, each step at its usual time.

    Before the conclusion everything open gets a fate: inputs are set aside, outcomes noted as not considered.
    """
    by = by or make_staff()
    order = [
        ConsultationState.PLANNED,
        ConsultationState.ANNOUNCED,
        ConsultationState.IN_SYNTHESIS,
        ConsultationState.IN_VALIDATION,
        ConsultationState.CONCLUDED,
    ]
    wanted = order.index(state)
    if order.index(ConsultationState(consultation.state)) < 1 <= wanted:
        lifecycle.announce(consultation, by=by, at=OPENS)
    if order.index(ConsultationState(consultation.state)) < 2 <= wanted:
        lifecycle.close_inputs(consultation, by=by, at=SYNTHESIS)
    if order.index(ConsultationState(consultation.state)) < 3 <= wanted:
        conclusion.open_validation(consultation, closes_at=CONCLUSION, by=by, at=VALIDATION)
    if order.index(ConsultationState(consultation.state)) < 4 <= wanted:
        rest = list(conclusion.inputs_without_fate(consultation))
        if rest:
            synthesis.set_aside(rest, consultation=consultation, reason="Said elsewhere.", by=by, at=VALIDATION)
        conclusion.conclude(consultation, seen=conclusion.texts_as_they_stand(consultation), by=by, at=CONCLUSION)
    return consultation


def conclude_and_carry(consultation: Consultation, *, by: Person | None = None) -> Consultation:
    """Bring a consultation to its end and lay its live outcomes before its receiver."""
    bring_to(consultation, ConsultationState.CONCLUDED, by=by)
    at = CONCLUSION + timedelta(minutes=1)
    for run in consultation.roll_forwards.filter(state=JobState.QUEUED):
        rollforward.roll_forward(consultation, at=at, run=run)
        RollForward.objects.filter(pk=run.pk).update(state=JobState.DONE, progress=100, finished_at=at)
    return consultation


def take_part(
    consultation: Consultation,
    person: Person | None = None,
    *,
    role: Role = Role.PARTICIPANT,
    type: str = "city",
    organisation: Organisation | None = None,
    answer: Answer = Answer.ACCEPTED,
    **fields: Any,
) -> Participation:
    """Put a person on the list of a consultation, invited and with that answer (no mail is sent)."""
    asked = answer != Answer.NOT_INVITED
    answered = answer in Answer.told()
    return Participation.objects.create(
        consultation=consultation,
        person=person or make_person(),
        role=role,
        stakeholder_type=make_type(type),
        organisation=organisation,
        answer=answer,
        invited_at=OPENS if asked else None,
        answered_at=OPENS + timedelta(days=1) if answered else None,
        **fields,
    )


def invite(participation: Participation, *, by: Person | None = None, at: datetime = NOW) -> str:
    """Invite somebody through the outbox; returns the path of the signed link."""
    invitations.invite([participation], by=by or make_staff(), at=at)
    participation.refresh_from_db()
    return invitations.invitation_path(participation)


def fields_of_input(consultation: Consultation, **fields: Any) -> inputs.InputFields:
    given: dict[str, Any] = {
        "area": consultation.areas.first(),
        "kind": InputKind.PROPOSAL,
        "title": "A joint training fund",
        "text": "Cities and firms should pay into one fund for training. Newcomers could use it from the first day.",
        "language": "en",
        "attribution": Attribution.TYPE,
        **fields,
    }
    return cast(inputs.InputFields, given)


def draft_input(participation: Participation, *, at: datetime = NOW, **fields: Any) -> Input:
    """Save a draft of an input, inside the window."""
    fields = dict(fields_of_input(participation.consultation, **fields))
    return inputs.save_draft(participation, fields=fields, at=at)  # type: ignore[arg-type]


def give_input(participation: Participation, *, at: datetime = NOW, **fields: Any) -> Input:
    """Submit an input, inside the window."""
    input = draft_input(participation, at=at, **fields)
    inputs.submit(input, by=participation.person, at=at)
    return input


def draft_outcome(
    consultation: Consultation,
    *,
    by: Person,
    evidence: Sequence[drafting.NewEvidence | Input] = (),
    at: datetime = SYNTHESIS,
    **fields: Any,
) -> Outcome:
    """Draft an outcome at a consultation in synthesis; inputs given as they are support it without a quote."""
    given: dict[str, Any] = {
        "area": consultation.areas.first(),
        "kind": OutcomeKind.RECOMMENDATION,
        "title": "Pay into one training fund",
        "statement": "Cities and businesses pay into one training fund that newcomers can use from the first day.",
        **fields,
    }
    new = [drafting.NewEvidence(input=item) if isinstance(item, Input) else item for item in evidence]
    return drafting.draft_outcome(consultation, evidence=new, by=by, at=at, **given)
