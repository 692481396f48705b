"""The lineage of an area and of one outcome in a real browser: seen, reached by keyboard, accessible and valid."""

import re

import pytest
from playwright.sync_api import expect

from outcomes import dispositions
from tests.factories import SYNTHESIS
from tests.outcomes.conftest import chain  # noqa: F401  a fixture
from tests.processes import web

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def concluded(chain) -> None:  # noqa: F811  the fixture
    """Johannesburg bears four; Toronto merges two, refines one, contests one; Istanbul splits one, retires one."""
    who = {"by": chain.rapporteur, "at": SYNTHESIS}
    chain.in_synthesis("JHB11")
    made = {name: chain.draft("JHB11", name) for name in ["one", "two", "three", "four"]}
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    parents = [chain.before("TOR", made[name]) for name in ["one", "two"]]
    made["merged"] = dispositions.merge(
        parents, area=made["one"].area, kind="finding", title="Merged", statement="Merged.", addressees=[], **who
    )
    third = chain.before("TOR", made["three"])
    dispositions.refine(third, title="three", statement="Finer.", change_note="Clearer.", **who)
    dispositions.contest(chain.before("TOR", made["four"]), reason="It burdens small firms.", **who)
    chain.conclude("TOR")
    chain.in_synthesis("IST")
    parts = [dispositions.Part("Left", "Left."), dispositions.Part("Right", "Right.")]
    dispositions.split(chain.before("IST", made["merged"]), parts=parts, **who)
    dispositions.retire(chain.before("IST", made["three"]), reason="Done.", **who)
    chain.conclude("IST")


@pytest.mark.parametrize("width", [1280, 390])
def test_from_the_series_to_an_area_to_an_outcome(concluded, window, inspector, width):
    with web() as site:
        page = window(width=width)
        page.goto(f"{site}/series/thp/outcomes/")
        page.get_by_role("link", name="Knowledge transfer").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What became of the outcomes")
        inspector.look(page)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        drawing = page.get_by_role("region", name="Drawing")
        expect(drawing.get_by_role("img", name="JHB11-KT-01 at TOR: merged, goes on in TOR-KT-01")).to_have_count(1)
        page.get_by_text("Show the table").click()
        expect(page.get_by_role("row", name=re.compile("JHB11-KT-03.*proposed refined retired"))).to_be_visible()
        inspector.look(page)

        # By keyboard: into the frame, to the first reference, and there.
        drawing.focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url("**/outcomes/JHB11-KT-01/")

        # What stands fixed at the edge can be reached wherever the drawing was moved to.
        page.goto(f"{site}/outcomes/IST-KT-02/#IST")
        page.get_by_role("region", name="Drawing").evaluate("frame => frame.scrollTo(200, 0)")
        page.get_by_role("link", name="JHB11-KT-02").first.click()
        page.wait_for_url("**/outcomes/JHB11-KT-02/")
        page.get_by_text("The text of JHB11").click()
        expect(page.get_by_text("two, and soon.").last).to_be_visible()
        inspector.look(page)
    assert inspector.validate() == []
