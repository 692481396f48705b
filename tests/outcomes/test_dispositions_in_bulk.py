"""One disposition for several outcomes at once: the operation, taking it back, and the card on the page."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Consultation, ConsultationState, Role
from outcomes import dispositions
from outcomes.corrections import carry, withdraw
from outcomes.dispositions import Part, dispose_many, undo_many
from outcomes.models import Consideration, Disposition, Version
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, SYNTHESIS, VALIDATION, bring_to, take_part
from tests.pages import text_of

pytestmark = pytest.mark.django_db

NOT_FOR_MANY = sorted(set(Disposition) - Disposition.in_bulk())
DECIDING = [ConsultationState.IN_SYNTHESIS, ConsultationState.IN_VALIDATION]


@pytest.fixture
def who(chain):
    return {"by": chain.rapporteur, "at": SYNTHESIS}


def lay(chain, number: int = 4) -> None:
    """Outcomes of Johannesburg before Toronto, which is in synthesis."""
    chain.in_synthesis("JHB11")
    for place in range(1, number + 1):
        chain.draft("JHB11", f"Outcome {place}")
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")


def reference(number: int) -> str:
    return f"JHB11-KT-{number:02}"


def rows(chain, *numbers: int, code: str = "TOR"):
    laid = Consideration.objects.before(chain[code])
    return laid.filter(outcome__reference__in=[reference(number) for number in numbers]) if numbers else laid


def state(chain, code: str = "TOR") -> dict[int, tuple[str, str, int | None, int | None, object]]:
    told = ["disposition", "reason", "version_after__number", "disposed_by", "disposed_at"]
    laid = rows(chain, code=code).values_list("outcome__number", *told)
    return {number: tuple(values) for number, *values in laid}


OPEN = ("", "", None, None, None)


def test_those_that_have_none_get_it_and_the_others_stay_as_they_are(chain, who):
    lay(chain)
    dispositions.contest(rows(chain, 1).get(), reason="Not here.", **who)
    by, at, toronto = chain.staff, VALIDATION, chain["TOR"]
    ticked = rows(chain, 1, 2, 3)
    assert dispose_many(ticked, consultation=toronto, disposition="reaffirmed", reason=" So. ", by=by, at=at) == 2
    assert state(chain) == {
        1: ("contested", "Not here.", 1, chain.rapporteur.pk, SYNTHESIS),
        2: ("reaffirmed", "So.", 1, by.pk, at),
        3: ("reaffirmed", "So.", 1, by.pk, at),
        4: OPEN,
    }


def test_they_leave_with_the_text_that_they_came_in(chain, who):
    lay(chain, 2)
    dispositions.refine(rows(chain, 1).get(), title="O", statement="New.", change_note="Why.", **who)
    chain.conclude("TOR")
    chain.in_synthesis("IST")
    table = rows(chain, code="IST")
    assert dispose_many(table, consultation=chain["IST"], disposition=Disposition.NOT_CONSIDERED, **who) == 2
    assert {number: told[2] for number, told in state(chain, "IST").items()} == {1: 2, 2: 1}


@pytest.mark.parametrize("disposition", NOT_FOR_MANY)
def test_what_needs_a_text_or_its_own_reason_is_not_given_to_many(chain, who, disposition):
    lay(chain, 2)
    with pytest.raises(ValueError, match="one outcome at a time"):
        dispose_many(rows(chain), consultation=chain["TOR"], disposition=disposition, reason="So.", **who)
    assert set(state(chain).values()) == {OPEN}


@pytest.mark.parametrize("code", ["TOR", "HEAR"])
@pytest.mark.parametrize("disposition", sorted(Disposition.in_bulk()))
def test_each_kind_of_consultation_gives_its_own(chain, who, code, disposition):
    lay(chain, 2)
    if code == "HEAR":
        for before in ["TOR", "IST"]:
            chain.conclude(before)
        chain.in_synthesis("HEAR")
    fits = {
        "TOR": {Disposition.REAFFIRMED, Disposition.NOT_CONSIDERED},
        "HEAR": {Disposition.ADOPTED, Disposition.REFERRED, Disposition.NOT_CONSIDERED},
    }[code]
    table = rows(chain, code=code)
    if disposition in fits:
        assert dispose_many(table, consultation=chain[code], disposition=disposition, **who) == 2
        assert {told[0] for told in state(chain, code).values()} == {disposition}
    else:
        with pytest.raises(Refused, match=r"A hearing decides|Only a hearing can adopt"):
            dispose_many(table, consultation=chain[code], disposition=disposition, **who)
        assert set(state(chain, code).values()) == {OPEN}


@pytest.mark.parametrize("at_state", [state for state in ConsultationState if state not in DECIDING])
def test_in_any_other_state_nothing_is_given_or_taken_back(chain, who, at_state):
    lay(chain, 2)
    toronto = chain["TOR"]
    dispose_many(rows(chain, 1), consultation=toronto, disposition=Disposition.REAFFIRMED, **who)
    before = state(chain)
    ended = {"concluded_at": CONCLUSION, "cancelled_at": CONCLUSION, "cancellation_reason": "No place."}
    who_did = {"concluded_by": chain.staff, "cancelled_by": chain.staff}
    Consultation.objects.filter(pk=toronto.pk).update(state=at_state, **ended, **who_did)
    told = f"TOR is {ConsultationState(at_state).label}. Rapporteurs work on it"
    with pytest.raises(Refused, match=told):
        dispose_many(rows(chain), consultation=toronto, disposition=Disposition.REAFFIRMED, **who)
    with pytest.raises(Refused, match=told):
        undo_many(rows(chain), consultation=toronto)
    assert state(chain) == before


def test_in_validation_both_go_on(chain, who):
    lay(chain, 2)
    bring_to(chain["TOR"], ConsultationState.IN_VALIDATION, by=chain.staff)
    assert dispose_many(rows(chain), consultation=chain["TOR"], disposition=Disposition.REAFFIRMED, **who) == 2
    assert undo_many(rows(chain, 2), consultation=chain["TOR"]) == 1
    assert {number: told[0] for number, told in state(chain).items()} == {1: "reaffirmed", 2: ""}


def test_what_lies_before_another_event_or_was_withdrawn_is_left(chain, who):
    lay(chain, 3)
    born = chain.before("JHB11", rows(chain, 1).get().outcome)
    carry(withdraw(born, reason="Wrong.", by=chain.staff, at=CONCLUSION), at=CONCLUSION)
    everything = Consideration.objects.all()
    assert dispose_many(everything, consultation=chain["TOR"], disposition=Disposition.REAFFIRMED, **who) == 2
    assert {number: told[0] for number, told in state(chain).items()} == {1: "", 2: "reaffirmed", 3: "reaffirmed"}
    assert set(Consideration.objects.filter(consultation=chain["JHB11"]).values_list("disposition")) == {("proposed",)}
    assert undo_many(everything, consultation=chain["TOR"]) == 2
    assert set(Consideration.objects.filter(consultation=chain["JHB11"]).values_list("disposition")) == {("proposed",)}


def test_only_what_is_safe_is_taken_back_together(chain, who):
    lay(chain, 7)
    dispositions.refine(rows(chain, 1).get(), title="O", statement="New.", change_note="Why.", **who)
    dispositions.contest(rows(chain, 2).get(), reason="Not here.", **who)
    parts = [Part(title=title, statement=title) for title in ["A", "B"]]
    dispositions.split(rows(chain, 3).get(), parts=parts, **who)
    dispose_many(rows(chain, 4, 5), consultation=chain["TOR"], disposition=Disposition.REAFFIRMED, **who)
    dispose_many(rows(chain, 6), consultation=chain["TOR"], disposition=Disposition.NOT_CONSIDERED, reason="So.", **who)
    before = state(chain)
    assert undo_many(rows(chain, 1, 2, 3, 4, 6, 7), consultation=chain["TOR"]) == 2
    assert state(chain) == {**before, 4: OPEN, 6: OPEN}
    assert Version.objects.filter(consultation=chain["TOR"], discarded_at__isnull=False).count() == 0


@pytest.mark.parametrize("number", [3, 60])
def test_the_number_of_queries_does_not_depend_on_the_number_of_outcomes(chain, who, number):
    lay(chain, number)
    toronto, table = chain["TOR"], rows(chain)
    with CaptureQueriesContext(connection) as giving:
        assert dispose_many(table, consultation=toronto, disposition=Disposition.REAFFIRMED, **who) == number
    with CaptureQueriesContext(connection) as taking:
        assert undo_many(table, consultation=toronto) == number
    acts = [[query["sql"].split()[0] for query in captured] for captured in [giving, taking]]
    assert acts == [["SAVEPOINT", "SELECT", "UPDATE", "RELEASE"]] * 2


def at_once(*acts: Callable[[], int]) -> list[int]:
    """Do all in the same moment, each in a thread of its own."""
    start = Barrier(len(acts))

    def run(act: Callable[[], int]) -> int:
        try:
            start.wait()
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(run, acts))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", range(3))
def test_of_two_at_once_each_outcome_gets_one_and_the_counts_say_so(chain, who, _time):
    lay(chain, 6)
    toronto = chain["TOR"]
    given = at_once(
        lambda: dispose_many(rows(chain, 1, 2, 3, 4), consultation=toronto, disposition="reaffirmed", **who),
        lambda: dispose_many(rows(chain, 3, 4, 5, 6), consultation=toronto, disposition="not_considered", **who),
    )
    assert sorted(given) == [2, 4]
    got = {number: told[0] for number, told in state(chain).items()}
    assert (got[1], got[6]) == ("reaffirmed", "not_considered")
    assert got[3] == got[4] == ("reaffirmed" if given == [4, 2] else "not_considered")


# The page


@pytest.fixture
def desk(chain, clock, sign_in):
    """The client of Toronto's rapporteur, with five outcomes on the list."""
    lay(chain, 5)
    clock.move_to(SYNTHESIS)
    return sign_in(chain.rapporteur)


