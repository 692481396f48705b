"""What domain.md says must hold at every moment (“Invariants”), and what follows from its rules of the roll-forward."""

from collections import Counter, defaultdict

from django.db import transaction
from hypothesis.stateful import invariant

from consultations.models import Consultation
from jobs.models import JobState
from outcomes import rollforward
from outcomes.agreement import tallies_of
from outcomes.fates import coverage_by_event
from outcomes.lineage import ancestors_of
from outcomes.models import Consideration, Outcome, RollForward
from outcomes.plan import Plan
from outcomes.results import open_objections
from tests.outcomes.machine.picture import Picture
from tests.outcomes.machine.stage import Stage

LIVE = {"proposed", "reaffirmed", "refined", "contested", "not_considered", "referred"}
ADOPTED = {"adopted", "adopted_as_amended"}
ENDED = {"merged", "split", "retired", "not_adopted"}
AGREE, DISSENT = {"support", "reservations"}, {"disagree", "object"}


class Watched(Stage):
    """The series, with everything that held before still in mind."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: Picture | None = None
        self.worked_on: set[tuple[str, str]] = set()
        self.final: dict[int, tuple[str, ...]] = {}
        self.left_with: dict[int, int] = {}
        self.ended: dict[int, set[int | None]] = {}

    @invariant()
    def everything_holds(self) -> None:
        now = self.now()
        if now is self.checked or not hasattr(self, "series"):
            return
        self.what_was_worked_on_stays_where_it_is()
        self.live_outcomes_are_before_their_receiver_or_wait(now)
        self.a_final_text_changes_only_by_a_signed_correction(now)
        self.a_withdrawn_outcome_goes_no_further(now)
        the_way_of_an_outcome_is_a_path(now)
        what_is_laid_is_what_the_outcome_came_with_or_the_desk_is_asked(now)
        nothing_undecided_is_concluded(now)
        what_ended_has_a_reason(now)
        lineage_has_no_circle_and_never_points_backwards(now)
        nobody_counts_twice_and_the_level_is_the_rules(now)
        objections_stay_visible(now)
        inputs_add_up(now)
        self.checked = now

    def something_is_to_be_carried(self) -> bool:
        if RollForward.objects.filter(state=JobState.QUEUED).exists():
            return True
        with transaction.atomic():
            waiting = rollforward.roll_waiting(at=self.clock)
            transaction.set_rollback(True)
        return waiting > 0

    def what_was_worked_on_stays_where_it_is(self) -> None:
        names = ("outcome__reference", "consultation__code")
        assert self.worked_on <= set(Consideration.objects.values_list(*names))
        self.worked_on = set(Consideration.objects.worked_on().values_list(*names))

    def live_outcomes_are_before_their_receiver_or_wait(self, now: Picture) -> None:
        """Or have been taken up by an event that is concluded by now, or were withdrawn; and nothing else goes on."""
        if self.something_is_to_be_carried():
            return
        plan = Plan.of(self.series.pk)
        receivers = {place.consultation.pk: plan.receiver_of(place.code) for place in plan.concluded()}
        outcomes, concluded = now.by_key("outcomes"), now.concluded()
        onwards = defaultdict(list)
        for row in now.rows["considerations"]:
            onwards[row.outcome, row.laid_from].append(row.consultation)
        for row in now.on_the_table():
            if row.consultation not in concluded:
                continue
            receiver = receivers[row.consultation]
            to = onwards[row.outcome, row.consultation]
            open_ones = [event for event in to if event not in concluded]
            is_final = row.disposition in ADOPTED and not (receiver and receiver.is_follow_up)
            if outcomes[row.outcome].withdrawn_at or row.disposition in ADOPTED:
                assert open_ones in ([], [receiver.consultation.pk] if receiver else [])
                assert not (is_final and open_ones)
            if row.disposition in ENDED:
                assert to == []
            elif not outcomes[row.outcome].withdrawn_at and not is_final:
                assert len(to) == 1 or not receiver
                assert open_ones in ([], [receiver.consultation.pk] if receiver else [])

    def a_final_text_changes_only_by_a_signed_correction(self, now: Picture) -> None:
        """No frozen text is ever written again, and what a concluded event left an outcome with is one of them."""
        versions, concluded = now.by_key("versions"), now.concluded()
        for row in versions.values():
            if row.frozen_at or row.pk in self.final:
                text = (row.title, row.statement, row.change_note, str(row.frozen_at), str(row.signed_by))
                assert self.final.setdefault(row.pk, text) == text
                assert row.signed_by != row.drafted_by
        carried = {row.version for row in now.rows["corrections"] if row.version}
        for row in now.on_the_table():
            if row.consultation in concluded and row.version_after:
                assert versions[row.version_after].frozen_at
                before = self.left_with.get(row.pk, row.version_after)
                assert row.version_after == before or row.version_after in carried
                self.left_with[row.pk] = row.version_after

    def a_withdrawn_outcome_goes_no_further(self, now: Picture) -> None:
        """What nobody had worked on ended with it; those who had were asked, and have all said yes."""
        ways = defaultdict(set)
        for row in now.rows["considerations"]:
            ways[row.outcome].add(row.laid_from)
        withdrawals = {row.pk: row.outcome for row in now.rows["corrections"] if row.version is None}
        said_yes = {
            (row.consideration, withdrawals[row.correction])
            for row in now.rows["flags"]
            if row.correction in withdrawals and row.is_taken
        }
        concluded_at = {
            withdrawals[row.pk]: row.consultation for row in now.rows["corrections"] if row.pk in withdrawals
        }
        for outcome in now.rows["outcomes"]:
            if not outcome.withdrawn_at:
                continue
            assert outcome.withdrawal_reason
            assert ways[outcome.pk] <= self.ended.setdefault(outcome.pk, ways[outcome.pk])
            here, way = concluded_at[outcome.pk], {}
            for row in now.rows["considerations"]:
                if row.outcome == outcome.pk:
                    way[row.laid_from] = row
                    assert row.disposed_at is None or row.disposed_at <= outcome.withdrawn_at
            while row := way.get(here):
                assert row.disposition in {"", "not_considered"} or (row.pk, outcome.pk) in said_yes
                here = row.consultation


def the_way_of_an_outcome_is_a_path(now: Picture) -> None:
    """From its birth on it is before one event after the other, and undecided nowhere but at the last."""
    concluded = now.concluded()
    ways: dict[int, dict[int | None, int]] = defaultdict(dict)
    for row in now.rows["considerations"]:
        assert row.laid_from not in ways[row.outcome]
        ways[row.outcome][row.laid_from] = row.consultation
    for way in ways.values():
        here, length = way[None], 1
        while here in way:
            assert here in concluded
            here, length = way[here], length + 1
        assert length == len(way)


def what_is_laid_is_what_the_outcome_came_with_or_the_desk_is_asked(now: Picture) -> None:
    """The text before an event is that with which it left the last, unless a correction waits or was kept out.

    And that text is what it leaves with, where the event has not given it one of its own.
    """
    versions = now.by_key("versions")
    under_way = {row.outcome for row in now.rows["corrections"] if row.state != JobState.DONE}
    left = {(row.outcome, row.consultation): row.version_after for row in now.rows["considerations"]}
    texts = {row.pk: row.version for row in now.rows["corrections"]}
    asked = {(row.consideration, texts[row.correction]) for row in now.rows["flags"] if row.is_taken is not True}
    for row in now.rows["considerations"]:
        if row.laid_from and row.outcome not in under_way:
            came_with = left[row.outcome, row.laid_from]
            assert row.version_before == came_with or (row.pk, came_with) in asked
        if row.disposition in {"reaffirmed", "contested", "retired", "not_considered", "adopted", "referred"}:
            own = versions[row.version_after]
            assert row.version_after == row.version_before or (
                own.is_correction and own.consultation == row.consultation
            )


def nothing_undecided_is_concluded(now: Picture) -> None:
    """But for what was withdrawn before its turn came."""
    concluded, outcomes = now.concluded(), now.by_key("outcomes")
    flagged = {row.consideration for row in now.rows["flags"] if row.is_taken is None}
    disputed = {row.consideration for row in now.rows["facts"] if row.is_accepted is None}
    for row in now.on_the_table():
        if row.consultation in concluded:
            assert row.disposition or outcomes[row.outcome].withdrawn_at
            assert row.pk not in disputed
    for row in now.rows["versions"]:
        if row.consultation in concluded and not row.is_correction and not row.discarded_at:
            assert row.frozen_at or outcomes[row.outcome].dropped_at
    assert flagged <= {row.pk for row in now.rows["considerations"]}


def what_ended_has_a_reason(now: Picture) -> None:
    """A retired one has its words; one that was merged or split goes on in others that are there."""
    dropped = {row.pk for row in now.rows["outcomes"] if row.dropped_at}
    children = defaultdict(set)
    for row in now.rows["descents"]:
        children[row.parent, row.consultation, row.kind].add(row.child)
    kinds = {"merged": "merge", "split": "split"}
    for row in now.rows["considerations"]:
        if row.disposition in {"contested", "retired", "not_adopted"}:
            assert row.reason
        if row.disposition in kinds:
            went_on = children[row.outcome, row.consultation, kinds[row.disposition]]
            assert len(went_on) == 1 if row.disposition == "merged" else len(went_on) > 1
            assert not went_on & dropped


def lineage_has_no_circle_and_never_points_backwards(now: Picture) -> None:
    """And from an outcome everything can be reached on which its ancestors rest."""
    outcomes = now.by_key("outcomes")
    for row in now.rows["descents"]:
        assert outcomes[row.parent].created_at < outcomes[row.child].created_at
    known = Outcome.objects.in_bulk(now.ancestors())
    for child, ancestors in now.ancestors().items():
        assert child not in ancestors
        reached = {outcome.pk for outcome in ancestors_of(known[child])}
        of_ancestors = {row.pk for row in now.rows["evidence"] if row.outcome in ancestors}
        assert of_ancestors <= {row.pk for row in now.rows["evidence"] if row.outcome in reached}


def nobody_counts_twice_and_the_level_is_the_rules(now: Picture) -> None:
    """The tallies are those that follow from the rows by the words of domain.md, computed here once more."""
    events = list(Consultation.objects.all())
    who = (
        {
            pk: (person, type, event)
            for event in events
            for pk, person, type in event.participations.values_list("pk", "person", "stakeholder_type__slug")
        }
        if now.rows["positions"]
        else {}
    )
    concluded_at = {row.pk: row.concluded_at for row in now.rows["consultations"]}
    rows = now.by_key("considerations")
    counted = defaultdict(list)
    for row in now.rows["positions"]:
        _person, _type, event = who[row.participation]
        end = concluded_at[event.pk]
        assert rows[row.consideration].consultation == event.pk
        was_withdrawn = row.withdrawn_at and not (end and row.withdrawn_at >= end)
        if not (row.superseded_at or row.outdated_at or was_withdrawn):
            counted[row.consideration].append(row)
    tallies = tallies_of(events) if now.rows["positions"] else {}
    assert tallies.keys() == counted.keys()
    for consideration, positions in counted.items():
        people = [who[row.participation][0] for row in positions]
        assert len(people) == len(set(people))
        level, against = _level([(who[row.participation][1], row.stance) for row in positions])
        tally = tallies[consideration]
        hidden = [cell.type for cell in tally.cells if cell.counts is None]
        # A lead type that is against is named, unless by that somebody's position could be worked out.
        assert (tally.level, tally.against) == (level, [type for type in against if type not in hidden])
        if tally.total is None:
            assert len(people) < 3
        else:
            assert tally.total.answered == len(people)
        of_types = Counter(who[row.participation][1] for row in positions)
        assert {type for type, number in of_types.items() if number < 3} <= set(hidden)
        assert len(hidden) != 1 or len(of_types) == 1
        for cell in tally.cells:
            assert cell.counts is None or cell.counts.answered == of_types[cell.type]


def _level(said: list[tuple[str, str]]) -> tuple[str, list[str]]:
    """The level of agreement by domain.md's default rule, and which lead types are against."""
    agree = Counter(type for type, stance in said if stance in AGREE)
    dissent = Counter(type for type, stance in said if stance in DISSENT)
    a, d = agree.total(), dissent.total()
    large = [type for type in ["business", "city", "union"] if agree[type] + dissent[type] >= 3]
    against = [type for type in large if dissent[type] > agree[type]]
    lead = [type for type in against if type != "union"]
    if a + d < 5 or len(large) < 2:
        return "too_few", lead
    if d == 0:
        return "full_consensus", lead
    if 4 * a >= 3 * (a + d) and not against:
        return "consensus", lead
    return "broad_support" if 2 * a > a + d else "divergence", lead


