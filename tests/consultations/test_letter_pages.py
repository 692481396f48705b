import pytest
from django.urls import reverse

from consultations.models import Answer, ColleagueProposal, Letter, Participation, Role
from stakeholders.models import Message, Person
from stakeholders.refusals import Refused
from tests.factories import (
    NOW,
    bring_to,
    give_input,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    make_type,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def consultation():
    return bring_to(plan(make_series(), languages=["en", "ar"]), "announced")


@pytest.fixture
def organiser(consultation, sign_in):
    return sign_in(take_part(consultation, role=Role.ORGANISER).person)


@pytest.fixture
def uninvited(consultation):
    rows = [("Ann (sample)", "city"), ("Bea (sample)", "business"), ("Cem (sample)", "city")]
    return {
        name[:3]: take_part(
            consultation,
            make_person(name),
            type=type,
            answer=Answer.NOT_INVITED,
            organisation=make_organisation(f"{type} office", type=type),
        )
        for name, type in rows
    }


def address(name: str, letter: Letter | None = None) -> str:
    return reverse(f"consultations:{name}", args=["JHB11", *([letter.pk] if letter else [])])


def begin(client, kind="invitation") -> Letter:
    client.post(address("letters"), {"kind": kind})
    return Letter.objects.latest("pk")


WORDS = {
    "to_everybody": "yes",
    "subject_en": "Come, {name}",
    "text_en": "Dear {name}, come.",
    "subject_ar": "",
    "text_ar": "",
}


def test_from_the_list_to_the_messages(organiser, consultation, uninvited):
    letter = begin(organiser)
    page = text_of(organiser.get(letter.get_absolute_url()))
    assert "{organisation}" in page
    assert "Everybody on the list who is not invited by then" in page
    answer = organiser.post(letter.get_absolute_url(), WORDS | {"act": "preview"})
    assert answer.url == address("letter_preview", letter)
    first, third = (text_of(organiser.get(answer.url, {"page": number})) for number in [1, 3])
    assert "Message 1 of 3, to Ann (sample)" in first
    assert "Come, Ann (sample)" in first
    assert "Message 3 of 3, to Bea (sample)" in third
    assert not Message.objects.exists()
    sent = organiser.post(answer.url, {"when": "now"}, follow=True)
    assert "The letter is on its way." in text_of(sent)
    assert Message.objects.count() == 0
    assert letter.dispatch.due_at == NOW


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(organiser, consultation):
    letter = begin(organiser)
    page = text_of(organiser.post(letter.get_absolute_url(), WORDS | {"text_en": "Dear {nmae}", "act": "preview"}))
    assert "{nmae} means nothing here. What may stand in braces is listed beside the text." in page
    assert "Dear {nmae}" in page


def test_people_are_chosen_by_type_organisation_and_earlier_consultation(organiser, consultation, uninvited, sign_in):
    letter = begin(organiser)
    earlier = plan(consultation.series, "TOR12")
    take_part(earlier, uninvited["Cem"].person, may_be_asked_again=True)
    take_part(earlier, uninvited["Ann"].person)
    take_part(earlier, uninvited["Bea"].person, answer=Answer.DECLINED, may_be_asked_again=True)

    def found(**filter) -> set[str]:
        page = organiser.get(address("letter_people", letter), filter).context["page"]
        return {row.person.name[:3] for row in page}

    assert found() == {"Ann", "Bea", "Cem"}
    assert found(type=make_type("city").pk) == {"Ann", "Cem"}
    assert found(q="business off") == {"Bea"}
    assert found(q="ann") == {"Ann"}
    assert found(came_to=earlier.pk) == {"Ann", "Bea", "Cem"}, "who came elsewhere is not the organiser's to know"
    assert "TOR12" not in organiser.get(address("letter_people", letter)).content.decode()
    assert found(type="x", came_to="y") == {"Ann", "Bea", "Cem"}

    staff = sign_in(make_staff())
    page = staff.get(address("letter_people", letter), {"came_to": earlier.pk}).context["page"]
    assert [row.person.name[:3] for row in page] == ["Cem"]

    organiser = sign_in(consultation.participations.get(role="organiser").person)
    everybody_found = f"{address('letter_people', letter)}?type={make_type('city').pk}"
    organiser.post(everybody_found, {"act": "all"})
    assert set(letter.recipients.all()) == {uninvited["Ann"], uninvited["Cem"]}
    organiser.post(everybody_found, {"act": "done", "person": [uninvited["Ann"].pk, uninvited["Bea"].pk]})
    assert set(letter.recipients.all()) == {uninvited["Ann"]}
    letter.refresh_from_db()
    assert not letter.to_everybody


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"when": "later"}, "Choose the day."),
        ({"when": "later", "day": "2011-06-18", "time": "09:00"}, "This moment has passed."),
        ({"when": ""}, "This field is required."),
    ],
)
def test_a_time_that_cannot_be_is_refused(organiser, uninvited, typed, said):
    letter = begin(organiser)
    assert said in text_of(organiser.post(address("letter_preview", letter), typed))
    assert not hasattr(Letter.objects.get(), "dispatch")


