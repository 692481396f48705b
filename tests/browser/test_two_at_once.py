"""Two people at the same thing in the same moment: one wins, the other is told, and nothing is lost."""

from collections.abc import Iterable
from contextlib import ExitStack

import pytest
from celery import current_app
from playwright.sync_api import Locator, expect

from consultations.models import ConsultationState, Role
from jobs.models import JobState
from outcomes.dispositions import reaffirm
from outcomes.models import Consideration, RollForward, Version
from stakeholders.models import Message, Person
from tests.browser.sessions import sign_in
from tests.factories import (
    SYNTHESIS,
    bring_to,
    conclude_and_carry,
    draft_outcome,
    give_input,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.processes import running, web
from tests.servers import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

REASONS = {"Contest": "It burdens small firms.", "Retire": "It was done last year."}


class Two:
    """Two rapporteurs and two organisers of Toronto, who know nothing of each other, and what they work on."""

    def __init__(self) -> None:
        self.staff = make_staff()
        series = make_series()
        self.istanbul = plan(series, "IST", title="Istanbul")
        self.toronto = plan(series, "TOR", title="Toronto", feeds_into=self.istanbul)
        johannesburg = plan(series, "JHB11", title="Johannesburg", feeds_into=self.toronto)
        self.rapporteurs = self.with_role(Role.RAPPORTEUR, "Rita", "Remi")
        self.organisers = self.with_role(Role.ORGANISER, "Olga", "Otto")
        bring_to(self.toronto, ConsultationState.ANNOUNCED, by=self.staff)
        self.participants = [take_part(self.toronto, make_person(name)) for name in ["Ada", "Ben"]]
        for participation in self.participants:
            give_input(participation)
        bring_to(johannesburg, ConsultationState.IN_SYNTHESIS, by=self.staff)
        self.laid = draft_outcome(johannesburg, by=self.rapporteurs[0], title="Share the cost")
        conclude_and_carry(johannesburg, by=self.staff)
        bring_to(self.toronto, ConsultationState.IN_SYNTHESIS, by=self.staff)
        self.draft = draft_outcome(
            self.toronto, by=self.staff, title="One fund", statement="Cities pay into one fund.",
            area=johannesburg.areas.get(code="CP"), evidence=list(self.toronto.inputs.all()),
        )  # fmt: skip

    def with_role(self, role: Role, *names: str) -> list[Person]:
        people = [make_person(name) for name in names]
        for person in people:
            take_part(self.toronto, person, role=role)
        return people

    def desk(self, site: str, place: str) -> str:
        return f"{site}/consultations/TOR/desk/{place}"


@pytest.fixture
def two() -> Two:
    return Two()


def at_once(buttons: list[Locator]) -> None:
    """Press a button in each of several windows before any has its answer; return when all have theirs."""
    with ExitStack() as answers:
        for button in buttons:
            answers.enter_context(button.page.expect_event("load"))
        for button in buttons:
            button.evaluate("button => { setTimeout(() => button.click(), 200) }")


def other_than(first: str, names: Iterable[str]) -> str:
    return next(name for name in names if name != first)


def test_a_draft_is_rewritten_by_two_and_both_texts_are_kept(two, window, inspector):
    typed = {"Rita": "Cities and firms pay into one fund.", "Remi": "Cities pay into one fund by 2015."}
    with web() as site:
        pages = {person.name: sign_in(window(), person, site) for person in two.rapporteurs}
        for name, page in pages.items():
            page.goto(two.desk(site, f"outcomes/{two.draft.reference}/"))
            page.get_by_label("Statement").fill(typed[name])
        at_once([page.get_by_role("button", name="Keep this text") for page in pages.values()])
        first = Version.objects.get(outcome=two.draft).drafted_by.name
        second = other_than(first, pages)
        expect(pages[first].get_by_text(f"The new text of {two.draft.reference} is kept.")).to_be_visible()

        # The second sees both texts, and nothing of theirs is kept before they have decided.
        told = pages[second]
        expect(told.get_by_role("alert")).to_contain_text(f"{first} has changed this text while you were writing.")
        theirs = told.get_by_role("region", name=f"What {first} wrote meanwhile")
        expect(theirs).to_contain_text(typed[first])
        expect(told.get_by_label("Statement")).to_have_value(typed[second])
        inspector.look(told)
        assert Version.objects.get(outcome=two.draft).statement == typed[first]

        both = "Cities and firms pay into one fund by 2015."
        told.get_by_label("Statement").fill(both)
        told.get_by_role("button", name="Keep this text").click()
        expect(told.get_by_text(f"The new text of {two.draft.reference} is kept.")).to_be_visible()
        inspector.look(told)
    version = Version.objects.get(outcome=two.draft)
    assert (version.statement, version.drafted_by.name, version.revision) == (both, second, 3)
    texts = version.history.order_by("history_id").values_list("statement", "drafted_by__name")
    assert list(texts) == [("Cities pay into one fund.", two.staff.name), (typed[first], first), (both, second)]
    assert inspector.validate() == []


def test_two_dispositions_of_one_outcome_and_the_second_keeps_the_words(two, window, inspector):
    with web() as site:
        acts = dict(zip(REASONS, two.rapporteurs, strict=True))
        pages = {act: sign_in(window(), person, site) for act, person in acts.items()}
        for act, page in pages.items():
            page.goto(two.desk(site, f"before/{two.laid.reference}/"))
            page.locator("summary", has_text=act).click()
            page.locator("details[open]").get_by_label("Reason").fill(REASONS[act])
        at_once([page.get_by_role("button", name=act, exact=True) for act, page in pages.items()])
        row = Consideration.objects.get(outcome=two.laid, consultation=two.toronto)
        first = next(act for act, person in acts.items() if person == row.disposed_by)
        second = other_than(first, acts)
        label = {"Contest": "contested", "Retire": "retired"}[first]
        assert (row.disposition, row.reason) == (label, REASONS[first])

        expect(pages[first].get_by_text(f"{two.laid.reference}: {label}.")).to_be_visible()
        told = pages[second]
        expect(told.get_by_role("alert")).to_contain_text(
            f"{two.laid.reference} is {label} already: {acts[first].name} has decided that. Undo it first"
        )
        expect(told.get_by_role("region", name="Here:")).to_contain_text(REASONS[first])
        typed = told.get_by_role("region", name=f"What you typed for “{second}”")
        expect(typed).to_contain_text("It is not saved.")
        expect(typed).to_contain_text(REASONS[second])
        inspector.look(told)
    row.refresh_from_db()
    assert (row.disposition, row.reason) == (label, REASONS[first])
    assert inspector.validate() == []


@pytest.fixture
def in_validation(two) -> Two:
    """Everything is decided; one text, written by staff, waits for a signature."""
    reaffirm(Consideration.objects.before(two.toronto).get(), by=two.rapporteurs[0], at=SYNTHESIS)
    bring_to(two.toronto, ConsultationState.IN_VALIDATION, by=two.staff)
    return two


def test_two_organisers_conclude_and_it_is_concluded_once(in_validation, window, inspector):
    two = in_validation
    current_app.control.purge()
    with web() as site, running("worker", SITE_URL=site):
        pages = {person.name: sign_in(window(), person, site) for person in two.organisers}
        for page in pages.values():
            page.goto(two.desk(site, "conclude/"))
        at_once([page.get_by_role("button", name="Sign 1 text and conclude") for page in pages.values()])
        two.toronto.refresh_from_db()
        first = two.toronto.concluded_by.name
        told = pages[other_than(first, pages)]
        expect(pages[first].get_by_text("Toronto is concluded. Its outcomes are public now.")).to_be_visible()
        expect(told.get_by_role("alert")).to_have_text(
            f"{first} has concluded TOR already. You have changed nothing, and nothing is left to do here."
        )
        expect(told.get_by_text(f"{first} concluded it on")).to_be_visible()
        everybody = set(two.toronto.participations.values_list("person", flat=True))
        told_of_it = Message.objects.filter(occasion="concluded", subject__contains="Toronto").order_by("person")
        wait_for(lambda: told_of_it.count() >= len(everybody), what="the messages")
        wait_for(lambda: not RollForward.objects.exclude(state=JobState.DONE).exists(), what="the roll-forward")
        told.reload()
        expect(told.get_by_text("2 outcomes are now laid before")).to_be_visible()
        inspector.look(told)
    assert list(told_of_it.values_list("person", flat=True)) == sorted(everybody)
    assert RollForward.objects.get(consultation=two.toronto).carried == 2
    laid = Consideration.objects.filter(consultation=two.istanbul)
    assert set(laid.values_list("outcome", flat=True)) == {two.laid.pk, two.draft.pk}
    assert Version.objects.get(outcome=two.draft).signed_by.name == first
    assert inspector.validate() == []


def test_a_text_changed_while_the_conclusion_was_open_is_named_and_nothing_is_signed(in_validation, window, inspector):
    two = in_validation
    organiser, rapporteur = two.organisers[0], two.rapporteurs[0]
    with web() as site:
        signer, writer = sign_in(window(), organiser, site), sign_in(window(), rapporteur, site)
        signer.goto(two.desk(site, "conclude/"))
        expect(signer.get_by_role("button", name="Sign 1 text and conclude")).to_be_visible()
        writer.goto(two.desk(site, f"outcomes/{two.draft.reference}/"))
        writer.get_by_label("Statement").fill("Firms alone pay into the fund.")
        writer.get_by_role("button", name="Keep this text").click()
        expect(writer.get_by_text("is kept")).to_be_visible()

        signer.get_by_role("button", name="Sign 1 text and conclude").click()
        expect(signer.get_by_role("alert")).to_contain_text(
            f"{two.draft.reference} was changed after you opened the page, so nothing is signed or concluded."
        )
        inspector.look(signer)
        two.toronto.refresh_from_db()
        version = Version.objects.get(outcome=two.draft)
        assert (two.toronto.state, version.signed_by, version.frozen_at) == ("in_validation", None, None)

        # Having read it, they sign what it says now.
        signer.get_by_role("link", name="Read the texts").click()
        expect(signer.get_by_text("Firms alone pay into the fund.")).to_be_visible()
        signer.goto(two.desk(site, "conclude/"))
        signer.get_by_role("button", name="Sign 1 text and conclude").click()
        expect(signer.get_by_text("Toronto is concluded. Its outcomes are public now.")).to_be_visible()
    version.refresh_from_db()
    assert (version.statement, version.signed_by) == ("Firms alone pay into the fund.", organiser)
    assert inspector.validate() == []
