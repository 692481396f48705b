"""What is mine, in a real browser: from the consents to the erasure."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from consultations.models import Answer, Role
from tests.browser.sessions import sign_in
from tests.factories import OPENS, bring_to, give_input, make_person, make_series, make_staff, plan, take_part
from tests.processes import web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


@pytest.fixture
def consultation():
    times = {"inputs_open_at": OPENS, "inputs_close_at": timezone.now() + timedelta(days=7)}
    today = timezone.now().date()
    return bring_to(plan(make_series(), starts_on=today, ends_on=today + timedelta(days=1), **times), "announced")


def test_from_the_consents_to_the_erasure(consultation, window, inspector):
    ann = take_part(consultation, make_person("Ann Ash (sample)"), answer=Answer.INVITED)
    with web() as site:
        page = sign_in(window(width=390), ann.person, site)
        page.goto(f"{site}/consultations/JHB11/invitation/")
        page.get_by_label("I may be seen on photographs").check()
        page.get_by_role("button", name="Yes, I accept").click()
        page.get_by_text("What you need on site").click()
        page.get_by_label("Food").fill("No nuts")
        inspector.look(page)
        page.get_by_role("button", name="Tell the organisers").first.click()
        expect(page.get_by_text("That is kept for the organisers of this event")).to_be_visible()
        ann.refresh_from_db()
        given = give_input(ann, at=timezone.now())

        page.goto(site + given.get_absolute_url())
        page.get_by_text("Change that").click()
        page.get_by_label("With my name").check()
        inspector.look(page)
        page.get_by_role("button", name="Quote it this way").click()
        expect(page.get_by_text("From now on it is quoted as you chose.")).to_be_visible()

        page.goto(f"{site}/accounts/data/")
        page.get_by_text("Consents (3)").click()
        expect(page.get_by_text("I may be seen on photographs of the event that are published")).to_be_visible()
        inspector.look(page)
        with page.expect_download() as download:
            page.get_by_role("link", name="Take it along (JSON)").click()
        data = json.loads(Path(download.value.path()).read_text())
        assert [row["kind"] for row in data["consent"] if row["is_given"]] == ["photographs"]
        page.get_by_role("button", name="Ask to be erased").click()
        expect(page.get_by_text("Your wish is with the programme staff.")).to_be_visible()

        organiser = sign_in(window(width=390), take_part(consultation, role=Role.ORGANISER).person, site)
        organiser.goto(f"{site}/consultations/JHB11/needs/")
        expect(organiser.get_by_text("No nuts")).to_be_visible()
        inspector.look(organiser)
        for path in ["check-in/", "attendance/"]:
            organiser.goto(f"{site}/consultations/JHB11/{path}")
            inspector.look(organiser)

        staff = sign_in(window(), make_staff(), site)
        staff.goto(f"{site}/admin/")
        staff.get_by_role("link", name="One person asks to be erased").click()
        staff.get_by_role("link", name="Ann Ash (sample)").click()
        staff.get_by_role("link", name="Answer").click()
        expect(staff.get_by_text("Inputs: 1, of which 0 are evidence of outcomes.")).to_be_visible()
        staff.get_by_role("button", name="Erase, and keep the inputs").click()
        expect(staff.get_by_text("Erased. What is left says nothing of who it was.")).to_be_visible()
        page.goto(f"{site}/me/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert inspector.validate() == []


def test_two_at_the_door_at_once(consultation, window, inspector):
    ann = take_part(consultation, make_person("Ann Ash (sample)"))
    organisers = [
        take_part(consultation, make_person(f"Door {name} (sample)"), role=Role.ORGANISER) for name in ["One", "Two"]
    ]
    with web() as site:
        doors = [sign_in(window(width=390), row.person, site) for row in organisers]
        for door in doors:
            door.goto(f"{site}/consultations/JHB11/check-in/?q=ash")
        for door in doors:
            door.get_by_role("button", name="Check in Ann Ash (sample)").click()
        expect(doors[0].get_by_text("Ann Ash (sample) is checked in. Welcome!")).to_be_visible()
        expect(doors[1].get_by_text("by Door One (sample).")).to_be_visible()
        inspector.look(doors[1])
    ann.refresh_from_db()
    assert ann.checked_in_by == organisers[0].person