def test_a_time_is_that_of_the_place_and_it_can_be_taken_back(organiser, uninvited):
    letter = begin(organiser)
    typed = {"when": "later", "day": "2011-06-20", "time": "09:00"}
    page = text_of(organiser.post(address("letter_preview", letter), typed, follow=True))
    assert "The letter goes on 20 June 2011, 09:00 (Africa/Johannesburg)." in page
    assert letter.dispatch.due_at.isoformat() == "2011-06-20T07:00:00+00:00"
    assert "goes 20 June 2011, 09:00" in text_of(organiser.get(address("letters")))
    back = organiser.post(letter.get_absolute_url(), {"act": "take_back"}, follow=True)
    assert "The letter is a draft again. Nothing is sent." in text_of(back)


def test_the_letter_of_another_consultation_is_not_there(organiser, consultation):
    other = bring_to(plan(consultation.series, "TOR12"), "announced")
    letter = Letter.objects.create(consultation=other, kind="invitation", written_at=NOW, written_by=make_staff())
    assert organiser.get(address("letter", letter)).status_code == 404


def test_staff_put_people_of_the_address_book_on_the_list(consultation, sign_in):
    client = sign_in(make_staff())
    office = make_organisation()
    ann, bea = (make_person(name, organisation=office) for name in ["Ann (sample)", "Bea (sample)"])
    typeless = make_person("Cem (sample)")
    there = take_part(consultation, make_person("Dan (sample)", organisation=office))
    page = address("put_on_list")
    shown = {person.name for person in client.get(page, {"q": "sample"}).context["page"]}
    assert {ann.name, bea.name, typeless.name} <= shown
    assert there.person.name not in shown
    client.post(page, {"act": "ticked", "person": [ann.pk]})
    row = consultation.participations.get(person=ann)
    assert (row.answer, row.organisation, row.stakeholder_type) == ("not_invited", office, make_type("city"))
    refused = text_of(client.post(page, {"act": "ticked", "person": [bea.pk, typeless.pk]}))
    assert "The address book names no stakeholder type for Cem (sample). Add it there first." in refused
    assert not consultation.participations.filter(person__in=[bea, typeless]).exists()
    told = client.post(
        page, {"act": "addresses", "addresses": f"Bea <{bea.email.upper()}>; nobody@x.example"}, follow=True
    )
    assert "1 person is put on the list. Nobody is invited by that yet." in text_of(told)
    assert "Nobody in the address book has these addresses: nobody@x.example." in text_of(told)
    assert consultation.participations.filter(person=bea).exists()


def decline_for(client, consultation, **typed):
    path = reverse("consultations:invitation", args=[consultation.code])
    return client.post(path, {"act": "decline", "reason": "Elsewhere."} | typed, follow=True)


def test_a_colleague_is_invited_in_the_place_of_who_cannot_come(consultation, sign_in, organiser):
    asked = take_part(consultation, organisation=make_organisation(), answer=Answer.INVITED)
    named = {"colleague_name": "Eva Elm (sample)", "colleague_email": "eva@city.example"}
    decline_for(sign_in(asked.person), consultation, **named)
    asked.refresh_from_db()
    assert asked.answer == "declined"
    assert not Message.objects.filter(person__email="eva@city.example").exists()
    organiser = sign_in(consultation.participations.get(role="organiser").person)
    page = reverse("consultations:participants", args=[consultation.code])
    assert "eva@city.example (City of Utrecht)" in text_of(organiser.get(page))
    proposal = ColleagueProposal.objects.get()
    told = organiser.post(address("proposal", proposal), {"act": "invite"}, follow=True)
    assert "The invitation for Eva Elm (sample) is on its way." in text_of(told)
    eva = Participation.objects.get(person__email="eva@city.example")
    assert (eva.answer, eva.organisation, eva.stakeholder_type) == (
        "invited",
        asked.organisation,
        asked.stakeholder_type,
    )
    assert Message.objects.get(occasion="invitation").person == eva.person
    proposal.refresh_from_db()
    assert (proposal.name, proposal.email, proposal.invited) == ("", "", eva)
    assert organiser.post(address("proposal", proposal), {"act": "invite"}).status_code == 404


