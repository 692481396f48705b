"""What else could tell of somebody who was erased: keys and links, capitals, scripts, logs, and begun sign-ins."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.test import Client

from consultations import invitations
from consultations.models import Answer, Input
from reports.erasure import grant
from reports.models import Edition
from stakeholders.accounts import ensure_account
from stakeholders.erasure import ask
from stakeholders.models import Person
from tests.factories import (
    NOW,
    bring_to,
    draft_input,
    give_input,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    plan,
)
from tests.factories import take_part as come

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def staff():
    return make_staff()


@pytest.fixture
def consultation(staff):
    return bring_to(plan(make_series()), "announced", by=staff)


def erase(person: Person, staff: Person) -> None:
    grant(ask(person, removes_texts=False, at=NOW), removes_texts=False, by=staff, at=NOW)


def test_the_key_of_the_record_goes_for_a_file_may_have_brought_one_that_names_them(staff):
    person = make_person("Wilhelmina Qvortrup", key="wilhelmina-qvortrup")
    erase(person, staff)
    person.refresh_from_db()
    assert "qvortrup" not in person.key
    assert not person.history.filter(key__contains="qvortrup").exists()


def test_links_in_old_mail_open_nothing(client, staff, consultation):
    person = make_person()
    row = come(consultation, person, answer=Answer.INVITED)
    link = invitations.invitation_path(row)
    assert client.get(link).status_code == 302
    erase(person, staff)
    assert Client().get(link).status_code == 403


def test_a_name_in_capitals_beyond_ascii_goes(staff, consultation):
    person = make_person("Wilhelmína Ærøskøbing")
    other = come(consultation)
    text = give_input(other, text="As WILHELMÍNA ÆRØSKØBING said before, and wilhelmína ærøskøbing too.")
    erase(person, staff)
    text.refresh_from_db()
    assert text.text == "As […] said before, and […] too."


def test_a_name_without_spaces_in_a_script_without_spaces_goes(staff, consultation):
    person = make_person("李小明")
    text = give_input(come(consultation), text="正如李小明所说，城市应当付费。")
    draft = Edition.objects.create(
        consultation=plan(consultation.series, "HEAR", kind="hearing"), number=1, language="en",
        snapshot='{"participants": ["李小明"]}', sha256="0", frozen_at=NOW, frozen_by=staff,
    )  # fmt: skip
    erase(person, staff)
    text.refresh_from_db()
    assert text.text == "正如[…]所说，城市应当付费。"
    assert not Edition.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("name", ["Cher", "Anna Berg"])
def test_what_is_theirs_loses_a_name_that_is_not_looked_for_elsewhere(staff, consultation, name):
    make_person("Anna Berg", email="another@city.example")
    person = make_person(name)
    LogEntry.objects.create(
        user=staff.user, action_flag=CHANGE, object_id=str(person.pk), object_repr=name,
        content_type=ContentType.objects.get_for_model(Person),
    )  # fmt: skip
    own = give_input(come(consultation, person), text=f"I, {name}, say so.", title=f"By {name}")
    erase(person, staff)
    assert not LogEntry.objects.filter(object_repr=name).exists()
    assert list(Input.objects.filter(pk=own.pk).values_list("title", "text")) == [("By […]", "I, […], say so.")]
    assert not own.history.filter(text__contains=name).exists()
    assert Person.objects.filter(email="another@city.example", name="Anna Berg").exists()


def test_own_texts_do_not_name_the_organisation_either(staff, consultation):
    office = make_organisation("Vesterhavn Kommune")
    row = come(consultation, make_person(organisation=office), organisation=office)
    own = give_input(row, text="We of Vesterhavn Kommune pay.", attribution="organisation")
    erase(row.person, staff)
    own.refresh_from_db()
    assert (own.attribution, own.text) == ("type", "We of […] pay.")
    assert not own.history.filter(text__contains="Vesterhavn").exists()


def test_a_sign_in_that_was_begun_is_forgotten(staff):
    person = make_person(email="begun@city.example")
    begun = Client().session
    begun["account_login_code"] = {"email": "begun@city.example"}
    begun.save()
    client = Client()
    client.force_login(ensure_account(person))
    erase(person, staff)
    assert not [row.pk for row in Session.objects.all() if "begun@city.example" in str(row.get_decoded())]
    assert not Session.objects.filter(session_key=client.session.session_key).exists()


def test_a_place_at_what_is_still_to_come_goes_to_the_next(staff, consultation):
    consultation.places = 1
    consultation.save()
    person = make_person()
    leaves, waits = come(consultation, person), come(consultation, answer=Answer.WAITING)
    erase(person, staff)
    leaves.refresh_from_db()
    waits.refresh_from_db()
    assert (leaves.answer, waits.answer) == ("declined", "accepted")


def test_of_a_draft_nothing_is_left_not_even_that_it_was_deleted(staff, consultation):
    row = come(consultation, make_person())
    draft = draft_input(row, text="Nobody has read this yet.")
    erase(row.person, staff)
    assert not Input.objects.filter(pk=draft.pk).exists()
    assert not Input.history.filter(id=draft.pk).exists()
