"""The round of validation as participants, rapporteurs and staff see it in the browser."""

import pytest
from django.urls import reverse

from consultations.models import ConsultationState
from outcomes import drafting
from outcomes.models import FactualCorrection, Position
from tests import factories
from tests.factories import VALIDATION, take_part
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(event, clock):
    """Johannesburg in validation with two drafts in one area; somebody else has objected to the first."""
    event.drafts = [
        factories.draft_outcome(event.consultation, by=event.rapporteur, title=title, evidence=[given])
        for title, given in [("One fund", event.by_type), ("One school", event.named)]
    ]
    event.other = take_part(event.consultation, type="business")
    factories.bring_to(event.consultation, ConsultationState.IN_VALIDATION, by=event.staff)
    clock.move_to(VALIDATION)
    version = event.drafts[0].versions.get()
    Position.objects.create(
        consideration=event.drafts[0].considerations.get(), participation=event.other, version=version,
        stance="object", reason="It costs us twice.", attribution="type", taken_at=VALIDATION,
    )  # fmt: skip
    return event


def area_page(event):
    return reverse("outcomes:validation_area", args=["JHB11", event.drafts[0].area.code])


def answers(event, **given):
    """A whole form as the page sends it: nothing said on either outcome but what is given as `<1 or 2>_<field>`."""
    data = {}
    for place, outcome in enumerate(event.drafts, start=1):
        version = outcome.versions.get()
        prefix = outcome.reference
        data |= {f"{prefix}-seen": f"{version.pk}.{version.revision}", f"{prefix}-attribution": "type"}
        for name, value in given.items():
            if name.startswith(f"{place}_"):
                data[f"{prefix}-{name[2:]}"] = value
    return data


def test_own_answer_first_then_what_the_others_said(asked, sign_in):
    client = sign_in(asked.participant.person)
    assert "It costs us twice." not in client.get(area_page(asked)).content.decode()
    response = client.post(area_page(asked), answers(asked, **{"1_stance": "support", "1_holds": "partly"}))
    assert response.status_code == 302
    page = text_of(client.get(area_page(asked)))
    assert "1 answer is kept." in page
    assert "It costs us twice." in page
    assert "Your position: support" in page
    said = Position.objects.get(participation=asked.participant)
    assert (said.stance, said.holds, said.entered_by) == ("support", "partly", None)
    assert "You have answered 1 of 2 outcomes." in text_of(client.get(reverse("outcomes:validation", args=["JHB11"])))


def test_what_can_be_kept_is_kept_and_the_rest_says_why_not(asked, sign_in):
    client = sign_in(asked.participant.person)
    given = answers(asked, **{"1_stance": "support", "2_stance": "object", "2_wording": "Two schools."})
    page = text_of(client.post(area_page(asked), given))
    assert "Say why: a dissent is printed with its reason." in page
    assert "Two schools." in page
    assert list(Position.objects.filter(participation=asked.participant).values_list("stance", flat=True)) == [
        "support"
    ]


def test_words_without_a_stance_are_not_lost(asked, sign_in):
    page = text_of(sign_in(asked.participant.person).post(area_page(asked), answers(asked, **{"1_reason": "Well."})))
    assert "Choose where you stand." in page
    assert "Well." in page
    assert not Position.objects.filter(participation=asked.participant).exists()


def test_a_text_that_changed_meanwhile_is_shown_and_the_answer_stays_typed(asked, sign_in):
    given = answers(asked, **{"1_stance": "disagree", "1_reason": "Too much."})
    drafting.edit_draft(
        asked.drafts[0].versions.get(), title="Two funds", statement="Two.", revision=1, by=asked.staff, at=VALIDATION
    )
    client = sign_in(asked.participant.person)
    page = text_of(client.post(area_page(asked), given))
    assert "The text was changed while you were reading." in page
    assert "Two funds" in page
    assert "Too much." in page
    assert not Position.objects.filter(participation=asked.participant).exists()
    assert client.post(area_page(asked), answers(asked, **{"1_stance": "support"})).status_code == 302


def test_who_answered_an_earlier_text_sees_what_changed(asked, sign_in):
    client = sign_in(asked.participant.person)
    client.post(area_page(asked), answers(asked, **{"1_stance": "support"}))
    drafting.edit_draft(
        asked.drafts[0].versions.get(), title="One fund", statement="Cities pay.", revision=1, by=asked.staff,
        at=VALIDATION,
    )  # fmt: skip
    response = client.get(area_page(asked))
    assert "The text has changed since you said “support”." in text_of(response)
    assert "<del>" in response.content.decode()
    assert "It costs us twice." not in text_of(response), "first their own answer again"


