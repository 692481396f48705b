"""Erasing somebody: proven by searching the whole database and all files for what told of them."""

import json

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from consultations import consents, invitations
from consultations.attachments import attach
from consultations.colleagues import decline_for
from consultations.models import Answer, Attachment, ConsultationKind, Input, Needs, Participation
from outcomes.drafting import NewEvidence
from outcomes.models import Evidence
from reports import erasure
from reports.models import Edition, EditionFile, EditionJob
from reports.pages.drawing import Pdf
from reports.pages.making import the_shelf
from stakeholders.accounts import ensure_account
from stakeholders.erasure import GONE, NOBODY, ask, refuse, scrub, traces_of
from stakeholders.everything import (
    LEFT_OUT,
    OWN,
    as_json,
    everything_about,
    keys_of_acts,
    keys_of_ones_own,
    what_they_did,
)
from stakeholders.importing import steps
from stakeholders.models import ErasureRequest, Message, Person, User
from stakeholders.refusals import Refused
from stakeholders.tasks import work_on_import
from tests.factories import (
    NOW,
    bring_to,
    conclude_and_carry,
    draft_input,
    draft_outcome,
    give_input,
    invite,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clock")]
NAME, OLD_NAME = "Zuleikha Quillfeather", "Zuleikha Oldname"
EMAIL, OLD_EMAIL = "zuleikha@quillfeather.example", "zq@oldplace.example"
TRACES = [NAME, OLD_NAME, EMAIL, OLD_EMAIL]


@pytest.fixture
def staff() -> Person:
    return make_staff()


@pytest.fixture
def zuleikha(staff) -> Person:
    """Somebody of whom every kind of thing is held: see the test that what could be found is there first."""
    person = make_person(OLD_NAME, email=OLD_EMAIL, organisation=make_organisation("Only Hers"), country="Chile")
    person.name, person.email = NAME, EMAIL
    person.save()
    ensure_account(person)
    series = make_series()
    first, hearing = plan(series), plan(series, "HEAR12", kind=ConsultationKind.HEARING)
    first.feeds_into = hearing
    first.save()
    bring_to(first, "announced", by=staff)
    row = take_part(first, person, organisation=person.organisation, answer=Answer.NOT_INVITED)
    invite(row, by=staff)
    invitations.accept(row, may_be_listed=True, may_be_photographed=True, at=NOW)
    consents.tell_needs(row, dietary=f"{NAME} eats no nuts", access="", visa="", at=NOW)
    used = give_input(row, attribution="named", text=f"I, {NAME.upper()}, say so. Write to {EMAIL}. One desk for all.")
    give_input(row, attribution="organisation", title=f"By {NAME}")
    draft_input(row, text=f"A draft of {NAME}")
    attach(used, file=SimpleUploadedFile(f"{NAME}.pdf", f"%PDF-1.7 {EMAIL}".encode()), at=NOW)
    other = take_part(first, make_person("Ann Ash (sample)"), answer=Answer.INVITED)
    decline_for(other, reason=f"Ask {NAME}", name=NAME, email=EMAIL, at=NOW)
    invitations.accept(other, may_be_listed=False, at=NOW)
    give_input(other, text=f"As {NAME} said, one desk. More is not needed here.")
    bring_to(first, "in_synthesis", by=staff)
    draft_outcome(first, by=make_person(), evidence=[NewEvidence(input=used, quote=f"{NAME.upper()}, say so.")])
    conclude_and_carry(first, by=staff)
    for number, is_public in [(1, False), (2, True)]:
        edition = Edition.objects.create(
            consultation=hearing,
            number=number,
            language="en",
            snapshot=json.dumps({"participants": [NAME]}),
            sha256="0" * 64,
            frozen_at=NOW,
            frozen_by=staff,
            published_at=NOW if is_public else None,
            published_by=staff if is_public else None,
        )
        file = EditionFile(edition=edition, format="pdf", sha256="0" * 64, size=3)
        file.file.save("dossier.pdf", SimpleUploadedFile("x.pdf", NAME.encode()), save=False)
        file.save()
        EditionJob.objects.create(consultation=hearing, asked_by=staff, edition=edition, state="done", finished_at=NOW)
    csv = SimpleUploadedFile(f"{NAME}.csv", f"name,email\n{NAME},{EMAIL}\n".encode())
    read = steps.upload(csv, name=csv.name, by=staff, at=NOW)
    work_on_import(pk=read.pk)
    read.refresh_from_db()
    steps.match(read, matched=read.columns, usual_type=None, at=NOW)
    work_on_import(pk=read.pk)
    csv.seek(0)
    work_on_import(pk=steps.upload(csv, name="another.csv", by=staff, at=NOW).pk)
    return person


def places(text: str) -> set[str]:
    """Give every column of every table of the database in which a text stands, and every file."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
            for column in columns:
                quoted = connection.ops.quote_name
                cursor.execute(
                    f"SELECT COUNT(*) FROM {quoted(table)} "  # noqa: S608  names of our own tables
                    f"WHERE LOWER(CAST({quoted(column)} AS TEXT)) LIKE %s",
                    [f"%{text.lower()}%"],
                )
                if cursor.fetchone()[0]:
                    found.add(f"{table}.{column}")
    return found | {
        path for path in files() if text.lower() in default_storage.open(path).read().decode("latin-1").lower()
    }


def files(folder: str = "") -> list[str]:
    folders, names = default_storage.listdir(folder)
    found = [f"{folder}{name}" for name in names]
    return found + [path for each in folders for path in files(f"{folder}{each}/")]


def wish_of(person: Person, *, removes_texts: bool = False) -> ErasureRequest:
    return ask(person, removes_texts=removes_texts, at=NOW)


PUBLISHED = {"reports_edition.snapshot", "editions/HEAR12/dossier/2/dossier.pdf"}
"""What is published is never changed (domain.md)."""


@pytest.mark.parametrize("removes_texts", [False, True])
def test_nothing_tells_of_who_was_erased_but_what_is_published(zuleikha, staff, removes_texts):
    before = places(NAME)
    assert before >= PUBLISHED | {
        "stakeholders_person.name",
        "stakeholders_historicalperson.name",
        "stakeholders_message.text",
        "stakeholders_message.html",
        "stakeholders_message.calendar",
        "stakeholders_importrow.cells",
        "stakeholders_addressimport.file_name",
        "consultations_input.text",
        "consultations_input.title",
        "consultations_historicalinput.text",
        "consultations_needs.dietary",
        "consultations_historicalparticipation.decline_reason",
        "consultations_colleagueproposal.name",
        "editions/HEAR12/dossier/1/dossier.pdf",
    }
    assert any(place.startswith("attachments/") for place in places(EMAIL))
    assert {"account_emailaddress.email", "stakeholders_user.email"} <= places(EMAIL)
    erasure.grant(wish_of(zuleikha), removes_texts=removes_texts, by=staff, at=NOW)
    assert places(NAME) == PUBLISHED
    assert {place for trace in [OLD_NAME, EMAIL, OLD_EMAIL] for place in places(trace)} == set()
    assert not Participation.objects.filter(organisation__name="Only Hers").exists()
    assert not Participation.history.filter(organisation__name="Only Hers").exists()
    assert not Attachment.objects.exists()
    assert not Needs.objects.exists()


def test_no_drawn_page_is_left_and_editions_in_the_making_begin_again(zuleikha, staff, settings, tmp_path):
    settings.PAGES_DIR = tmp_path
    the_shelf().keep("a" * 64, Pdf(NAME.encode(), 1))
    hearing = Edition.objects.first().consultation
    job = EditionJob.objects.create(
        consultation=hearing, asked_by=staff, state="running", lease="of-a-worker", leased_until=NOW, attempts=1
    )
    assert [file.suffix for file in tmp_path.iterdir()] == [".part"]
    erasure.grant(wish_of(zuleikha), removes_texts=False, by=staff, at=NOW)
    assert list(tmp_path.iterdir()) == []
    job.refresh_from_db()
    assert (job.state, job.lease, job.leased_until) == ("queued", "", None)


def test_the_texts_stay_under_the_stakeholder_type(zuleikha, staff):
    erasure.grant(wish_of(zuleikha), removes_texts=False, by=staff, at=NOW)
    rows = Input.objects.filter(participation__person=zuleikha).order_by("number")
    assert [row.attribution for row in rows] == ["type", "type"]
    assert rows[0].text == f"I, {GONE}, say so. Write to {GONE}. One desk for all."
    evidence = Evidence.objects.get(input=rows[0])
    assert evidence.quote == f"{GONE}, say so."
    assert evidence.quote in rows[0].text
    zuleikha.refresh_from_db()
    assert (zuleikha.name, zuleikha.email, zuleikha.organisation, zuleikha.user) == (NOBODY, None, None, None)
    assert Participation.objects.get(person=zuleikha).stakeholder_type.slug == "city"


def test_or_their_words_go_and_they_are_counted(zuleikha, staff):
    erasure.grant(wish_of(zuleikha, removes_texts=True), removes_texts=True, by=staff, at=NOW)
    rows = Input.objects.filter(participation__person=zuleikha)
    assert {(row.title, row.text, row.attribution) for row in rows} == {(GONE, GONE, "unpublished")}
    assert list(Evidence.objects.filter(input__in=rows).values_list("quote", flat=True)) == [""]
    assert places("One desk for all") == set()


def test_others_keep_their_words_and_their_names(zuleikha, staff):
    erasure.grant(wish_of(zuleikha), removes_texts=False, by=staff, at=NOW)
    other = Input.objects.get(participation__person__name="Ann Ash (sample)")
    assert other.text == f"As {GONE} said, one desk. More is not needed here."


def test_the_account_opens_nothing_any_more(zuleikha, staff, sign_in):
    client = sign_in(zuleikha)
    erasure.grant(wish_of(zuleikha), removes_texts=False, by=staff, at=NOW)
    assert client.get("/me/").status_code == 302
    assert not User.objects.filter(email=EMAIL).exists()
    assert not any(message.text for message in Message.objects.filter(person=zuleikha))


def test_who_has_the_same_name_keeps_it(zuleikha, staff):
    namesake = make_person(NAME, email="other@quill.example")
    invite(take_part(plan_announced(zuleikha), namesake, answer=Answer.NOT_INVITED), by=staff)
    assert traces_of(zuleikha).names == {OLD_NAME}
    erasure.grant(wish_of(zuleikha), removes_texts=False, by=staff, at=NOW)
    assert NAME in Message.objects.get(person=namesake, occasion="invitation").text
    assert Person.objects.get(pk=namesake.pk).name == NAME
    assert not Message.objects.filter(person=zuleikha, text__contains=NAME).exists()


def plan_announced(person: Person):
    return bring_to(plan(Participation.objects.filter(person=person).first().consultation.series, "TOR12"), "announced")


def test_a_single_word_is_not_looked_for_in_texts():
    person = make_person("Li", email="li@city.example")
    assert set(traces_of(person)) == {"li@city.example"}


def test_only_whole_words_go():
    person = make_person("An Li", email="an@city.example")
    other = make_person("Dan Lindgren (sample)")
    assert scrub(traces_of(person)) >= 1
    other.refresh_from_db()
    assert other.name == "Dan Lindgren (sample)"


@pytest.mark.parametrize("who", ["staff", "oneself", "answered"])
def test_some_wishes_cannot_be_granted(staff, zuleikha, who):
    match who:
        case "staff":
            wish, by, refusal = wish_of(make_staff()), staff, "They are programme staff"
        case "oneself":
            wish, by, refusal = wish_of(staff), staff, "Somebody else grants your own wish"
        case "answered":
            wish, by, refusal = wish_of(zuleikha), staff, "Somebody has answered this already"
            refuse(wish, reason="Later.", by=staff, at=NOW)
    with pytest.raises(Refused, match=refusal):
        erasure.grant(wish, removes_texts=False, by=by, at=NOW)
    zuleikha.refresh_from_db()
    assert zuleikha.name == NAME
    assert Attachment.objects.exists()


# The pages


def test_from_the_wish_to_the_erasure(zuleikha, staff, sign_in):
    client = sign_in(zuleikha)
    page = reverse("stakeholders:data")
    assert "Ask to be erased" in text_of(client.get(page))
    told = client.post(reverse("stakeholders:erasure"), {"removes_texts": "yes"}, follow=True)
    assert "Your wish is with the programme staff." in text_of(told)
    again = client.post(reverse("stakeholders:erasure"), {"removes_texts": "yes"}, follow=True)
    assert "You have asked for it already." in text_of(again)
    wish = ErasureRequest.objects.get()
    admin = sign_in(staff)
    act = reverse("admin:stakeholders_erasurerequest_answer", args=[wish.pk])
    shown = text_of(admin.get(act))
    assert "Inputs: 3, of which 1 are evidence of outcomes." in shown
    assert "Draft editions that tell of the person and are deleted: HEAR12 dossier 1" in shown
    assert "Tell the person, and make a new edition: HEAR12 dossier 2" in shown
    told = admin.post(act, {"act": "remove_texts"}, follow=True)
    assert "Erased. What is left says nothing of who it was." in text_of(told)
    assert NAME not in text_of(told)
    assert admin.get(act).status_code == 404


def test_a_wish_is_refused_with_a_reason_that_is_read_and_can_be_taken_back(zuleikha, staff, sign_in):
    wish = wish_of(zuleikha)
    act = reverse("admin:stakeholders_erasurerequest_answer", args=[wish.pk])
    admin = sign_in(staff)
    assert "Say why: the person will read it." in text_of(admin.post(act, {"act": "refuse"}, follow=True))
    admin.post(act, {"act": "refuse", "reason": "The hearing is next week."})
    client = sign_in(zuleikha)
    assert "The hearing is next week." in text_of(client.get(reverse("stakeholders:data")))
    wish_of(zuleikha)
    told = client.post(reverse("stakeholders:erasure"), {"act": "take_back"}, follow=True)
    assert "You stay. Nothing was erased." in text_of(told)
    assert ErasureRequest.objects.count() == 1


def test_everything_is_shown_and_given_along(zuleikha, sign_in):
    client = sign_in(zuleikha)
    page = text_of(client.get(reverse("stakeholders:data")))
    data = client.get(reverse("stakeholders:data_json")).json()
    for words in [NAME, OLD_NAME, OLD_EMAIL, "Only Hers", "I may be seen on photographs", "eats no nuts", "A draft of"]:
        assert words in page
        assert words in json.dumps(data)
    assert {"person", "user", "participation", "input", "consent", "needs", "message", "attachment"} <= set(data)
    assert [row["state"] for row in data["input"]] == ["submitted", "submitted", "draft"]
    assert "Ann Ash" not in json.dumps(data)
    assert "invitation_link" not in data
    assert "password" not in json.dumps(data)


def test_another_sees_nothing_of_it(zuleikha):
    told = json.dumps(as_json(Person.objects.get(name="Ann Ash (sample)"), at=NOW), default=str)
    for trace in [OLD_NAME, OLD_EMAIL]:
        assert trace not in told


def test_what_somebody_did_is_counted(staff, zuleikha):
    assert ("Consultations: announced by", 1) in what_they_did(staff)
    assert what_they_did(zuleikha) == []


def test_every_key_to_a_person_is_told_or_left_out_for_a_reason():
    """A new model fails here until it is said which it is."""
    told = {(field.model._meta.label, field.name) for field in [*keys_of_ones_own(), *keys_of_acts()]}
    ours = {"Person", "User", "Participation", "Input"}
    left = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        if not model.__name__.startswith("Historical")
        for field in model._meta.concrete_fields
        if field.related_model is not None and field.related_model.__name__ in ours
    } - told
    assert {label for label, name in left if label not in LEFT_OUT and name in OWN} == set()
    assert {(label, name) for label, name in left if label not in LEFT_OUT} == {
        ("consultations.ColleagueProposal", "invited")
    }


def test_the_number_of_queries_does_not_grow_with_what_is_held(zuleikha, django_assert_max_num_queries):
    row = Participation.objects.get(person=zuleikha)
    for _ in range(3):
        Message.objects.create(person=zuleikha, occasion="x", subject="s", text="t", html="h")
    assert row
    with django_assert_max_num_queries(90):
        everything_about(zuleikha)


def test_own_facts_are_corrected_and_the_address_is_not(zuleikha, sign_in):
    client = sign_in(zuleikha)
    typed = {"name": "Zuleikha Q. Quillfeather", "country": "Peru", "language": "es", "email": "x@y.example"}
    assert "Corrected." in text_of(client.post(reverse("stakeholders:data"), typed, follow=True))
    zuleikha.refresh_from_db()
    assert (zuleikha.name, zuleikha.country, zuleikha.language, zuleikha.email) == (
        "Zuleikha Q. Quillfeather",
        "Peru",
        "es",
        EMAIL,
    )
    refused = text_of(client.post(reverse("stakeholders:data"), typed | {"name": " "}))
    assert "There is one thing to mend" in refused