def test_somebody_known_is_asked_under_their_own_name(consultation, sign_in, organiser):
    known = make_person("Known Name (sample)", email="known@city.example")
    asked = take_part(consultation, answer=Answer.INVITED)
    decline_for(sign_in(asked.person), consultation, colleague_name="Other Name", colleague_email="KNOWN@city.example")
    organiser = sign_in(consultation.participations.get(role="organiser").person)
    organiser.post(address("proposal", ColleagueProposal.objects.get()), {"act": "invite"})
    assert Participation.objects.get(person=known).answer == "invited"
    assert not Person.objects.filter(name="Other Name").exists()


def test_who_is_set_aside_is_forgotten(consultation, sign_in, organiser):
    asked = take_part(consultation, answer=Answer.INVITED)
    client = sign_in(asked.person)
    decline_for(client, consultation, colleague_name="First (sample)", colleague_email="first@city.example")
    decline_for(client, consultation, colleague_name="Second (sample)", colleague_email="second@city.example")
    proposal = ColleagueProposal.objects.get()
    assert proposal.name == "Second (sample)"
    organiser = sign_in(consultation.participations.get(role="organiser").person)
    organiser.post(address("proposal", proposal), {"act": "set_aside"})
    proposal.refresh_from_db()
    assert (proposal.name, proposal.email, proposal.invited) == ("", "", None)
    assert not Person.objects.filter(name__startswith="Second").exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"colleague_name": "Eva"}, "Give the address as well"),
        ({"colleague_email": "eva@city.example"}, "Give the name as well"),
        ({"colleague_name": "Eva", "colleague_email": "eva"}, "Enter a valid email address."),
        ({"colleague_name": "Me", "colleague_email": "me@city.example"}, "This is your own address."),
    ],
)
def test_half_a_colleague_is_refused_and_nothing_is_answered(consultation, sign_in, typed, said):
    asked = take_part(consultation, make_person(email="me@city.example"), answer=Answer.INVITED)
    assert said in text_of(decline_for(sign_in(asked.person), consultation, **typed))
    asked.refresh_from_db()
    assert asked.answer == "invited"
    assert not ColleagueProposal.objects.exists()


def test_who_waits_reads_what_happens_next(consultation, sign_in):
    consultation.places = 1
    consultation.save()
    take_part(consultation)
    asked = take_part(consultation, answer=Answer.INVITED)
    path = reverse("consultations:invitation", args=[consultation.code])
    page = text_of(sign_in(asked.person).post(path, {"act": "accept"}, follow=True))
    assert "Thank you. All places are taken, so you are on the waiting list." in page
    assert "You are on the waiting list" in page
    event = text_of(sign_in(asked.person).get(consultation.get_absolute_url()))
    assert "You are on the waiting list" in event
    assert "You have declined" not in event
    assert "on the waiting list" in text_of(sign_in(asked.person).get("/me/"))
    asked.refresh_from_db()
    with pytest.raises(Refused, match="Inputs are taken from those who have a place"):
        give_input(asked)


def test_a_move_is_told_from_the_admin_and_more_places_are_given(consultation, sign_in):
    consultation.places = 1
    consultation.save()
    coming, waits = take_part(consultation), take_part(consultation, answer=Answer.WAITING)
    client = sign_in(make_staff())
    page = reverse("admin:consultations_consultation_change", args=[consultation.pk])
    form = client.get(page).context["adminform"].form
    typed = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    typed = {name: value for name, value in typed.items() if value not in (None, "")}
    typed |= {"areas": [area.pk for area in consultation.areas.all()], "partners": [], "places": 2, "venue": "Harbour"}
    typed |= {"host": consultation.host_id, "series": consultation.series_id}
    for prefix in ["sessions", "targets", "region_targets"]:
        typed |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    told = text_of(client.post(page, typed, follow=True))
    assert "1 person who waited has a place now, and is told by mail." in told
    assert "2 people are told by mail when and where it is now." in told
    waits.refresh_from_db()
    assert waits.answer == "accepted"
    moved = {message.person: message for message in Message.objects.filter(occasion="moved")}
    assert set(moved) == {coming.person, waits.person}
    for message in moved.values():
        assert "LOCATION:Harbour" in message.calendar
        assert "METHOD:REQUEST" in message.calendar
