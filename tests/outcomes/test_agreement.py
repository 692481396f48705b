"""The rule for levels of agreement, and what of the counts is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consultations.models.series import DEFAULT_AGREEMENT_RULE
from outcomes.agreement import Counts, Level, level_of, suppressed, tally_of

RULE = DEFAULT_AGREEMENT_RULE
TYPES = ["city", "business", "union", "academia", "diaspora"]
numbers = st.integers(0, 9)
counts = st.builds(Counts, numbers, numbers, numbers, numbers, numbers)
answers = st.dictionaries(st.sampled_from(TYPES), counts)


@pytest.mark.parametrize(
    ("by_type", "level"),
    [
        ({}, "too_few"),
        ({"city": Counts(support=4)}, "too_few"),
        ({"city": Counts(support=9)}, "too_few"),  # one type alone
        ({"city": Counts(support=9), "business": Counts(support=2)}, "too_few"),
        ({"city": Counts(support=3), "business": Counts(abstain=9)}, "too_few"),  # abstentions are not counted
        ({"city": Counts(support=3), "business": Counts(reservations=3)}, "full_consensus"),
        ({"city": Counts(support=3, abstain=8), "business": Counts(support=3)}, "full_consensus"),
        ({"city": Counts(support=3), "business": Counts(support=3, disagree=2)}, "consensus"),  # 6 of 8 are 75 %
        ({"city": Counts(support=3), "business": Counts(support=2, object=2)}, "broad_support"),  # 5 of 7
        ({"city": Counts(support=9), "business": Counts(support=1, object=2)}, "broad_support"),  # a type against
        ({"city": Counts(support=9), "business": Counts(support=3), "union": Counts(object=2)}, "consensus"),
        ({"city": Counts(support=3), "business": Counts(object=3)}, "divergence"),  # half is not above a half
        ({"city": Counts(support=1, object=3), "business": Counts(object=3)}, "divergence"),
    ],
)
def test_the_level_is_computed_exactly_by_the_rule(by_type, level):
    assert level_of(by_type, RULE) == level


def test_a_series_may_ask_for_more():
    by_type = {"city": Counts(support=3), "business": Counts(support=3, disagree=2)}
    assert level_of(by_type, RULE | {"consensus_from": 0.8}) == Level.BROAD_SUPPORT
    assert level_of(by_type, RULE | {"least_answers": 9}) == Level.TOO_FEW


@given(answers)
def test_more_support_never_lowers_a_level(by_type):
    order = [Level.DIVERGENCE, Level.BROAD_SUPPORT, Level.CONSENSUS, Level.FULL_CONSENSUS]
    before = level_of(by_type, RULE)
    for slug in by_type:
        after = level_of(by_type | {slug: by_type[slug] + Counts(support=1)}, RULE)
        if Level.TOO_FEW in {before, after}:
            assert before == Level.TOO_FEW
        else:
            assert order.index(after) >= order.index(before)


@pytest.mark.parametrize(
    ("answered", "hidden"),
    [
        ({"city": 3, "business": 5}, set()),
        ({"city": 0, "business": 5}, set()),
        ({"city": 2, "business": 5, "union": 4}, {"city", "union"}),
        ({"city": 1, "business": 1, "union": 4}, {"city", "business", "union"}),  # two of two people tell all
        ({"city": 2, "business": 1, "union": 4}, {"city", "business"}),
        ({"city": 2, "business": 5}, {"city", "business"}),
        ({"city": 2}, {"city"}),
    ],
)
def test_small_cells_are_hidden_and_others_by_which_they_could_be_worked_out(answered, hidden):
    assert suppressed(answered, least=3) == hidden


@given(answers)
def test_nobody_can_be_worked_out_from_what_is_shown(by_type):
    tally = tally_of(by_type, asked={}, names=dict(zip(TYPES, TYPES, strict=True)), leads=TYPES, rule=RULE)
    hidden = {cell.type for cell in tally.cells if cell.counts is None}
    shown = {cell.type: cell.counts for cell in tally.cells if cell.counts is not None}
    assert hidden | set(shown) == set(by_type)
    assert all(cell == by_type[slug] for slug, cell in shown.items())
    assert all(cell.answered == 0 or cell.answered >= 3 for cell in shown.values())
    if tally.total is None:
        assert 0 < sum(cell.answered for cell in by_type.values()) < 3
    elif hidden:
        left = tally.total.answered - sum(cell.answered for cell in shown.values())
        assert left >= 3
        assert len(hidden) >= 2 or not [cell for cell in shown.values() if cell.answered]
    assert set(tally.against) <= {slug for slug, cell in shown.items() if cell.dissenting > cell.agreeing}


def test_a_lead_type_that_is_against_it_is_named():
    by_type = {"city": Counts(support=9), "business": Counts(support=1, object=2), "union": Counts(object=5)}
    tally = tally_of(
        by_type, asked={"city": 12, "business": 3, "union": 9, "academia": 2},
        names={"city": "Cities", "business": "Businesses", "union": "Unions", "academia": "Academia"},
        leads=["city", "business"], rule=RULE,
    )  # fmt: skip
    assert tally.against_names == ["Businesses"]
    assert [(cell.name, cell.asked, cell.counts and cell.counts.answered) for cell in tally.cells] == [
        ("Cities", 12, 9), ("Businesses", 3, 3), ("Unions", 9, 5), ("Academia", 2, 0),
    ]  # fmt: skip
    assert (tally.asked, tally.total) == (26, Counts(support=10, object=7))
