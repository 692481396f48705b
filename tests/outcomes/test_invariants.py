"""The invariants of the roll-forward (domain.md) over random series and random acts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from consultations import inputs, lifecycle
from consultations.models import Answer, Consultation, Input, InputState, Participation, Series
from jobs.models import JobState
from outcomes import conclusion, dispositions, drafting, replanning, rollforward, synthesis
from outcomes.fates import coverage
from outcomes.lineage import ancestors_of
from outcomes.models import Consideration, Descent, Disposition, Evidence, Outcome, RollForward, SettingAside, Version
from outcomes.plan import Plan
from stakeholders.models import Organisation, Person, StakeholderType
from stakeholders.refusals import Refused

pytestmark = pytest.mark.django_db

START = datetime(2011, 1, 1, 12, tzinfo=UTC)
picks = st.integers(0, 30)
LIVE = {"proposed", "reaffirmed", "refined", "contested", "not_considered", "referred"}
KINDS = ["roundtable", "follow_up", "hearing"]
words = st.sampled_from(["share skills", "plan together", "build locally", "meet as neighbours", "count newcomers"])


class SeriesMachine(RuleBasedStateMachine):
    """A series of three to five consultations on which people act at random; refusals are part of the game."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = START
        self.transaction = transaction.atomic()
        self.transaction.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        super().teardown()

    @initialize(feeds=st.lists(picks, min_size=3, max_size=5), kinds=st.booleans(), held=st.integers(0, 3))
    def plan(self, feeds: list[int], kinds: bool, held: int = 0) -> None:
        StakeholderType.objects.create(slug="city", name="City", plural="Cities", is_lead=True)
        Organisation.objects.create(name="Host")
        self.series = Series.objects.create(slug="s", title="S", central_question="?")
        self.areas = [self.series.areas.create(code=code, title=code) for code in ["KT", "CP"]]
        self.drafter, self.other, self.author = (
            Person.objects.create(name=name) for name in ["Drafter", "Other", "Author"]
        )
        self.consultations = []
        last = len(feeds) - 1
        for place in range(last, -1, -1):
            later = self.consultations
            feeds_into = later[-1 - feeds[place] % len(later)] if later and feeds[place] % 4 else None
            kind = "hearing" if place == last - (1 if kinds else 0) else "expert_consultation"
            kind = "follow_up" if kinds and place == last else kind
            consultation = self.planned(place, kind)
            consultation.feeds_into = feeds_into
            consultation.save()
            self.invite(consultation)
        self.worked_on: set[tuple[str, str]] = set()
        for place in range(held):
            self.lead_to_its_end(last - place, ["share skills"])

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
            host=Organisation.objects.get(name="Host"),
            starts_on=START.date(),
            ends_on=START.date(),
            inputs_open_at=START,
            inputs_close_at=START + timedelta(days=10_000),
        )

    def invite(self, consultation: Consultation) -> None:
        consultation.areas.set(self.areas)
        Participation.objects.create(
            consultation=consultation,
            person=self.author,
            stakeholder_type=StakeholderType.objects.get(slug="city"),
            answer=Answer.ACCEPTED,
            invited_at=START,
            answered_at=START,
        )
        self.consultations.append(consultation)

    def try_to(self, act, *arguments: object, **named: object) -> object:
        """Do an act at the next tick of the clock. A refusal must leave every row as it was."""
        self.clock += timedelta(minutes=1)
        before = picture()
        try:
            return act(*arguments, **named, at=self.clock)
        except Refused as refusal:
            assert all(refusal.reasons)
            assert picture() == before
            return None

    def one(self, pick: int) -> Consultation:
        consultation = self.consultations[pick % len(self.consultations)]
        consultation.refresh_from_db()
        return consultation

    @rule(pick=picks)
    def announce(self, pick: int) -> None:
        self.try_to(lifecycle.announce, self.one(pick), by=self.other)

    @rule(pick=picks, text=words, submit=st.booleans())
    def give_input(self, pick: int, text: str, submit: bool) -> None:
        participation = self.one(pick).participations.get()
        fields = {
            "area": self.areas[pick % 2],
            "kind": "proposal",
            "title": text,
            "text": f"Let us {text} soon.",
            "attribution": "type",
        }
        input = self.try_to(inputs.save_draft, participation, fields=fields)
        if input and submit:
            self.try_to(inputs.submit, input, by=self.author)

    @rule(pick=picks)
    def withdraw_input(self, pick: int) -> None:
        rows = list(Input.objects.order_by("pk"))
        if rows:
            self.try_to(inputs.withdraw, rows[pick % len(rows)], by=self.author)

    @rule(pick=picks)
    def close_inputs(self, pick: int) -> None:
        self.try_to(lifecycle.close_inputs, self.one(pick), by=self.other)

    @rule(pick=picks, text=words, quote=st.booleans())
    def draft(self, pick: int, text: str, quote: bool) -> None:
        consultation = self.one(pick)
        evidence = [
            drafting.NewEvidence(input=input, quote="Let us" if quote else "")
            for input in consultation.inputs.all()[: pick % 3]
        ]
        self.try_to(
            drafting.draft_outcome,
            consultation,
            area=self.areas[pick % 2],
            kind="recommendation",
            title=text,
            statement=text,
            evidence=evidence,
            by=self.drafter,
        )

    @rule(pick=picks)
    def set_the_rest_aside(self, pick: int) -> None:
        consultation = self.one(pick)
        rest = list(conclusion.inputs_without_fate(consultation))
        self.try_to(synthesis.set_aside, rest, consultation=consultation, reason="Said elsewhere.", by=self.drafter)

    @rule(pick=picks)
    def drop_draft(self, pick: int) -> None:
        rows = list(Outcome.objects.order_by("pk"))
        if rows:
            self.try_to(drafting.drop_draft, rows[pick % len(rows)], by=self.drafter)

    @rule(pick=picks)
    def withdraw_evidence(self, pick: int) -> None:
        rows = list(Evidence.objects.order_by("pk"))
        if rows:
            self.try_to(drafting.withdraw_evidence, rows[pick % len(rows)], reason="Misread.", by=self.drafter)

    @rule(pick=picks, disposition=st.sampled_from(sorted(Disposition)), text=words)
    def dispose(self, pick: int, disposition: Disposition, text: str) -> None:
        rows = list(Consideration.objects.filter(version_before__isnull=False).order_by("pk"))
        if not rows:
            return
        row = rows[pick % len(rows)]
        by = self.drafter
        match disposition:
            case Disposition.REAFFIRMED:
                self.try_to(dispositions.reaffirm, row, by=by)
            case Disposition.REFINED:
                self.try_to(dispositions.refine, row, title=text, statement=text, change_note="Clearer.", by=by)
            case Disposition.CONTESTED:
                self.try_to(dispositions.contest, row, reason="Not here.", by=by)
            case Disposition.RETIRED:
                self.try_to(dispositions.retire, row, reason="Done.", by=by)
            case Disposition.NOT_CONSIDERED:
                self.try_to(dispositions.leave_unconsidered, row, by=by)
            case Disposition.MERGED:
                others = [other for other in rows if other.consultation_id == row.consultation_id]
                self.try_to(
                    dispositions.merge,
                    [row, *others[: 1 + pick % 2]],
                    area=self.areas[0],
                    kind="finding",
                    title=text,
                    statement=text,
                    addressees=[],
                    by=by,
                )
            case Disposition.SPLIT:
                parts = [dispositions.Part(title=text, statement=f"{text} {number}") for number in range(pick % 4)]
                self.try_to(dispositions.split, row, parts=parts, by=by)
            case Disposition.NONE | Disposition.PROPOSED:
                self.try_to(dispositions.undo, row, by=by)
            case _:
                self.try_to(
                    dispositions.decide,
                    row,
                    disposition=disposition,
                    reason="So decided.",
                    title=text,
                    statement=f"{text} now",
                    by=by,
                )

    @rule(pick=picks)
    def open_validation(self, pick: int) -> None:
        closes_at = self.clock + timedelta(days=7)
        self.try_to(conclusion.open_validation, self.one(pick), closes_at=closes_at, by=self.drafter)

    @rule(pick=picks, by_drafter=st.booleans())
    def conclude(self, pick: int, by_drafter: bool) -> None:
        consultation = self.one(pick)
        seen = conclusion.texts_as_they_stand(consultation)
        self.try_to(conclusion.conclude, consultation, seen=seen, by=self.drafter if by_drafter else self.other)

    @rule(pick=picks, texts=st.lists(words, min_size=1, max_size=3))
    def go_through(self, pick: int, texts: list[str]) -> None:
        """So that random acts meet events far along."""
        self.lead_to_its_end(pick, texts)

    def lead_to_its_end(self, pick: int, texts: list[str]) -> None:
        """Lead one event from where it is to its conclusion, and carry what is live."""
        self.announce(pick)
        for text in texts:
            self.give_input(pick, text, True)
        self.close_inputs(pick)
        self.draft(pick, texts[0], True)
        self.set_the_rest_aside(pick)
        for row in Consideration.objects.filter(consultation=self.one(pick), disposition=""):
            if self.one(pick).is_hearing:
                self.try_to(dispositions.decide, row, disposition=Disposition.ADOPTED, by=self.drafter)
            else:
                self.try_to(dispositions.leave_unconsidered, row, by=self.drafter)
        self.open_validation(pick)
        self.conclude(pick, False)
        self.run_jobs()

    @rule(
        acts=st.lists(
            st.tuples(st.sampled_from(["feed", "feed", "insert", "new", "kind", "cancel"]), picks, picks),
            min_size=1,
            max_size=4,
        )
    )
    def replan(self, acts: list[tuple[str, int, int]]) -> None:
        """Change the plan, also that of consultations that have ended, as staff do when it all comes at once."""
        for act, pick, other in acts:
            consultation, by = self.one(pick), self.other
            match act:
                case "feed":
                    following = self.one(other) if other % 5 else None
                    self.try_to(replanning.feed_into, consultation, following=following, by=by)
                case "insert":
                    self.try_to(replanning.insert_after, consultation, placed=self.one(other), by=by)
                case "new" if len(self.consultations) < 8:
                    placed = self.planned(len(self.consultations), KINDS[other % 3])
                    if self.try_to(replanning.insert_after, consultation, placed=placed, by=by):
                        self.invite(placed)
                case "kind":
                    self.try_to(replanning.change_kind, consultation, kind=KINDS[other % 3], by=by)
                case "cancel":
                    self.try_to(conclusion.cancel, consultation, reason="No venue.", by=by)
            self.what_was_worked_on_stays_where_it_is()
            self.live_outcomes_are_before_their_receiver_or_wait()
        self.run_jobs()

    @rule()
    def run_jobs(self) -> None:
        rollforward.roll_waiting(at=self.clock)
        for run in RollForward.objects.filter(state=JobState.QUEUED).order_by("pk"):
            done = self.try_to(rollforward.roll_forward, run.consultation, run=run)
            assert done is not None
            table = Consideration.objects.filter(consultation=run.consultation, outcome__dropped_at__isnull=True)
            assert done.carried + done.already_there + done.skipped == table.count()
            RollForward.objects.filter(pk=run.pk).update(state=JobState.DONE, finished_at=self.clock)
        assert rollforward.roll_waiting(at=self.clock) == 0

    @rule(pick=picks)
    def run_again(self, pick: int) -> None:
        """Running any job again changes nothing but its own account."""
        consultation = self.one(pick)
        if consultation.state != "concluded" or self.something_is_to_be_carried():
            return
        before = picture()
        again = rollforward.roll_forward(consultation, at=self.clock)
        assert again.carried == 0
        assert picture() == before

    @invariant()
    def live_outcomes_are_before_their_receiver_or_wait(self) -> None:
        """Or have been taken up by an event that is concluded by now; and nothing else goes on."""
        if self.something_is_to_be_carried():
            return
        plan = Plan.of(self.series.pk)
        for place in plan.concluded():
            receiver = plan.receiver_of(place.code)
            may_lie_before = [receiver.consultation] if receiver else []
            for row in Consideration.objects.filter(consultation=place.consultation, outcome__dropped_at__isnull=True):
                onwards = Consideration.objects.filter(outcome=row.outcome_id, laid_from=place.consultation)
                open_ones = [found.consultation for found in onwards if found.consultation.state != "concluded"]
                is_adopted = row.disposition in {"adopted", "adopted_as_amended"}
                if row.disposition in LIVE or (is_adopted and receiver and receiver.is_follow_up):
                    assert onwards.count() == 1 or not receiver
                    assert open_ones in ([], may_lie_before)
                elif is_adopted:
                    assert open_ones == []
                else:
                    assert not onwards.exists()

    def something_is_to_be_carried(self) -> bool:
        with transaction.atomic():
            waiting = rollforward.roll_waiting(at=self.clock)
            transaction.set_rollback(True)
        return waiting > 0 or RollForward.objects.filter(state=JobState.QUEUED).exists()

    @invariant()
    def what_was_worked_on_stays_where_it_is(self) -> None:
        names = ("outcome__reference", "consultation__code")
        assert self.worked_on <= set(Consideration.objects.values_list(*names))
        self.worked_on = set(Consideration.objects.worked_on().values_list(*names))

    @invariant()
    def the_way_of_an_outcome_is_a_path(self) -> None:
        """From its birth on it is before one event after the other, and undecided nowhere but at the last."""
        for outcome in Outcome.objects.all():
            way = {row.laid_from_id: row for row in outcome.considerations.all()}
            assert len(way) == outcome.considerations.count()
            row, length = way[None], 1
            while row.consultation_id in way:
                assert row.consultation.state == "concluded"
                row, length = way[row.consultation_id], length + 1
            assert length == len(way)

    @invariant()
    def nothing_undecided_is_concluded(self) -> None:
        concluded = Consultation.objects.filter(state="concluded")
        assert not Consideration.objects.filter(consultation__in=concluded, disposition="").exists()
        for consultation in concluded:
            assert coverage(consultation).open == 0
        texts = Version.objects.filter(consultation__in=concluded, outcome__dropped_at__isnull=True)
        assert all(text.frozen_at and text.signed_by_id != text.drafted_by_id for text in texts)

    @invariant()
    def lineage_has_no_circle_and_never_points_backwards(self) -> None:
        for descent in Descent.objects.select_related("parent", "child"):
            assert descent.parent.created_at < descent.child.created_at
            assert descent.parent not in {descent.child}
            evidence = set(Evidence.objects.filter(outcome=descent.parent).values_list("pk", flat=True))
            reached = ancestors_of(descent.child)
            assert evidence <= set(Evidence.objects.filter(outcome__in=reached).values_list("pk", flat=True))
            assert descent.child not in reached

    @invariant()
    def inputs_add_up(self) -> None:
        for consultation in Consultation.objects.all():
            given = consultation.inputs.filter(number__isnull=False).count()
            assert coverage(consultation).total == given
            numbers = list(consultation.inputs.filter(number__isnull=False).values_list("number", flat=True))
            assert sorted(numbers) == list(range(1, given + 1))
            assert not consultation.inputs.filter(state=InputState.SUBMITTED, number__isnull=True).exists()


def picture() -> list[object]:
    """Everything that the domain says must not move, as comparable rows."""
    return [
        list(Consultation.objects.order_by("pk").values_list("pk", "state", "kind", "feeds_into", "inputs_close_at")),
        list(Input.objects.order_by("pk").values_list("pk", "state", "number", "text")),
        list(Outcome.objects.order_by("pk").values_list("pk", "reference", "dropped_at")),
        list(Version.objects.order_by("pk").values_list("pk", "title", "statement", "signed_at", "frozen_at")),
        list(
            Consideration.objects.order_by("pk").values_list(
                "pk", "outcome", "consultation", "disposition", "version_before", "version_after"
            )
        ),
        list(Evidence.objects.order_by("pk").values_list("pk", "withdrawn_at")),
        list(SettingAside.objects.order_by("pk").values_list("pk", "taken_back_at")),
        list(Descent.objects.order_by("pk").values_list("parent", "child", "kind")),
    ]


def test_every_invariant_holds_over_random_series_and_acts() -> None:
    run_state_machine_as_test(
        SeriesMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