URL = "/consultations/TOR/desk/before/"


def press(desk, act: str, *numbers: int, **more: str) -> str:
    data = {"act": act, "outcome": [reference(number) for number in numbers], **more}
    return text_of(desk.post(URL, data, follow=True))


def dispositions_of(chain) -> str:
    """What the five have, by their first letters; a dot for none."""
    return "".join(told[0][:1] or "." for _number, told in sorted(state(chain).items()))


def test_the_ticked_ones_get_it(chain, desk):
    assert "2 outcomes are reaffirmed." in press(desk, "reaffirm", 1, 3, **{"bulk-reason": "As it was."})
    assert dispositions_of(chain) == "r.r.."
    assert state(chain)[3][1] == "As it was."
    page = press(desk, "not_considered", 1, 2)
    assert "1 outcome is not considered. 1 had a disposition already and stays as it is." in page
    assert dispositions_of(chain) == "rnr.."


def test_who_comes_second_is_told(chain, desk):
    press(desk, "reaffirm", 1, 2)
    page = press(desk, "not_considered", 1, 2)
    assert "Nothing is changed. 2 had a disposition already and stay as they are." in page
    assert dispositions_of(chain) == "rr..."


def test_all_that_have_none_get_it_if_they_are_as_many_as_was_seen(chain, desk):
    press(desk, "reaffirm", 2)
    assert "All 4 that have no disposition yet" in text_of(desk.get(URL))
    press(desk, "reaffirm", 3)
    page = press(desk, "not_considered", 1, all="4")
    assert "Meanwhile 3 outcomes have no disposition, not as many as when you looked. Nothing is done yet" in page
    assert dispositions_of(chain) == ".rr.."
    assert "3 outcomes are not considered." in press(desk, "not_considered", all="3")
    assert dispositions_of(chain) == "nrrnn"
    assert "that have no disposition yet" not in text_of(desk.get(URL))


