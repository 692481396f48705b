"""Closing the loop: the message at the conclusion, and the page of what became of what one said."""

import pytest
from django.urls import reverse

from outcomes import dispositions
from outcomes.drafting import NewEvidence
from outcomes.models import Position, RollForward
from outcomes.tasks import roll_forward
from stakeholders.models import Message
from tests import factories
from tests.factories import SYNTHESIS, bring_to, give_input, make_person, take_part
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(chain):
    """Somebody gave two inputs to Johannesburg: one is quoted, the other is set aside; and they objected."""
    consultation = bring_to(chain["JHB11"], "announced", by=chain.staff)
    chain.author = take_part(consultation, make_person("Author (sample)"))
    used = give_input(chain.author, text="One fund for all.", title="Pay together")
    give_input(chain.author, title="Something else")
    chain.in_synthesis("JHB11")
    chain.outcome = chain.draft("JHB11", "One fund", evidence=[NewEvidence(input=used, quote="One fund")])
    here = chain.outcome.considerations.get()
    Position.objects.create(
        consideration=here, participation=chain.author, version=here.version_after, stance="object",
        reason="Too late.", attribution="type", taken_at=SYNTHESIS,
    )  # fmt: skip
    return chain


def page_of(chain, sign_in):
    return text_of(sign_in(chain.author.person).get(reverse("outcomes:became", args=["JHB11"])))


def test_everybody_who_came_or_spoke_gets_one_message(said):
    absent = take_part(said["JHB11"], attended=False)
    take_part(said["JHB11"], answer="declined")
    came = take_part(said["JHB11"], attended=True)
    bring_to(said["JHB11"], "concluded", by=said.staff)
    run = RollForward.objects.get()
    for _time in range(2):
        roll_forward(pk=run.pk)
    told = Message.objects.filter(occasion="concluded")
    assert {message.person for message in told} == {said.author.person, came.person, said.rapporteur}
    assert told.count() == 3
    assert absent.person not in {message.person for message in told}
    assert "/consultations/JHB11/what-became/" in told.get(person=came.person).text


def test_the_page_tells_what_became_of_each_input_and_position(said, sign_in):
    said.conclude("JHB11")
    page = page_of(said, sign_in)
    for words in ["JHB11-KT-01", "One fund", "The passage that was taken from it", "Said elsewhere.", "Too late."]:
        assert words in page


def test_what_later_events_made_of_it_is_added_also_where_it_went_on_in_others(said, sign_in):
    said.conclude("JHB11")
    said.in_synthesis("TOR")
    row = said.before("TOR", said.outcome)
    parts = [dispositions.Part(title=title, statement=title) for title in ["Cities pay", "Firms pay"]]
    dispositions.split(row, parts=parts, by=said.rapporteur, at=SYNTHESIS)
    assert "Cities pay" not in page_of(said, sign_in), "drafts of Toronto are not told"
    said.conclude("TOR")
    page = page_of(said, sign_in)
    assert "Consultation TOR: split" in page
    assert "It goes on in TOR-KT-01 Cities pay proposed" in page
    assert "It goes on in TOR-KT-02 Firms pay proposed" in page


def test_nobody_else_sees_it(said, sign_in):
    said.conclude("JHB11")
    other = factories.make_person()
    for person in [other, said.staff]:
        assert sign_in(person).get(reverse("outcomes:became", args=["JHB11"])).status_code == 404


def test_an_objection_is_public_with_the_outcome_until_it_is_withdrawn(said, sign_in, client):
    said.conclude("JHB11")
    url = reverse("outcomes:outcome", args=[said.outcome.reference])
    page = text_of(client.get(url))
    assert "What stands against it" in page
    assert "Too late." in page
    assert "Author (sample)" not in page
    position = Position.objects.get()
    sign_in(said.author.person).post(reverse("outcomes:withdraw_position", args=[position.pk]))
    assert "Too late." not in text_of(client.get(url))
