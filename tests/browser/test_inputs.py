"""Writing an input in a real browser: it is saved while it is typed, and two windows do not overwrite each other."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from consultations.models import Input
from tests.browser.sessions import sign_in
from tests.factories import OPENS, bring_to, make_series, plan, take_part
from tests.processes import web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


@pytest.fixture
def participation():
    now = timezone.now()
    times = {"inputs_open_at": OPENS, "inputs_close_at": now + timedelta(days=7)}
    return take_part(bring_to(plan(make_series(), **times), "announced"))


@pytest.fixture
def site():
    with web() as address:
        yield address


@pytest.fixture
def signed_in_window(site, participation, window):
    """Give a function that opens a window of the participant's."""

    def open_window():
        return sign_in(window(width=390), participation.person, site)

    return open_window


def test_what_is_typed_is_saved_by_itself(signed_in_window, site, participation, inspector):
    page = signed_in_window()
    page.goto(f"{site}/consultations/{participation.consultation.code}/inputs/new/")
    page.get_by_label("Text", exact=True).fill("Nobody asks newcomers what they can do.")
    expect(page.locator("[data-autosave-status]")).to_have_text(re.compile(r"^Saved at \d"))
    draft = Input.objects.get()
    assert (draft.text, draft.title, draft.area, draft.state) == (
        "Nobody asks newcomers what they can do.", "", None, "draft",
    )  # fmt: skip
    expect(page).to_have_url(f"{site}/inputs/{draft.pk}/edit/")
    inspector.look(page)

    page.context.set_offline(True)
    page.get_by_label("Title", exact=True).fill("Ask newcomers")
    expect(page.locator("[data-autosave-status]")).to_have_text(re.compile("^Not saved: there is no connection"))
    page.context.set_offline(False)
    expect(page.locator("[data-autosave-status]")).to_have_text(re.compile(r"^Saved at \d"))

    page.reload()
    expect(page.get_by_label("Title", exact=True)).to_have_value("Ask newcomers")
    page.get_by_label("Knowledge transfer").check()
    page.get_by_label(re.compile("^Proposal")).check()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask newcomers")
    inspector.look(page)
    assert Input.objects.get().reference == f"{participation.consultation.code}-I-001"
    assert inspector.validate() == []


def test_a_second_window_is_shown_both_texts(signed_in_window, site, participation, inspector):
    first, second = signed_in_window(), signed_in_window()
    first.goto(f"{site}/consultations/{participation.consultation.code}/inputs/new/")
    first.get_by_label("Text", exact=True).fill("One desk for skills.")
    expect(first.locator("[data-autosave-status]")).to_have_text(re.compile(r"^Saved at \d"))
    second.goto(first.url)
    second.get_by_label("Text", exact=True).fill("One desk for skills, open in the evening.")
    expect(second.locator("[data-autosave-status]")).to_have_text(re.compile(r"^Saved at \d"))

    first.get_by_label("Text", exact=True).fill("One desk for skills in each district.")
    expect(first.locator("[data-autosave-status]")).to_have_text(
        "Not saved: This was changed in another window. Save the draft here to see both texts."
    )
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_role("alert")).to_contain_text("One desk for skills, open in the evening.")
    expect(first.get_by_label("Text", exact=True)).to_have_value("One desk for skills in each district.")
    assert Input.objects.get().text == "One desk for skills, open in the evening."
    inspector.look(first)
    first.get_by_role("button", name="Save draft").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Your draft")
    assert Input.objects.get().text == "One desk for skills in each district."
    assert inspector.validate() == []