def test_what_the_ticked_ones_got_is_taken_back_and_what_is_left_is_named(chain, desk, who):
    dispositions.contest(rows(chain, 5).get(), reason="Not here.", **who)
    press(desk, "reaffirm", 1, 2, 3)
    page = press(desk, "undo", 1, 2, 4, 5)
    assert "2 outcomes are open again: they have no disposition." in page
    assert "These are undone one by one, on their own pages: JHB11-KT-05 (contested)." in page
    assert dispositions_of(chain) == "..r.c"
    assert "Nothing is taken back." in press(desk, "undo", 1)


def test_merging_goes_on_on_its_own_page(chain, desk):
    answer = desk.post(URL, {"act": "merge", "outcome": [reference(1), reference(2)]})
    assert answer.url == reverse("outcomes:merge", args=["TOR"]) + "?outcome=JHB11-KT-01&outcome=JHB11-KT-02"


@pytest.mark.parametrize("act", ["reaffirm", "undo"])
def test_without_a_tick_nothing_is_done(chain, desk, act):
    press(desk, "reaffirm", 1)
    assert "Choose at least one outcome: tick the box beside it." in press(desk, act)
    assert dispositions_of(chain) == "r...."


@pytest.mark.parametrize("act", ["contest", "retire", "refine", "adopt", "nonsense"])
def test_no_other_act_is_done_with_several(chain, desk, act):
    assert desk.post(URL, {"act": act, "outcome": [reference(1)], "bulk-reason": "So."}).status_code == 400
    assert dispositions_of(chain) == "....."