def test_facts_are_corrected_and_answered_at_the_desk(asked, sign_in):
    client = sign_in(asked.participant.person)
    client.post(area_page(asked), answers(asked, **{"1_facts": "It is ten cities."}))
    correction = FactualCorrection.objects.get()
    desk = sign_in(asked.rapporteur)
    assert "It is ten cities." in text_of(desk.get(reverse("outcomes:desk_positions", args=["JHB11"])))
    url = reverse("outcomes:answer_correction", args=["JHB11", correction.pk])
    prefix = f"correction-{correction.pk}"
    page = text_of(desk.post(url, {f"{prefix}-is_accepted": "no", f"{prefix}-answer": ""}))
    assert "Give a reason: who gave the correction will read it." in page
    desk.post(url, {f"{prefix}-is_accepted": "yes", f"{prefix}-answer": "Mended."})
    correction.refresh_from_db()
    assert (correction.is_accepted, correction.answered_by) == (True, asked.rapporteur)
    assert "The rapporteurs have accepted it. Mended." in text_of(
        sign_in(asked.participant.person).get(area_page(asked))
    )


def test_the_desk_reads_wordings_and_evidence_beside_the_draft_without_the_name(asked, sign_in):
    author = asked.by_type.participation
    client = sign_in(author.person)
    client.post(
        area_page(asked),
        answers(asked, **{"1_stance": "reservations", "1_wording": "Firms pay first.", "1_own_evidence": "We did."}),
    )
    draft = reverse("outcomes:draft_edit", args=["JHB11", asked.drafts[0].reference])
    for page in [draft, reverse("outcomes:desk_positions", args=["JHB11"])]:
        read = text_of(sign_in(asked.rapporteur).get(page))
        assert "Firms pay first." in read
        assert "We did." in read
        assert author.person.name not in read
        assert author.person.name in text_of(sign_in(asked.organiser).get(page))


def test_staff_enter_what_was_said_on_paper(asked, sign_in):
    client = sign_in(asked.staff)
    people = client.get(reverse("outcomes:positions_on_behalf", args=["JHB11"]))
    assert asked.participant.person.name in text_of(people)
    url = reverse("outcomes:validation_for", args=["JHB11", asked.drafts[0].area.code, asked.participant.pk])
    assert f"You answer on behalf of {asked.participant.person.name}." in text_of(client.get(url))
    client.post(url, answers(asked, **{"2_stance": "abstain"}))
    assert Position.objects.get(participation=asked.participant).entered_by == asked.staff


def test_rapporteurs_read_and_take_no_position(asked, sign_in):
    client = sign_in(asked.rapporteur)
    page = client.get(area_page(asked))
    assert "It costs us twice." in text_of(page)
    assert f"{asked.drafts[0].reference}-stance" not in page.content.decode()
    assert client.post(area_page(asked), answers(asked, **{"1_stance": "support"})).status_code == 403


def test_an_objection_is_withdrawn_by_its_author_alone(asked, sign_in):
    said = Position.objects.get(participation=asked.other)
    url = reverse("outcomes:withdraw_position", args=[said.pk])
    assert sign_in(asked.participant.person).post(url).status_code == 404
    assert sign_in(asked.staff).post(url).status_code == 404
    assert sign_in(asked.other.person).post(url).status_code == 302
    said.refresh_from_db()
    assert said.withdrawn_at is not None


@pytest.mark.parametrize("size", [2, 30])
def test_a_page_needs_the_same_queries_for_many_outcomes(asked, sign_in, size, django_assert_max_num_queries):
    for number in range(size - 2):
        outcome = factories.draft_outcome(asked.consultation, by=asked.rapporteur, title=f"Outcome {number}")
        Position.objects.create(
            consideration=outcome.considerations.get(), participation=asked.participant, version=outcome.versions.get(),
            stance="support", attribution="type", taken_at=VALIDATION,
        )  # fmt: skip
    client = sign_in(asked.participant.person)
    client.get(area_page(asked))
    with django_assert_max_num_queries(27):
        client.get(area_page(asked))
    desk = sign_in(asked.rapporteur)
    with django_assert_max_num_queries(27):
        desk.get(reverse("outcomes:desk_positions", args=["JHB11"]))
