"""Random series, made by the real operations, travel through a file in the middle of their lives and live on."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

from consultations import inputs, invitations, lifecycle
from consultations.models import Answer, Attribution, Consultation, ConsultationState, Input, Participation, Role, Theme
from jobs.models import JobState
from outcomes import conclusion, dispositions, drafting, rollforward, synthesis
from outcomes.models import (
    Consideration,
    Descent,
    Disposition,
    Evidence,
    Outcome,
    RollForward,
    SettingAside,
    Tagging,
    Version,
)
from reports.seriesfile import parts
from reports.seriesfile.importing import import_series
from reports.seriesfile.writing import write
from stakeholders.models import Organisation, Person, StakeholderType
from tests.factories import CONCLUSION
from tests.outcomes.machine.desk import Desk
from tests.outcomes.machine.stage import picks, words
from tests.reports.test_seriesfile import empty_the_database
from tests.reports.test_thp import FILE

pytestmark = pytest.mark.django_db

# What PostgreSQL keeps as text: all but NUL, and no halves of a pair.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
names = texts.map(lambda text: f"N{text}")
orders_of_acts = st.permutations(sorted(set(Disposition) - {Disposition.NONE, Disposition.PROPOSED}))


def travel(before: str) -> str:
    """Empty the database, import the file, and give what an export writes then."""
    connection.check_constraints()
    empty_the_database()
    assert not Person.objects.exists()
    written = write(import_series(before))
    connection.check_constraints()
    return written


class TravellingMachine(Desk):
    """The series of the invariants, with all that a file holds beside them, moved from database to database."""

    @rule(pick=picks, text=texts, name=names)
    def describe(self, pick: int, text: str, name: str) -> None:
        consultation = self.one(pick)
        consultation.description, consultation.venue, consultation.title = text, text, name
        consultation.languages = ["en", "tr", "ar"][: 1 + pick % 3]
        consultation.save()
        self.series.summary = text
        self.series.save()
        self.series.earlier_meetings.create(title=name, place=name, order=pick % 2)
        consultation.partners.set([Organisation.objects.create(name=name, city=text)])
        self.give_the_hearing_a_theme(pick, name, text)

    @rule(pick=picks, name=names)
    def plan_the_agenda(self, pick: int, name: str) -> None:
        consultation = self.one(pick)
        consultation.sessions.create(order=pick % 3, title=name, area=self.areas[pick % 2], moderator=self.author)
        made, _ = StakeholderType.objects.get_or_create(slug=f"type-{pick}", defaults={"name": name, "plural": name})
        consultation.targets.get_or_create(stakeholder_type=made, defaults={"number": pick})
        newest = consultation.inputs.order_by("pk").last()
        if newest:
            Input.objects.filter(pk=newest.pk).update(session=consultation.sessions.last())

    def give_the_hearing_a_theme(self, pick: int, name: str, text: str) -> None:
        """Where the changes of the plan have left one."""
        hearing = next((row for row in self.series.consultations.all() if row.is_hearing), None)
        if hearing is None:
            return
        told = {"title": name, "description": text, "order": pick % 2}
        theme, _ = hearing.themes.update_or_create(code=f"T{pick % 3}", defaults=told)
        theme.areas.set(self.areas[: pick % 3])

    @rule(pick=picks, name=names, text=texts)
    def invite_somebody(self, pick: int, name: str, text: str) -> None:
        consultation = self.one(pick)
        if consultation.state in ConsultationState.ended():
            # Who came after the end would be told of it as soon as its job is done again.
            return
        guest = Participation.objects.create(
            consultation=consultation,
            person=Person.objects.create(name=name, email=f"{Person.objects.count()}@city.example"),
            organisation=Organisation.objects.create(name=name) if pick % 2 else None,
            stakeholder_type=StakeholderType.objects.get(slug="city"),
            role=Role.SPEAKER,
            attended=[None, True, False][pick % 3],
        )
        self.try_to(invitations.invite, [guest], by=self.other)
        guest.refresh_from_db()
        if guest.answer == Answer.INVITED and pick % 3 == 0:
            self.try_to(invitations.accept, guest, may_be_listed=True)
        elif guest.answer == Answer.INVITED and pick % 3 == 1:
            self.try_to(invitations.decline, guest, reason=text)

    @rule(pick=picks, text=texts, submit=st.booleans(), attribution=st.sampled_from(Attribution))
    def give_input(self, pick: int, text: str, submit: bool, attribution: Attribution) -> None:
        """Not the words of the invariants only: whatever people type."""
        self.give_to(self.one(pick, "announced"), text, area=pick, submit=submit, attribution=attribution)

    def give_to(
        self,
        consultation: Consultation,
        text: str,
        *,
        area: int = 0,
        submit: bool = True,
        attribution: Attribution = Attribution.NAMED,
    ) -> None:
        fields = {
            "area": self.areas[area % 2],
            "kind": "question",
            "title": f"On {text}",
            "text": f"Let us {text}",
            "language": "tr",
            "attribution": attribution,
        }
        own = consultation.participations.get(person=self.author)
        input = self.try_to(inputs.save_draft, own, fields=fields)
        if input and submit:
            self.try_to(inputs.submit, input, by=self.author)

    @rule(pick=picks, name=names)
    def tag(self, pick: int, name: str) -> None:
        consultation = self.one(pick)
        rows = list(consultation.inputs.all()[: 1 + pick % 3])
        self.try_to(synthesis.tag, rows, consultation=consultation, name=name, by=self.drafter)

    @rule(pick=picks)
    def take_back(self, pick: int) -> None:
        rows = list(Input.objects.filter(settings_aside__taken_back_at=None, settings_aside__isnull=False))
        if rows:
            self.try_to(synthesis.take_back, rows[pick % len(rows)], by=self.drafter)

    @rule(
        pick=picks,
        texts=st.lists(words, min_size=2, max_size=4),
        acts=orders_of_acts,
        name=names,
        until_the_end=st.booleans(),
    )
    def go_through(
        self, pick: int, texts: list[str], acts: list[str], name: str = "roads", until_the_end: bool = True
    ) -> None:
        """Lead the first event that has not ended through its synthesis, with something of everything; perhaps to its
        end.
        """
        consultation = Consultation.objects.exclude(state__in=ConsultationState.ended()).order_by("order").first()
        if consultation is None:
            return
        self.lead(lifecycle.announce, consultation, by=self.other)
        self.give_the_hearing_a_theme(pick, name, texts[0])
        for text in texts:
            self.give_to(consultation, text)
        self.lead(lifecycle.close_inputs, consultation, by=self.other)
        given = list(consultation.inputs.order_by("pk"))
        self.try_to(synthesis.tag, given[1:], consultation=consultation, name=name, by=self.drafter)
        self.try_to(
            synthesis.set_aside, given[-1:], consultation=consultation, reason="Said elsewhere.", by=self.drafter
        )
        for text, input in zip(texts, given[:-1], strict=False):
            self.try_to(
                drafting.draft_outcome,
                consultation,
                area=self.areas[pick % 2],
                kind="recommendation",
                title=text,
                statement=text,
                addressees=list(StakeholderType.objects.all()[: pick % 3]),
                evidence=[drafting.NewEvidence(input=input, quote=input.text[pick % 4 :], note=name)],
                by=self.drafter,
            )
        self.dispose_of_everything(consultation, acts, texts)
        if until_the_end:
            self.lead_to_its_end(consultation, texts)

    def dispose_of_everything(self, consultation: Consultation, acts: list[str], texts: list[str]) -> None:
        """Give what was laid before an event the dispositions in turn; a merge takes the next outcome along."""
        for act in acts:
            undecided = list(consultation.considerations.filter(disposition="").order_by("pk"))
            if not undecided:
                return
            match act:
                case Disposition.MERGED:
                    self.try_to(
                        dispositions.merge,
                        undecided[:2],
                        area=self.areas[1],
                        kind="finding",
                        title=texts[0],
                        statement=texts[1],
                        addressees=[],
                        by=self.drafter,
                    )
                case Disposition.SPLIT:
                    parts = [dispositions.Part(title=text, statement=f"{text} first") for text in texts]
                    self.try_to(dispositions.split, undecided[0], parts=parts, by=self.drafter)
                case _:
                    self.give(Disposition(act), undecided[0], texts[0])

    @rule()
    def travel(self) -> None:
        """Move the series into an empty database. Jobs stay behind: the roll-forwards that waited run there by hand."""
        before, counted = write(self.series), counts()
        waiting = list(RollForward.objects.filter(state=JobState.QUEUED).values_list("consultation__code", flat=True))
        assert travel(before) == before
        assert counts() == counted
        self._meet_again()
        for consultation in Consultation.objects.filter(code__in=waiting).order_by("order"):
            rollforward.roll_forward(consultation, at=self.clock)

    def _meet_again(self) -> None:
        """Take up the rows that came out of the file. Who had done nothing in the series yet is not among them."""
        self.series = type(self.series).objects.get(slug=self.series.slug)
        self.areas = [self.series.areas.get(code=area.code) for area in self.areas]
        self.host = Organisation.objects.get(name=self.host.name)
        self.drafter, self.other = (
            Person.objects.get_or_create(key=who.key, defaults={"name": who.name})[0]
            for who in [self.drafter, self.other]
        )
        self.people = [
            (Person.objects.get(key=who.key), StakeholderType.objects.get(slug=type.slug)) for who, type in self.people
        ]
        self.author = self.people[0][0]
        # What was kept in mind of single rows is of rows that are gone.
        self.seen = self.checked = None
        self.final, self.left_with, self.ended = {}, {}, {}

    @invariant()
    def writing_it_twice_gives_the_same_bytes(self) -> None:
        assert write(self.series) == write(self.series)


def counts() -> dict[str, int]:
    """How many rows there are of everything that must arrive; the address book may have people of no series."""
    models = [
        Consultation, Theme, Participation, Input, Tagging, SettingAside, Outcome, Version, Consideration, Evidence,
        Descent,
    ]  # fmt: skip
    return {model.__name__: model._base_manager.count() for model in models}


def test_random_acts_before_and_after_travels() -> None:
    """Any act may come between two travels, and every invariant of the domain holds after each."""
    run_state_machine_as_test(
        TravellingMachine,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )


def test_whole_series_travel_after_every_event() -> None:
    """Four or five events led to their ends one after another, so that outcomes are merged, split and merged again."""
    seen: Counter[str] = Counter()

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        feeds=st.lists(st.sampled_from([1, 2, 5]), min_size=4, max_size=5),
        kinds=st.booleans(),
        events=st.lists(
            st.tuples(
                picks,
                st.lists(words, min_size=3, max_size=4, unique=True),
                orders_of_acts,
                names,
                st.just(True),
            ),
            min_size=4,
            max_size=5,
        ),
    )
    def lead(feeds: list[int], kinds: bool, events: list[tuple[int, list[str], list[str], str, bool]]) -> None:
        machine = TravellingMachine()
        try:
            machine.plan(feeds, kinds, held=0, goes_on=0)
            for event in events:
                machine.go_through(*event)
                machine.travel()
                machine.everything_holds()
            seen.update(counts())
        finally:
            machine.teardown()

    lead()
    assert [name for name in counts() if not seen[name]] == []


def test_the_first_series_travels_after_its_conclusion() -> None:
    """What the file brings is worked on: concluded, carried to Toronto, and moved on from there."""
    series = import_series(FILE.read_text())
    johannesburg = series.consultations.get(code="JHB11")
    organiser = Person.objects.get(email="organiser@thp.example")
    run = conclusion.conclude(
        johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=organiser, at=CONCLUSION
    )
    rollforward.roll_forward(johannesburg, at=CONCLUSION, run=run)
    before = write(series)
    laid = set(Consideration.objects.values_list("outcome__reference", "consultation__code", "version_before__number"))
    assert ("JHB11-KT-01", "TOR", 1) in laid
    assert travel(before) == before
    after = set(Consideration.objects.values_list("outcome__reference", "consultation__code", "version_before__number"))
    assert after == laid


def test_a_series_in_the_middle_of_its_life_goes_on_after_its_travel() -> None:
    """The waiting roll-forward is a job and stays behind; `roll_forward CODE` does it in the new database."""
    series = import_series(FILE.read_text())
    johannesburg = series.consultations.get(code="JHB11")
    conclusion.conclude(
        johannesburg,
        seen=conclusion.texts_as_they_stand(johannesburg),
        by=Person.objects.get(email="organiser@thp.example"),
        at=CONCLUSION,
    )
    before = write(series)
    assert travel(before) == before
    johannesburg = Consultation.objects.get(code="JHB11")
    run = rollforward.roll_forward(johannesburg, at=CONCLUSION)
    live = set(Outcome.objects.filter(born_at=johannesburg).values_list("reference", flat=True))
    laid = Consideration.objects.filter(consultation__code="TOR").values_list("outcome__reference", flat=True)
    assert (run.carried, run.already_there, run.skipped) == (len(live), 0, 0)
    assert set(laid) == live


PAGE = Path(__file__).resolve().parents[2] / "docs" / "series-file.md"


def test_the_example_of_its_page_travels_unchanged() -> None:
    example = PAGE.read_text().split("```json")[1].split("```")[0]
    assert json.loads(write(import_series(example))) == json.loads(example)


def test_its_page_names_every_key_and_every_word() -> None:
    """Section by section: each list's own keys, and the words of which a value must be one."""
    page = PAGE.read_text()
    sections = dict(re.findall(r"^(?:### |In `)(\w+)\b`?[^\n]*\n(.*?)(?=^##|^In `|\Z)", page, re.MULTILINE | re.DOTALL))
    told = {name: set(re.findall(r"`([\w-]+)`", section)) for name, section in sections.items()}
    told |= {"tags": told["tags"] | told["inputs"], "settings_aside": told["inputs"]}
    for part in [parts.SERIES, *parts.LISTS]:
        for each in [part, *part.parts, *(inner for outer in part.parts for inner in outer.parts)]:
            columns = [each.column(key) for key in each.plain if key not in {"id", "guiding_questions"}]
            choices = {word for column in columns for word, _ in column.flatchoices if word}
            assert {*each.keys, *choices} - told[each.name] == set(), each.name
