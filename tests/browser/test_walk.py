"""The main job from end to end, in a real browser against the product's own processes.

From the plan to the announcement, the invitation, an input, the synthesis, the conclusion, the roll-forward to the
hearing, and the downloaded dossier. Every page on the way is accessible and valid.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.utils import timezone
from playwright.sync_api import Page, expect

from consultations.models import Answer, Consultation, ConsultationKind, Role
from outcomes.models import Consideration
from stakeholders.models import Person
from tests.browser.conftest import Inspector
from tests.factories import make_organisation, make_person, make_series, make_staff, make_type, plan, take_part
from tests.processes import running, web
from tests.reports.pdfs import assert_keeps_both_standards, text_of
from tests.servers import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

SECRET_NAME = "Unspoken Whistler"
SECRET_FIRM = "Hidden Harbour Works"
TEXT = "Small firms should pay less into the fund, or they will stay away."


class Walk:
    """The people at their windows."""

    def __init__(self, site: str, window: Callable[..., Page], inspector: Inspector) -> None:
        self.site, self.window, self.inspector = site, window, inspector

    def look(self, page: Page, heading: str | None = None) -> None:
        if heading:
            expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
        self.inspector.look(page)

    def mail(self, page: Page, subject: str) -> str:
        """Wait until a mail is there, and give its text."""
        mails = self.window()
        wait_for(lambda: subject in (mails.goto(f"{self.site}/mail/") and mails.content()), what=subject)
        self.look(mails, "Mail")
        text = mails.locator("article", has=mails.get_by_role("heading", name=subject)).first.inner_text()
        mails.close()
        return text

    def sign_in(self, page: Page, person: Person) -> None:
        page.goto(f"{self.site}/accounts/login/code/")
        self.look(page, "Sign in")
        page.get_by_label("E-mail address").fill(str(person.email))
        page.get_by_role("button", name="Send me a code").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Type the code")
        self.look(page)
        code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", self.mail(page, "Your sign-in code"))
        assert code
        page.get_by_label("Code").fill(code[1])
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.site}/me/")
        self.look(page, "My page")

    def act(self, staff: Page, consultation: Consultation, name: str) -> None:
        """Press one of the buttons in the admin, and say yes."""
        staff.goto(f"{self.site}/admin/consultations/consultation/{consultation.pk}/change/")
        staff.get_by_role("link", name=name, exact=True).click()
        self.look(staff)
        staff.get_by_role("button", name=name, exact=True).click()
        staff.wait_for_url("**/change/")


@pytest.fixture
def people() -> dict[str, Person]:
    firm = make_organisation(SECRET_FIRM, type="business")
    return {
        "staff": make_staff(),
        "organiser": make_person("Otto Organiser (sample)"),
        "rapporteur": make_person("Rita Rapporteur (sample)"),
        "secret": make_person(f"{SECRET_NAME} (sample)", organisation=firm, email="whistler@harbour.example"),
        "open": make_person("Ada Open (sample)", organisation=make_organisation("City of Utrecht")),
    }


@pytest.fixture
def planned(people) -> dict[str, Consultation]:
    """Johannesburg before the hearing, planned so that inputs can be given now."""
    now = timezone.now()
    series = make_series()
    window = {"inputs_open_at": now - timedelta(days=1), "inputs_close_at": now + timedelta(days=7)}
    hearing = plan(series, "HEAR", title="Global Hearing", kind=ConsultationKind.HEARING, order=9, **window)
    johannesburg = plan(series, "JHB11", title="Johannesburg consultation", order=1, feeds_into=hearing, **window)
    johannesburg.targets.create(stakeholder_type=make_type("city"), number=3)
    asked = {"answer": Answer.NOT_INVITED}
    take_part(johannesburg, people["organiser"], role=Role.ORGANISER, type="academia")
    take_part(johannesburg, people["rapporteur"], role=Role.RAPPORTEUR, type="academia")
    take_part(johannesburg, people["secret"], type="business", organisation=people["secret"].organisation, **asked)
    take_part(johannesburg, people["open"], organisation=people["open"].organisation, may_be_listed=True)
    take_part(hearing, people["rapporteur"], role=Role.RAPPORTEUR, type="academia")
    return {"JHB11": johannesburg, "HEAR": hearing}


def test_from_the_invitation_to_the_downloaded_dossier(people, planned, window, inspector, tmp_path):
    current_app.control.purge()
    with web() as site, running("worker", "beat", SITE_URL=site, JOB_SWEEP_SECONDS="1"):
        walk = Walk(site, window, inspector)
        staff = window()
        walk.sign_in(staff, people["staff"])
        staff.goto(f"{site}/admin/")
        walk.look(staff)
        walk.act(staff, planned["JHB11"], "Announce")
        walk.act(staff, planned["HEAR"], "Announce")
        invite(walk, staff)
        participant = accept_by_link(walk)
        give_inputs(walk, participant, people["open"])
        walk.act(staff, planned["JHB11"], "Close inputs")
        rapporteur = window()
        walk.sign_in(rapporteur, people["rapporteur"])
        synthesise(walk, rapporteur)
        write_at_once(walk, rapporteur, staff)
        read_the_drafts(walk, participant)
        say_where_they_stand(walk, participant)
        organiser = window()
        walk.sign_in(organiser, people["organiser"])
        conclude(walk, organiser)
        see_it_before_the_hearing(walk, rapporteur)
        pdf = make_the_dossier(walk, organiser, tmp_path)
        publish(walk, staff)
        see_what_became_of_it(walk, participant, window(width=390))

    told = text_of(pdf)
    for fact in [
        "JHB11-KT-01",
        "Small firms pay less",
        "Small firms contribute less to the fund.",
        "“pay less into the fund”",
        "Business",
    ]:
        assert fact in told, fact
    leaks = [SECRET_NAME, SECRET_FIRM, "whistler@"]
    assert [leak for leak in leaks if leak in told] == []
    assert_keeps_both_standards(pdf)
    public = {url: source for url, source in inspector.sources.items() if "/dossier/" in url or "/outcomes/" in url}
    assert public
    assert [url for url, source in public.items() for leak in leaks if leak in source] == []
    assert inspector.validate() == []


def invite(walk: Walk, staff: Page) -> None:
    staff.goto(f"{walk.site}/admin/consultations/participation/?q=Whistler")
    staff.locator("input[name=_selected_action]").check()
    staff.locator("select[name=action]").first.select_option("send_invitations")
    staff.get_by_role("button", name="Run").click()
    expect(staff.get_by_text("1 invitation is on its way.")).to_be_visible()


def accept_by_link(walk: Walk) -> Page:
    mail = walk.mail(walk.window(), "Invitation: Johannesburg consultation")
    link = re.search(r"http\S+/invitation/\S+", mail)
    assert link
    page = walk.window()
    page.goto(link[0])
    assert page.url == f"{walk.site}/consultations/JHB11/invitation/"
    walk.look(page, "Johannesburg consultation")
    page.get_by_role("button", name="Yes, I accept").click()
    expect(page.get_by_text("You have accepted. What to do now")).to_be_visible()
    walk.look(page)
    return page


def give_inputs(walk: Walk, participant: Page, open_person: Person) -> None:
    participant.get_by_role("link", name="Give an input").first.click()
    walk.look(participant, "Give an input")
    participant.get_by_role("button", name="Submit").click()
    expect(participant.get_by_role("alert")).to_contain_text("There are 4 things to mend")
    walk.look(participant)
    fill_input(participant, title="Small firms pay less", text=TEXT)
    participant.get_by_label(re.compile("neither my name nor my organisation")).check()
    participant.get_by_role("button", name="Save draft").click()
    expect(participant.get_by_text("Your draft is saved.")).to_be_visible()
    walk.look(participant, "Your draft")
    participant.get_by_role("button", name="Submit").click()
    expect(participant.get_by_text("Your input has the reference JHB11-I-001")).to_be_visible()
    walk.look(participant, "Small firms pay less")
    receipt = walk.mail(participant, "We have your input JHB11-I-001")
    assert TEXT in receipt
    other = walk.window()
    walk.sign_in(other, open_person)
    other.goto(f"{walk.site}/consultations/JHB11/inputs/new/")
    fill_input(other, title="Mend the road", text="Please mend the road to the airport.")
    other.get_by_label(re.compile("With my name")).check()
    other.get_by_role("button", name="Submit").click()
    expect(other.get_by_text("JHB11-I-002").first).to_be_visible()
    other.close()


def fill_input(page: Page, *, title: str, text: str) -> None:
    page.get_by_label("Knowledge transfer").check()
    page.get_by_label(re.compile("^Proposal")).check()
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text", exact=True).fill(text)


def synthesise(walk: Walk, rapporteur: Page) -> None:
    desk = f"{walk.site}/consultations/JHB11/desk/"
    rapporteur.goto(desk)
    walk.look(rapporteur, "Where the work stands")
    rapporteur.get_by_role("link", name="Work on the inputs").click()
    walk.look(rapporteur, "Inputs")
    assert SECRET_NAME not in rapporteur.content()
    rapporteur.get_by_label(re.compile("JHB11-I-002")).check()
    rapporteur.get_by_text("Set them aside", exact=True).first.click()
    rapporteur.get_by_label("Reason").fill("It is about the upkeep of one road.")
    rapporteur.get_by_role("button", name="Set them aside").click()
    expect(
        rapporteur.get_by_text("It is about the upkeep of one road.").or_(
            rapporteur.get_by_text("1 input is set aside")
        )
    ).not_to_have_count(0)
    rapporteur.goto(f"{desk}inputs/")
    rapporteur.get_by_label(re.compile("JHB11-I-001")).check()
    rapporteur.get_by_role("button", name="Draft an outcome from them").click()
    walk.look(rapporteur, "Draft an outcome")
    rapporteur.get_by_label("Title", exact=True).fill("Small firms pay less")
    rapporteur.get_by_label("Statement").fill("Small firms contribute less to the fund.")
    rapporteur.get_by_label(re.compile("Quoted passage|Passage")).fill("pay less into a fund")
    rapporteur.get_by_role("button", name="Keep the draft").click()
    expect(rapporteur.get_by_text("This passage is not literally in JHB11-I-001").first).to_be_visible()
    walk.look(rapporteur)
    expect(rapporteur.get_by_label("Statement")).to_have_value("Small firms contribute less to the fund.")
    rapporteur.get_by_label(re.compile("Quoted passage|Passage")).fill("pay less into the fund")
    rapporteur.get_by_role("button", name="Keep the draft").click()
    expect(rapporteur.get_by_text("JHB11-KT-01 is drafted.")).to_be_visible()
    walk.look(rapporteur, "Small firms pay less")
    rapporteur.goto(desk)
    rapporteur.get_by_role("link", name="Open the validation").click()
    walk.look(rapporteur, "Open the validation")
    in_a_week = timezone.now() + timedelta(days=7)
    rapporteur.get_by_label("Day").fill(in_a_week.date().isoformat())
    rapporteur.get_by_label("Time").fill("18:00")
    rapporteur.get_by_role("button", name="Lay the drafts open").click()
    wait_for(lambda: Consultation.objects.get(code="JHB11").state == "in_validation", what="validation opens")


def read_the_drafts(walk: Walk, participant: Page) -> None:
    participant.goto(f"{walk.site}/consultations/JHB11/drafts/")
    walk.look(participant, "What we are about to stand by")
    expect(participant.get_by_text("Small firms contribute less to the fund.")).to_be_visible()


def write_at_once(walk: Walk, rapporteur: Page, staff: Page) -> None:
    """Two at one draft: the later one sees both texts and decides; nothing is lost."""
    for page in [rapporteur, staff]:
        page.goto(f"{walk.site}/consultations/JHB11/desk/outcomes/JHB11-KT-01/")
    staff.get_by_label("Title", exact=True).fill("Small firms pay")
    staff.get_by_role("button", name="Keep this text").click()
    expect(staff.get_by_text("The new text of JHB11-KT-01 is kept.")).to_be_visible()
    rapporteur.get_by_label("Title", exact=True).fill("Small firms pay less")
    rapporteur.get_by_label("Statement").fill("Small firms contribute less to the fund, and late.")
    rapporteur.get_by_role("button", name="Keep this text").click()
    expect(rapporteur.get_by_role("heading", name=re.compile("What .* wrote meanwhile"))).to_be_visible()
    walk.look(rapporteur)
    expect(rapporteur.get_by_role("heading", name="Small firms pay", exact=True).first).to_be_visible()
    expect(rapporteur.get_by_label("Statement")).to_have_value("Small firms contribute less to the fund, and late.")
    rapporteur.get_by_label("Statement").fill("Small firms contribute less to the fund.")
    rapporteur.get_by_role("button", name="Keep this text").click()
    expect(rapporteur.get_by_text("The new text of JHB11-KT-01 is kept.")).to_be_visible()
    walk.look(rapporteur, "Small firms pay less")


def say_where_they_stand(walk: Walk, participant: Page) -> None:
    participant.goto(f"{walk.site}/consultations/JHB11/validation/")
    walk.look(participant, "Where do you stand?")
    participant.get_by_role("link", name=re.compile("Answer Knowledge transfer")).click()
    walk.look(participant, "Knowledge transfer")
    expect(participant.get_by_text("What the others say so far")).to_have_count(0)
    participant.get_by_label("object", exact=True).check()
    participant.get_by_role("button", name="Keep my answers").click()
    expect(participant.get_by_text("Say why: a dissent is printed with its reason.").first).to_be_visible()
    walk.look(participant)
    participant.get_by_label(re.compile(r"Why")).first.fill("Large firms hide behind small ones.")
    participant.get_by_role("button", name="Keep my answers").click()
    expect(participant.get_by_text("1 answer is kept.")).to_be_visible()
    expect(participant.get_by_text("What the others say so far")).to_be_visible()
    walk.look(participant)
    participant.set_viewport_size({"width": 390, "height": 800})
    assert participant.evaluate("document.documentElement.scrollWidth") <= 390
    participant.set_viewport_size({"width": 1280, "height": 900})


def conclude(walk: Walk, organiser: Page) -> None:
    organiser.goto(f"{walk.site}/consultations/JHB11/desk/conclude/")
    walk.look(organiser, "Sign and conclude")
    organiser.get_by_role("button", name="Sign 1 text and conclude").click()
    expect(organiser.get_by_text("Its outcomes are public now.")).to_be_visible()
    # The page asks by itself how far the worker is.
    expect(organiser.get_by_text(re.compile("1 outcome|1 carried|carried")).first).to_be_visible()
    wait_for(lambda: Consideration.objects.filter(consultation__code="HEAR").exists(), what="the roll-forward")
    organiser.reload()
    walk.look(organiser, "Concluded")


def see_it_before_the_hearing(walk: Walk, rapporteur: Page) -> None:
    assert list(
        Consideration.objects.filter(consultation__code="HEAR").values_list(
            "outcome__reference", "version_before__title"
        )
    ) == [("JHB11-KT-01", "Small firms pay less")]
    rapporteur.goto(f"{walk.site}/consultations/HEAR/desk/before/")
    walk.look(rapporteur, "Outcomes before us")
    expect(rapporteur.get_by_text("JHB11-KT-01").first).to_be_visible()
    rapporteur.goto(f"{walk.site}/consultations/HEAR/inputs/new/")
    walk.look(rapporteur, "Give an input")
    expect(rapporteur.get_by_text("Small firms contribute less to the fund.")).to_be_visible()


def make_the_dossier(walk: Walk, organiser: Page, folder: Path) -> Path:
    organiser.goto(f"{walk.site}/consultations/HEAR/")
    walk.look(organiser, "Global Hearing")
    organiser.get_by_role("link", name="Make and read editions").click()
    walk.look(organiser, "The dossier for the hearing")
    organiser.get_by_role("button", name="Make a new edition").click()
    expect(organiser.get_by_text("Edition 1 is ready.")).to_be_visible(timeout=60_000)
    walk.look(organiser)
    organiser.get_by_role("link", name="Read edition 1").click()
    walk.look(organiser, "Edition 1 of the dossier")
    with organiser.expect_download() as download:
        organiser.get_by_role("link", name=re.compile("^PDF")).first.click()
    path = folder / "dossier.pdf"
    download.value.save_as(path)
    assert download.value.suggested_filename == "thp-dossier-1.pdf"
    return path


def publish(walk: Walk, staff: Page) -> None:
    staff.goto(f"{walk.site}/consultations/HEAR/dossier/1/")
    staff.get_by_role("button", name="Publish this edition").click()
    expect(staff.get_by_text("Edition 1 is published: everybody can read it now.")).to_be_visible()
    walk.look(staff)


def see_what_became_of_it(walk: Walk, participant: Page, visitor: Page) -> None:
    participant.goto(f"{walk.site}/me/")
    walk.look(participant, "My page")
    expect(participant.get_by_text("This input is evidence of an outcome")).to_be_visible()
    mail = walk.mail(walk.window(), "What became of what you said: Johannesburg consultation")
    participant.goto(re.search(r"http\S+/what-became/", mail)[0])  # type: ignore[index]
    walk.look(participant, "What became of what I said")
    expect(participant.get_by_text("Large firms hide behind small ones.")).to_be_visible()
    expect(participant.get_by_text("The passage that was taken from it")).to_be_visible()
    for path, heading, words in [
        ("/", "From what people say", "Cities and business"),
        ("/series/thp/", "Cities and business", "Edition 1 for Global Hearing"),
        ("/consultations/JHB11/", "Johannesburg consultation", "Small firms pay less"),
        ("/series/thp/outcomes/", "Outcomes", "JHB11-KT-01"),
        ("/outcomes/JHB11-KT-01/", "Small firms pay less", "pay less into the fund"),
        ("/outcomes/JHB11-KT-01/", "Small firms pay less", "Large firms hide behind small ones."),
        ("/series/thp/editions/", "Published editions", "Edition 1"),
        ("/consultations/HEAR/dossier/1/", "Edition 1", "For print and screen"),
        ("/consultations/JHB11/participants/", "Participants|Who", "Ada Open"),
    ]:
        visitor.goto(f"{walk.site}{path}")
        walk.look(visitor, heading)
        expect(visitor.get_by_text(words).first).to_be_visible()
        assert SECRET_NAME not in visitor.content()
        assert SECRET_FIRM not in visitor.content()
        assert visitor.evaluate("document.documentElement.scrollWidth") <= 390, path
