"""Inputs that answer an outcome which was laid before their consultation."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Consultation, ConsultationState, Input, Role
from outcomes.models import Consideration
from tests import factories
from tests.pages import text_of

pytestmark = pytest.mark.django_db
WORDS = "JHB11-KT-01 Pay into one training fund"


@pytest.fixture
def toronto(event, clock):
    """Toronto, open for inputs, with JHB11-KT-01 laid before it; and one who takes part there."""
    factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[event.named])
    factories.conclude_and_carry(event.consultation, by=event.staff)
    clock.move_to(factories.NOW)
    event.author = factories.take_part(event.later, factories.make_person("Ada Author (sample)"))
    return event


def typed(event, **more: object) -> dict[str, object]:
    fields = factories.fields_of_input(event.later)
    return {**fields, "area": fields["area"].pk, "revision": 0, "submit": "", **more}


def path(event) -> str:
    return reverse("consultations:new_input", args=[event.later.code])


def test_the_form_offers_the_outcomes_that_are_laid(toronto, sign_in):
    client = sign_in(toronto.author.person)
    page = client.get(path(toronto))
    assert "Earlier outcome that it bears on" in text_of(page)
    assert f'<option value="JHB11-KT-01">{WORDS}</option>' in page.content.decode()


def test_the_form_asks_nothing_where_no_outcome_is_laid(event, sign_in):
    author = factories.take_part(event.later, factories.make_person("Ada Author (sample)"))
    page = sign_in(author.person).get(path(event))
    assert page.status_code == 200
    assert "Earlier outcome that it bears on" not in text_of(page)


def test_author_and_desk_read_it_beside_the_outcome(toronto, sign_in):
    client = sign_in(toronto.author.person)
    assert client.post(path(toronto), typed(toronto, bears_on="JHB11-KT-01")).status_code == 302
    given = Input.objects.get(participation=toronto.author)
    assert (given.bears_on, given.state) == ("JHB11-KT-01", "submitted")
    assert f"Bears on {WORDS}" in text_of(client.get(given.get_absolute_url()))
    assert (
        "selected"
        in client.get(reverse("consultations:edit_input", args=[given.pk]))
        .content.decode()
        .partition('value="JHB11-KT-01"')[2]
        .partition(">")[0]
    )

    factories.bring_to(toronto.later, ConsultationState.IN_SYNTHESIS, by=toronto.staff)
    client = sign_in(toronto.foreign_rapporteur)
    found = client.get(reverse("outcomes:desk_inputs", args=["TOR12"]), {"q": "jhb11-kt-01"})
    assert [input.pk for input in found.context["page"]] == [given.pk]
    assert f"Bears on {WORDS}" in text_of(found)
    consideration = client.get(reverse("outcomes:consideration", args=["TOR12", "JHB11-KT-01"]))
    assert "Read the inputs that bear on it" in text_of(consideration)


def test_a_reference_that_is_not_before_the_consultation_is_shown_nowhere(toronto, sign_in):
    client = sign_in(toronto.author.person)
    client.post(path(toronto), typed(toronto, bears_on="IST12-KT-09"))
    given = Input.objects.get(participation=toronto.author)
    assert "Bears on" not in text_of(client.get(given.get_absolute_url()))
    assert Consideration.objects.borne_on([given]) == {}


def test_a_draft_is_not_told_to_who_guesses_its_reference(toronto):
    factories.bring_to(toronto.later, ConsultationState.IN_SYNTHESIS, by=toronto.staff)
    draft = factories.draft_outcome(toronto.later, by=toronto.foreign_rapporteur, title="Still a draft")
    Consultation.objects.filter(pk=toronto.later.pk).update(state="announced")
    toronto.author.consultation.refresh_from_db()
    given = factories.give_input(toronto.author, bears_on=draft.reference)
    assert Consideration.objects.borne_on([given]) == {}


def test_the_desk_needs_one_query_for_all(toronto, sign_in):
    factories.take_part(toronto.later, toronto.rapporteur, role=Role.RAPPORTEUR)
    client = sign_in(toronto.rapporteur)
    desk = reverse("outcomes:desk_inputs", args=["TOR12"])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(desk).status_code == 200
        return len(captured)

    factories.give_input(toronto.author, bears_on="JHB11-KT-01")
    client.get(desk)
    few = queries()
    for _ in range(12):
        factories.give_input(toronto.author, bears_on="JHB11-KT-01")
    assert queries() == few
