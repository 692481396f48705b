"""The list of inputs at the desk from the keyboard: what is like an input is shown, and ticked with it."""

import re

import pytest
from playwright.sync_api import expect

from consultations.models import Role
from tests.browser.sessions import sign_in
from tests.factories import bring_to, give_input, make_series, plan, take_part
from tests.processes import web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


def test_what_is_like_an_input_is_shown_and_ticked_by_one_key_and_one_button(window, inspector):
    consultation = bring_to(plan(make_series()), "announced")
    author, rapporteur = take_part(consultation), take_part(consultation, role=Role.RAPPORTEUR)
    texts = ["Night schools for bakers and welders.", "Welders and bakers need night schools.", "Mend the road."]
    one, other, _else = [give_input(author, title="·", text=text) for text in texts]
    bring_to(consultation, "in_synthesis")
    with web() as site:
        page = sign_in(window(), rapporteur.person, site)
        page.goto(f"{site}/consultations/{consultation.code}/desk/inputs/")
        page.keyboard.press("j")
        page.keyboard.press("l")
        found = page.locator(f"#input-{one.number} dl.like")
        expect(found).to_contain_text(other.reference)
        expect(found).to_contain_text("No outcome on the table is like it")
        inspector.look(page)
        found.get_by_role("button", name="Tick these too").click()
        expect(page.locator("#ticked")).to_have_text("2")
        expect(page.locator(f"#tick-{one.number}")).to_be_checked()
        expect(page.locator(f"#tick-{other.number}")).to_be_checked()
        found.get_by_label(re.compile(other.reference)).uncheck()
        expect(page.locator(f"#tick-{other.number}")).not_to_be_checked()
        expect(page.locator("#ticked")).to_have_text("1")
        page.locator(f"#input-{one.number}").focus()
        page.keyboard.press("l")
        expect(found).to_be_hidden()
        page.goto(f"{site}/consultations/{consultation.code}/desk/inputs/{one.number}/like/")
        inspector.look(page)
    assert inspector.validate() == []
