"""Every text of an outcome by the event at which it was made."""

import pytest

from outcomes import corrections, dispositions
from outcomes.lineage import lineage_of
from outcomes.models import Outcome
from outcomes.texts import Decision, decisions_of, texts_of
from tests.factories import CONCLUSION, SYNTHESIS
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def refined(chain) -> Outcome:
    """Drafted at Johannesburg, refined at Toronto, which works on."""
    chain.in_synthesis("JHB11")
    made = chain.draft("JHB11", "Fund")
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    dispositions.refine(
        chain.before("TOR", made), title="Fund", statement="Fund, and now.", change_note="It is urgent.",
        by=chain.rapporteur, at=SYNTHESIS,
    )  # fmt: skip
    return made


def correct(chain, outcome: Outcome) -> None:
    """Have Johannesburg correct its text after the conclusion; Toronto, which has worked on it, keeps its own."""
    version = corrections.propose_correction(
        chain.before("JHB11", outcome), title="Fund", statement="Funds, and soon.", reason="There are two.",
        by=chain.rapporteur, at=CONCLUSION,
    )  # fmt: skip
    corrections.carry(corrections.sign_correction(version, by=chain.staff, at=CONCLUSION), at=CONCLUSION)
    (flag,) = corrections.open_flags(chain["TOR"])
    corrections.resolve(flag, is_taken=False, reason="One is enough.", by=chain.rapporteur, at=CONCLUSION)


def told(outcome: Outcome, **options: bool) -> list[tuple[str, int, str, bool, bool]]:
    return [
        (code, made.text.number, made.text.statement, made.is_correction, made.changes is not None)
        for code, texts in texts_of(outcome, lineage_of(outcome, **options), **options).items()
        for made in texts
    ]


def test_drafts_are_told_to_those_alone_who_may_read_them(chain, refined):
    first = ("JHB11", 1, "Fund, and soon.", False, False)
    assert told(refined) == [first]
    assert told(refined, with_drafts=True) == [first, ("TOR", 2, "Fund, and now.", False, True)]


def test_texts_stand_where_they_were_made_with_what_they_changed(chain, refined):
    correct(chain, refined)
    chain.conclude("TOR")
    assert told(refined) == [
        ("JHB11", 1, "Fund, and soon.", False, False),
        ("JHB11", 3, "Funds, and soon.", True, True),
        ("TOR", 2, "Fund, and now.", False, True),
    ]
    corrected = texts_of(refined, lineage_of(refined))["JHB11"][1]
    assert corrected.made_on.isoformat() == "2011-07-20"
    assert [(piece.op, piece.text) for piece in corrected.changes.statement if piece.op != "same"] == [
        ("removed", "Fund"), ("added", "Funds"),
    ]  # fmt: skip


def test_proposed_and_dropped_corrections_are_told_nobody(chain, refined):
    who = {"by": chain.rapporteur, "at": CONCLUSION}
    row = chain.before("JHB11", refined)
    version = corrections.propose_correction(row, title="Fund", statement="Secret.", reason="Two.", **who)
    assert told(refined) == [("JHB11", 1, "Fund, and soon.", False, False)]
    corrections.drop_correction(version, **who)
    dispositions.undo(chain.before("TOR", refined), **who)
    assert told(refined, with_drafts=True) == [("JHB11", 1, "Fund, and soon.", False, False)]


def test_what_an_open_event_decided_about_a_correction_is_not_told_yet(chain, refined):
    correct(chain, refined)
    assert decisions_of(refined) == {}
    chain.conclude("TOR")
    assert decisions_of(refined) == {"TOR": [Decision("JHB11", False, "One is enough.")]}


def test_the_page_tells_every_text_at_its_event(chain, refined, client):
    correct(chain, refined)
    chain.conclude("TOR")
    page = client.get(f"/outcomes/{refined.reference}/")
    source = page.content.decode()
    assert source.index('id="JHB11"') < source.index('id="TOR"')
    said = text_of(page)
    for words in [
        "28 June 2011", "proposed", "The text of JHB11", "Fund, and soon.", "correction 20 July 2011: There are two.",
        "The corrected text", "Funds, and soon.", "refined It is urgent.", "The text of TOR",
        "It kept its text when that from JHB11 was corrected. One is enough.",
    ]:  # fmt: skip
        assert words in said, words
    assert "<del>soon</del><ins>now</ins>" in source
    for person in [chain.rapporteur, chain.staff]:
        assert person.name not in source
