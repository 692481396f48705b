"""Signing and concluding in the browser, the drafts as participants see them, and the progress of the roll-forward."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from consultations.models import Answer, ConsultationState, Input
from jobs.models import JobState
from outcomes import conclusion, drafting, rollforward
from outcomes.drafting import NewEvidence
from outcomes.models import Consideration, RollForward, Version
from tests import factories
from tests.outcomes.conftest import HIDDEN_NAME, TELLING_NAME, TELLING_ORGANISATION

pytestmark = pytest.mark.django_db


def path(name: str, event, *args: object) -> str:
    return reverse(f"outcomes:{name}", args=[event.consultation.code, *args])


def seen(event) -> dict[str, str]:
    """What the page tells the server that it showed."""
    return {"seen": json.dumps(conclusion.texts_as_they_stand(event.consultation))}


@pytest.fixture
def in_validation(event, clock):
    """All three inputs used; the rapporteur has written the one text."""
    event.outcome = factories.draft_outcome(
        event.consultation,
        by=event.rapporteur,
        evidence=[
            NewEvidence(input=event.by_type, quote="one fund for training"),
            NewEvidence(input=event.unpublished),
            NewEvidence(input=event.named, relation="qualifies"),
        ],
    )
    factories.bring_to(event.consultation, ConsultationState.IN_VALIDATION, by=event.staff)
    clock.move_to(factories.VALIDATION)
    return event


def test_the_page_lists_each_obstacle_with_the_way_to_it(event, sign_in):
    page = sign_in(event.organiser).get(path("conclude", event)).content.decode()
    assert "The consultation is in synthesis. It is concluded from validation" in page
    assert "3 inputs are neither used nor set aside: JHB11-I-001, JHB11-I-002, JHB11-I-003." in page
    assert path("desk_inputs", event) + "?fate=open" in page
    assert "and conclude</button>" not in page


def test_concluding_is_refused_while_something_is_open(event, sign_in):
    factories.bring_to(event.consultation, ConsultationState.IN_VALIDATION, by=event.staff)
    answer = sign_in(event.organiser).post(path("conclude", event), follow=True)
    assert "3 inputs are neither used nor set aside" in answer.content.decode()
    event.consultation.refresh_from_db()
    assert event.consultation.state == ConsultationState.IN_VALIDATION
    assert not RollForward.objects.exists()


def test_the_organiser_signs_and_concludes_in_one_act(in_validation, sign_in, django_capture_on_commit_callbacks):
    event, client = in_validation, sign_in(in_validation.organiser)
    before = client.get(path("conclude", event)).content.decode()
    assert "1 text becomes final and public." in before
    assert "1 outcome is carried to Toronto and laid before it." in before
    assert "Sign 1 text and conclude" in before
    answer = client.post(path("conclude", event), seen(event))
    assert answer.url == path("conclude", event)
    event.consultation.refresh_from_db()
    assert event.consultation.state == ConsultationState.CONCLUDED
    assert event.consultation.concluded_by == event.organiser
    assert list(Version.objects.values_list("signed_by", "frozen_at")) == [
        (event.organiser.pk, event.consultation.concluded_at)
    ]
    after = client.get(answer.url).content.decode()
    assert f'hx-get="{path("roll_forward", event, RollForward.objects.get().pk)}"' in after


def test_who_wrote_the_text_cannot_conclude_alone(in_validation, sign_in):
    event = in_validation
    factories.draft_outcome(event.consultation, by=event.organiser, title="My own", at=factories.VALIDATION)
    client = sign_in(event.organiser)
    page = client.get(path("conclude", event)).content.decode()
    assert "You wrote JHB11-KT-02 yourself, so somebody else must sign it" in page
    client.post(path("conclude", event), seen(event))
    event.consultation.refresh_from_db()
    assert event.consultation.state == ConsultationState.IN_VALIDATION
    answer = client.post(path("sign", event), seen(event), follow=True)
    assert "You have signed 1 text." in answer.content.decode()
    assert set(Version.objects.values_list("title", "signed_by")) == {
        ("Pay into one training fund", event.organiser.pk),
        ("My own", None),
    }


@pytest.mark.parametrize("name", ["conclude", "sign"])
@pytest.mark.parametrize("shown", ["changed", "", "[1]", '{"x": 1}'])
def test_nobody_signs_a_text_that_they_have_not_seen(in_validation, sign_in, name, shown):
    event = in_validation
    client = sign_in(event.organiser)
    given = seen(event) if shown == "changed" else {"seen": shown}
    version = Version.objects.get()
    text = {"title": version.title, "statement": "Only cities pay."}
    drafting.edit_draft(version, **text, revision=1, by=event.rapporteur, at=factories.VALIDATION)
    page = client.post(path(name, event), given, follow=True).content.decode()
    assert "JHB11-KT-01 was changed after you opened the page, so nothing is signed or concluded." in page
    event.consultation.refresh_from_db()
    assert event.consultation.state == ConsultationState.IN_VALIDATION
    assert Version.objects.get().signed_by is None


@pytest.mark.parametrize("name", ["conclude", "sign"])
def test_only_organisers_and_staff_conclude(in_validation, sign_in, name):
    event = in_validation
    for person in [event.participant.person, event.rapporteur, event.foreign_rapporteur]:
        assert sign_in(person).post(path(name, event)).status_code == 403
    assert sign_in(None).post(path(name, event)).status_code == 302
    assert not RollForward.objects.exists()
    assert Version.objects.get().signed_by is None


def test_the_progress_of_the_roll_forward_is_told_until_it_is_done(in_validation, sign_in):
    event, client = in_validation, sign_in(in_validation.organiser)
    run = conclusion.conclude(
        event.consultation, seen=conclusion.texts_as_they_stand(event.consultation), by=event.staff, at=timezone.now()
    )
    url = path("roll_forward", event, run.pk)
    waiting = client.get(url).content.decode()
    assert "hx-trigger" in waiting
    assert "<html" not in waiting
    rollforward.roll_forward(event.consultation, at=timezone.now(), run=run)
    run.state, run.finished_at = JobState.DONE, timezone.now()
    run.save()
    assert Consideration.objects.filter(consultation=event.later).count() == 1
    done = client.get(url).content.decode()
    assert "1 outcome is now laid before Toronto." in done
    assert "hx-trigger" not in done
    elsewhere = reverse("outcomes:roll_forward", args=[event.later.code, run.pk])
    assert sign_in(event.staff).get(elsewhere).status_code == 404
    assert sign_in(event.participant.person).get(url).status_code == 403


def test_a_failed_roll_forward_says_why(in_validation, sign_in):
    event = in_validation
    run = conclusion.conclude(
        event.consultation, seen=conclusion.texts_as_they_stand(event.consultation), by=event.staff, at=timezone.now()
    )
    RollForward.objects.filter(pk=run.pk).update(
        state=JobState.FAILED, finished_at=timezone.now(), error="It was tried 5 times."
    )
    page = sign_in(event.organiser).get(path("conclude", event)).content.decode()
    assert "It was tried 5 times." in page
    assert "hx-trigger" not in page


def test_what_was_not_carried_is_told_with_its_reason(in_validation, sign_in):
    event = in_validation
    event.consultation.feeds_into = None
    event.consultation.save()
    factories.conclude_and_carry(event.consultation, by=event.staff)
    run = RollForward.objects.first()
    page = sign_in(event.organiser).get(path("roll_forward", event, run.pk)).content.decode()
    assert "1 outcome waits for a consultation that takes it up. It is carried as soon as one is planned." in page
    assert "not carried: waiting for a consultation that takes them up" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", 302),
        ("participant", 200),
        ("invited", 200),
        ("declined", 403),
        ("rapporteur", 200),
        ("organiser", 200),
        ("staff", 200),
        ("foreign_rapporteur", 403),
    ],
)
def test_drafts_are_read_in_validation_by_those_who_were_invited(in_validation, sign_in, who, status):
    event = in_validation
    people = {
        "visitor": None,
        "participant": event.participant.person,
        "invited": factories.take_part(event.consultation, answer=Answer.INVITED).person,
        "declined": factories.take_part(event.consultation, answer=Answer.DECLINED).person,
    }
    client = sign_in(people[who] if who in people else getattr(event, who))
    assert client.get(path("drafts", event)).status_code == status
    outcome = client.get(event.outcome.get_absolute_url()).status_code
    assert outcome == (200 if status == 200 else 404)


def test_drafts_are_closed_before_validation(event, sign_in):
    assert sign_in(event.participant.person).get(path("drafts", event)).status_code == 403
    assert sign_in(event.rapporteur).get(path("drafts", event)).status_code == 200


def test_drafts_quote_as_the_authors_allowed(in_validation, sign_in):
    page = sign_in(in_validation.participant.person).get(path("drafts", in_validation)).content.decode()
    assert "one fund for training" in page
    assert "Business · Johannesburg" in page
    assert "“A joint training fund”, an input of Nora Named (sample), City of Utrecht · Johannesburg" in page
    assert "It also rests on 1 input that its author allows to be counted, not to be published." in page
    secrets = [TELLING_NAME, TELLING_ORGANISATION, HIDDEN_NAME, "A fear that I voice here", "We are afraid"]
    assert Input.objects.filter(title="A fear that I voice here").exists()
    for secret in secrets:
        assert secret not in page
