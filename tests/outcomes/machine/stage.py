"""A series of three to five consultations, the people who come to them, and how they do an act."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from consultations.models import Answer, Consultation, Participation, Series
from outcomes.models import Consideration
from stakeholders.models import Organisation, Person, StakeholderType
from stakeholders.refusals import Refused
from tests.outcomes.machine.picture import Picture

START = datetime(2011, 1, 1, 12, tzinfo=UTC)
TYPES = {"city": 4, "business": 3, "union": 1}
"""How many people of each stakeholder type come to every event; the last are too few to be shown."""
picks = st.integers(0, 30)
words = st.sampled_from(["share skills", "plan together", "build locally", "meet as neighbours", "count newcomers"])


class Stage(RuleBasedStateMachine):
    """Everything happens in one transaction, which is rolled back at the end. Refusals are part of the game."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = START
        self.refusal: Refused | None = None
        self.seen: Picture | None = None
        self.said = 0
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        super().teardown()

    def found(self) -> None:
        """Make the series, without consultations, and its people."""
        types = [
            StakeholderType.objects.create(slug=slug, name=slug, plural=slug, is_lead=slug != "union") for slug in TYPES
        ]
        self.host = Organisation.objects.create(name="Host")
        self.series = Series.objects.create(slug="s", title="S", central_question="?")
        self.areas = [self.series.areas.create(code=code, title=code) for code in ["KT", "CP"]]
        self.drafter, self.other = (Person.objects.create(name=name) for name in ["Drafter", "Other"])
        self.people = [
            (Person.objects.create(name=f"{type.slug} {number}"), type)
            for type in types
            for number in range(TYPES[type.slug])
        ]
        self.author = self.people[0][0]
        self.author.email = "author@city.example"
        self.author.save()

    def planned(self, place: int, kind: str) -> Consultation:
        """A consultation that is not saved yet."""
        return Consultation(
            series=self.series,
            code=f"E{place}",
            title=f"Event {place}",
            kind=kind,
            order=place,
            city="X",
            time_zone="UTC",
            host=self.host,
            starts_on=START.date(),
            ends_on=START.date(),
            inputs_open_at=START,
            inputs_close_at=START + timedelta(days=10_000),
        )

    def invite(self, consultation: Consultation) -> None:
        consultation.areas.set(self.areas)
        Participation.objects.bulk_create(
            Participation(
                consultation=consultation,
                person=person,
                stakeholder_type=type,
                answer=Answer.ACCEPTED,
                invited_at=START,
                answered_at=START,
            )
            for person, type in self.people
        )

    def now(self) -> Picture:
        """What is stored, read again only after an act."""
        if self.seen is None:
            self.seen = Picture.taken()
        return self.seen

    def try_to(self, act: Callable[..., Any], *arguments: object, **named: object) -> Any:
        """Do an act at the next tick of the clock. A refusal is kept, and must leave every row as it was."""
        self.clock += timedelta(minutes=1)
        before = self.now()
        self.refusal = None
        self.seen = None
        try:
            return act(*arguments, **named, at=self.clock)
        except Refused as refusal:
            assert all(refusal.reasons)
            assert self.now() == before
            self.refusal = refusal
            return None

    def lead(self, act: Callable[..., Any], *arguments: object, **named: object) -> Any:
        """Do an act on the way to somewhere, where it can be done; the pictures are taken when one is there."""
        self.clock += timedelta(minutes=1)
        self.seen = None
        try:
            return act(*arguments, **named, at=self.clock)
        except Refused:
            return None

    def one(self, pick: int, *states: str) -> Consultation:
        """A consultation in one of these states; every fifth time any, so that what is out of place is tried too."""
        every = list(Consultation.objects.order_by("pk"))
        fitting = [row for row in every if row.state in states] if pick % 5 else []
        return (fitting or every)[pick % len(fitting or every)]

    def row_in(self, pick: int, *states: str) -> Consideration | None:
        """An outcome laid before or born at a consultation in one of these states; None where there is none."""
        rows = Consideration.objects.filter(outcome__dropped_at=None).with_texts()
        fitting = list(rows.filter(consultation__state__in=states).select_related("consultation").order_by("-pk"))
        return fitting[pick % len(fitting)] if fitting else None