def objections_stay_visible(now: Picture) -> None:
    """On the outcome and on every descendant, until their authors withdraw them; and nothing else is shown."""
    if not now.rows["positions"]:
        return
    concluded, rows = now.concluded(), now.by_key("considerations")
    said = defaultdict(set)
    for row in now.rows["positions"]:
        stands = not row.superseded_at and not row.withdrawn_at and row.attribution != "unpublished"
        if stands and row.stance in DISSENT and rows[row.consideration].consultation in concluded:
            said[rows[row.consideration].outcome].add(row.reason)
    ancestors = now.ancestors(at=concluded)
    shown = open_objections(Outcome.objects.select_related("born_at"))
    for outcome, voices in shown.items():
        expected = set().union(*(said[each] for each in [outcome, *ancestors.get(outcome, ())]))
        assert sorted(voice.reason for voice in voices) == sorted(expected)


def inputs_add_up(now: Picture) -> None:
    """Used, set aside, withdrawn and open are all that was given; at a concluded event nothing is open."""
    concluded = now.concluded()
    events = list(Consultation.objects.all())
    counted = coverage_by_event(events)
    for event in events:
        numbers = sorted(row.number for row in now.rows["inputs"] if row.consultation == event.pk and row.number)
        assert numbers == list(range(1, len(numbers) + 1))
        if event.pk in counted or numbers:
            assert counted[event.pk].total == len(numbers)
            assert event.pk not in concluded or counted[event.pk].open == 0
    assert all(row.number for row in now.rows["inputs"] if row.state == "submitted")