def test_enter_on_a_box_does_nothing_and_keeps_the_ticks(chain, desk):
    answer = desk.post(URL, {"outcome": [reference(2)]})
    assert "Nothing is done yet: press what is to become of the ticked outcomes." in text_of(answer)
    ticked = re.findall(r'value="(JHB11-KT-\d+)"[^>]*checked', answer.content.decode())
    assert ticked == [reference(2)]
    assert dispositions_of(chain) == "....."


def test_once_it_is_concluded_the_page_offers_and_does_nothing(chain, desk):
    chain.conclude("TOR")
    assert "With the ticked outcomes" not in text_of(desk.get(URL))
    assert "TOR is concluded. Rapporteurs work on it in synthesis and in validation." in press(desk, "undo", 1)
    assert dispositions_of(chain) == "nnnnn"


def test_a_hearing_offers_its_own(chain, desk, sign_in):
    for code in ["TOR", "IST"]:
        chain.conclude(code)
    chain.in_synthesis("HEAR")
    url = URL.replace("TOR", "HEAR")
    page = desk.get(url)
    assert [act.name for act in page.context["acts"]] == ["adopt", "refer", "not_considered"]
    assert "Merge the ticked outcomes" not in text_of(page)
    desk.post(url, {"act": "adopt", "outcome": [reference(1), reference(2)]})
    desk.post(url, {"act": "refer", "all": "3"})
    assert [told[0] for _number, told in sorted(state(chain, "HEAR").items())] == ["adopted"] * 2 + ["referred"] * 3


def test_the_organiser_reads_and_ticks_nothing(chain, desk, sign_in):
    organiser = take_part(chain["TOR"], role=Role.ORGANISER).person
    client = sign_in(organiser)
    page = client.get(URL).content.decode()
    assert "With the ticked outcomes" not in page
    assert 'name="outcome"' not in page
    assert client.post(URL, {"act": "reaffirm", "outcome": [reference(1)]}).status_code == 403
    assert dispositions_of(chain) == "....."
