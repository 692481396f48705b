"""A letter in a real browser with a real worker: from the list to the mail, and the answer that it asks for."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from consultations.models import Answer, Dispatch, Role
from stakeholders.models import Message
from tests.browser.sessions import sign_in
from tests.factories import OPENS, bring_to, make_organisation, make_person, make_series, make_staff, plan, take_part
from tests.processes import running, web
from tests.servers import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


@pytest.fixture
def consultation():
    now = timezone.now()
    times = {"inputs_open_at": OPENS, "inputs_close_at": now + timedelta(days=7)}
    days = {"starts_on": (now + timedelta(days=20)).date(), "ends_on": (now + timedelta(days=21)).date()}
    return bring_to(plan(make_series(), places=1, languages=["en", "tr"], **times, **days), "announced")


def test_from_the_address_book_to_the_answer(consultation, window, inspector):
    office = make_organisation()
    ann, bea = (make_person(name, organisation=office) for name in ["Ann Ash (sample)", "Bea Beech (sample)"])
    organiser = take_part(consultation, role=Role.ORGANISER).person
    with web() as site, running("worker"):
        staff = sign_in(window(), make_staff(), site)
        staff.goto(f"{site}/consultations/JHB11/participants/add/?q=City+of")
        inspector.look(staff)
        staff.get_by_role("button", name="Put all 2 who are found on the list").click()
        expect(staff.get_by_text("2 people are put on the list.")).to_be_visible()

        page = sign_in(window(width=390), organiser, site)
        page.goto(f"{site}/consultations/JHB11/letters/")
        page.get_by_role("button", name="Write an invitation").click()
        page.get_by_label("Subject").first.fill("Come, {nmae}")
        page.get_by_role("button", name="Save, and see each message").click()
        expect(page.get_by_role("alert")).to_contain_text("{nmae} means nothing here.")
        inspector.look(page)
        page.get_by_label("Subject").first.fill("Come, {name}")
        page.get_by_role("button", name="Save, and choose people").click()
        page.get_by_label("Ann Ash (sample)").check()
        inspector.look(page)
        page.get_by_role("button", name="It goes to those who are ticked").click()
        page.get_by_role("button", name="Save, and see each message").click()
        expect(page.get_by_role("heading", level=2, name="Come, Ann Ash (sample)")).to_be_visible()
        inspector.look(page)
        page.get_by_role("button", name="Send it").click()
        expect(page.get_by_text("The letter is on its way.")).to_be_visible()
        wait_for(lambda: Dispatch.objects.filter(state="done", sent=1).exists(), what="the letter")
        page.reload()
        expect(page.get_by_text("sent to 1 person")).to_be_visible()
        inspector.look(page)
        wait_for(lambda: Message.objects.filter(person=ann, state="done").exists(), what="the mail")
        assert not Message.objects.filter(person=bea).exists()

        link = re.search(r"/invitation/\S+", Message.objects.get(person=ann).text)
        guest = window(width=390)
        guest.goto(site + link[0])
        guest.get_by_text("No, I cannot come").click()
        guest.get_by_label("Name of a colleague").fill("Eva Elm (sample)")
        guest.get_by_label("E-mail address of the colleague").fill("eva@city.example")
        inspector.look(guest)
        guest.get_by_role("button", name="Tell the organisers").click()
        expect(guest.get_by_text("Thank you for telling the organisers.")).to_be_visible()

        page.goto(f"{site}/consultations/JHB11/participants/")
        inspector.look(page)
        page.get_by_role("button", name="Invite Eva Elm (sample)").click()
        expect(page.get_by_text("The invitation for Eva Elm (sample) is on its way.")).to_be_visible()
        take_part(consultation, answer=Answer.ACCEPTED)
        to_eva = Message.objects.filter(person__email="eva@city.example", state="done")
        wait_for(to_eva.exists, what="the colleague's mail")
        message = to_eva.get()
        guest.goto(site + re.search(r"/invitation/\S+", message.text)[0])
        guest.get_by_role("button", name="Yes, I accept").click()
        expect(guest.get_by_role("heading", name="You are on the waiting list")).to_be_visible()
        inspector.look(guest)
    assert inspector.validate() == []
