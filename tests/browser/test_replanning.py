"""The plan of a running series is changed in a real browser: the consequences are seen first."""

import pytest
from playwright.sync_api import expect

from consultations.models import Consultation, ConsultationState
from tests.browser.sessions import sign_in
from tests.factories import bring_to, conclude_and_carry, draft_outcome, make_person, make_series, make_staff, plan
from tests.processes import web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


@pytest.fixture
def johannesburg() -> Consultation:
    """Concluded, with one outcome that lies before Toronto; Istanbul is planned beside them."""
    series, staff = make_series(), make_staff()
    toronto = bring_to(plan(series, "TOR", title="Toronto"), ConsultationState.ANNOUNCED, by=staff)
    plan(series, "IST", title="Istanbul", kind="follow_up")
    consultation = plan(series, "JHB11", title="Johannesburg", feeds_into=toronto)
    bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=staff)
    draft_outcome(consultation, by=make_person())
    return conclude_and_carry(consultation, by=staff)


def test_the_consequences_are_seen_before_the_plan_changes(johannesburg, window, inspector):
    with web() as site:
        page = sign_in(window(), make_staff(), site)
        page.goto(f"{site}/admin/consultations/consultation/{johannesburg.pk}/change/")
        page.get_by_text("Change the plan").click()
        page.get_by_role("link", name="Change what it feeds into").click()
        page.get_by_label("Feeds into").select_option(label="none: its outcomes wait")
        inspector.look(page)
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_role("region", name="What will happen")).to_contain_text(
            "1 outcome of Johannesburg leaves Toronto and waits for a consultation that takes it up: JHB11-KT-01."
        )
        inspector.look(page)
        page.get_by_role("button", name="Change what it feeds into").click()
        expect(page.get_by_text("The plan has changed")).to_be_visible()

        visitor = window(width=390)
        visitor.goto(f"{site}/series/thp/")
        waits = visitor.get_by_text("1 outcome of Johannesburg waits for a consultation that takes it up.")
        expect(waits).to_be_visible()
        inspector.look(visitor)

        page.goto(f"{site}/admin/consultations/consultation/{johannesburg.pk}/insert-after/")
        page.get_by_label("Code of the new one").fill("nai")
        page.get_by_label("Its title").fill("Nairobi")
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_text("Use capital letters and digits only")).to_be_visible()
        inspector.look(page)
        page.get_by_label("Code of the new one").fill("NAI")
        page.get_by_role("button", name="Show what will happen").click()
        expect(page.get_by_text("1 outcome of Johannesburg is laid before Nairobi: JHB11-KT-01.")).to_be_visible()
        page.get_by_role("button", name="Insert a consultation after this one").click()
        expect(page.get_by_text("another consultation follows Johannesburg now")).to_be_visible()
    johannesburg.refresh_from_db()
    assert johannesburg.feeds_into.code == "NAI"
    assert inspector.validate() == []
