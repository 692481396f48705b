import re
from datetime import timedelta

import pytest
from django.urls import reverse

from consultations import inputs, lifecycle
from consultations.models import (
    AgendaSession,
    Answer,
    Attribution,
    ConsultationState,
    CooperationArea,
    Input,
    Role,
)
from consultations.models.inputs import LONGEST_TEXT
from stakeholders.models import Message
from tests.factories import (
    CLOSES,
    NOW,
    OPENS,
    bring_to,
    conclude_and_carry,
    draft_input,
    draft_outcome,
    fields_of_input,
    give_input,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
LAST_MOMENT = CLOSES - timedelta(seconds=1)
CLOSED = "The time for inputs ended on 26 June 2011, 00:00 (Africa/Johannesburg)."


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), ConsultationState.ANNOUNCED)


@pytest.fixture
def participation(consultation):
    person = make_person("Naledi Mokoena (sample)", email="naledi@city.example")
    return take_part(consultation, person, organisation=make_organisation())


@pytest.fixture
def author(client, participation, sign_in):
    return sign_in(participation.person)


@pytest.fixture
def new(consultation):
    return reverse("consultations:new_input", args=[consultation.code])


def typed(consultation, button="submit", **fields):
    given = fields_of_input(consultation, attribution=Attribution.TYPE) | {"form_key": "form1"}
    return {**given, "area": given["area"].pk, button: "", **fields}


def test_submitting_gives_reference_receipt_and_the_page_of_the_input(author, consultation, participation, new):
    response = author.post(new, typed(consultation), follow=True)
    input = Input.objects.get()
    assert response.redirect_chain == [(reverse("consultations:input", args=[input.pk]), 302)]
    assert (input.state, input.reference, input.participation, input.area.code) == (
        "submitted",
        "JHB11-I-001",
        participation,
        "KT",
    )
    assert input.text == fields_of_input(consultation)["text"]
    assert "Your input has the reference JHB11-I-001. A receipt is on its way to your mailbox." in text_of(response)
    receipt = Message.objects.get()
    assert (receipt.person, receipt.subject) == (participation.person, "We have your input JHB11-I-001")
    for part in [receipt.text, receipt.html]:
        for words in ["JHB11-I-001", "26 June 2011, 00:00 (Africa/Johannesburg)", "“City”", input.get_absolute_url()]:
            assert words in part
    assert input.text in receipt.text


def test_a_draft_is_kept_without_text_and_goes_on_in_the_form(author, consultation, new):
    response = author.post(new, typed(consultation, "draft", text=""), follow=True)
    input = Input.objects.get()
    assert response.redirect_chain == [(reverse("consultations:edit_input", args=[input.pk]), 302)]
    assert (input.state, input.number, input.text) == ("draft", None, "")
    assert "Your draft is saved. Nobody else sees it until you submit it." in text_of(response)
    assert not Message.objects.exists()


def test_a_draft_becomes_an_input(author, consultation, participation):
    draft = draft_input(participation)
    author.post(reverse("consultations:edit_input", args=[draft.pk]), typed(consultation, title="Better"))
    assert list(Input.objects.values_list("title", "state", "number")) == [("Better", "submitted", 1)]


def test_what_is_submitted_needs_a_text(author, consultation, new):
    response = author.post(new, typed(consultation, text="  "))
    assert "Write the text before you submit. A draft can wait for it." in text_of(response)
    assert not Input.objects.exists()


@pytest.mark.parametrize("way", ["new", "edit"])
def test_submitting_twice_makes_one_input_and_one_receipt(author, consultation, participation, new, way):
    to = new if way == "new" else reverse("consultations:edit_input", args=[draft_input(participation).pk])
    targets = {author.post(to, typed(consultation)).url for _ in range(2)}
    assert targets == {reverse("consultations:input", args=[Input.objects.get().pk])}
    assert list(Input.objects.values_list("state", "number")) == [("submitted", 1)]
    assert Message.objects.count() == 1


def test_going_back_and_sending_the_form_again_changes_the_same_input(author, consultation, new):
    author.post(new, typed(consultation, "draft", title="First"))
    author.post(new, typed(consultation, title="Second"))
    author.post(new, typed(consultation, title="Third"))
    assert list(Input.objects.values_list("title", "state", "number")) == [("Third", "submitted", 1)]
    author.post(new, typed(consultation, title="Another", form_key="form2"))
    assert set(Input.objects.values_list("title", "number")) == {("Third", 1), ("Another", 2)}


def test_the_form_of_another_person_is_not_found_by_its_name(author, consultation, new, sign_in):
    author.post(new, typed(consultation))
    other = take_part(consultation)
    sign_in(other.person).post(new, typed(consultation, title="Mine"))
    assert set(Input.objects.values_list("participation", "title")) == {
        (Input.objects.get(number=1).participation_id, "A joint training fund"),
        (other.pk, "Mine"),
    }


def test_a_form_refused_once_can_be_sent_again(author, consultation, new, clock):
    clock.move_to(CLOSES)
    author.post(new, typed(consultation))
    lifecycle.extend_window(
        consultation, closes_at=CLOSES + timedelta(days=1), by=make_staff(), at=CLOSES - timedelta(1)
    )
    author.post(new, typed(consultation))
    assert Input.objects.get().number == 1


def test_over_long_text_is_told_by_how_much_and_kept(author, consultation, new):
    long = "Ways to meet. " * 400
    response = author.post(new, typed(consultation, text=long, title="T" * 121))
    assert "This is 599 characters too long: there is room for 5000." in text_of(response)
    assert "This is 1 character too long: there is room for 120." in text_of(response)
    assert long.strip() in response.content.decode()
    assert "T" * 121 in response.content.decode()
    assert not Input.objects.exists()


def test_a_line_break_counts_as_one_character(author, consultation, new):
    text = "\r\n".join(["line"] * 1000)
    author.post(new, typed(consultation, text=text))
    assert Input.objects.get().text == "\n".join(["line"] * 1000)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("area", "other", "This consultation does not work on that area. Choose one of those shown."),
        ("area", "99999", "This consultation does not work on that area. Choose one of those shown."),
        ("area", "", "Choose the cooperation area that it belongs to."),
        ("kind", "", "Choose what kind of input it is."),
        ("kind", "sermon", "Select a valid choice. sermon is not one of the available choices."),
        ("attribution", "shouted", "Select a valid choice. shouted is not one of the available choices."),
        ("language", "xx", "Select a valid choice. xx is not one of the available choices."),
        ("title", "", "Give it a title, so that it can be found again."),
        ("text", "a\x00b", "Null characters are not allowed."),
    ],
)
def test_what_the_form_refuses_keeps_the_typed_text(author, consultation, new, field, value, words):
    if value == "other":
        value = CooperationArea.objects.create(series=make_series("other", areas=["XX"]), code="YY", title="Y").pk
    response = author.post(new, typed(consultation, **({"text": "Typed with care."} | {field: value})))
    assert words in text_of(response)
    assert not Input.objects.exists()
    if field != "text":
        assert "Typed with care." in response.content.decode()


def test_an_area_of_the_series_that_this_event_leaves_out_is_refused(author, consultation, new):
    left_out = consultation.areas.get(code="SC")
    consultation.areas.remove(left_out)
    response = author.post(new, typed(consultation, area=left_out.pk))
    assert "This consultation does not work on that area." in text_of(response)
    assert left_out.title not in text_of(author.get(new))


def test_the_form_shows_each_way_to_be_quoted_with_its_line(author, new):
    shown = text_of(author.get(new))
    for words in [
        "With my name: “Naledi Mokoena (sample), City of Utrecht”",
        "With my organisation, without my name: “City of Utrecht”",
        "“City”: neither my name nor my organisation",
        "Not at all: rapporteurs and organisers read it",
    ]:
        assert words in shown


def test_without_an_organisation_there_is_no_way_to_be_quoted_by_it(consultation, new, sign_in):
    shown = text_of(sign_in(take_part(consultation).person).get(new))
    assert "With my organisation" not in shown


def test_languages_and_sessions_are_those_of_the_event(author, consultation, new):
    assert "Language in which you write" not in text_of(author.get(new))
    assert "Session of the agenda" not in text_of(author.get(new))
    consultation.languages = ["en", "tr"]
    consultation.save()
    session = AgendaSession.objects.create(consultation=consultation, title="Working group on jobs")
    elsewhere = AgendaSession.objects.create(consultation=plan(consultation.series, "TOR11"), title="Elsewhere")
    shown = text_of(author.get(new))
    assert "Türkçe" in shown
    assert "Working group on jobs" in shown
    assert "Elsewhere" not in shown
    author.post(new, typed(consultation, session=elsewhere.pk))
    assert not Input.objects.exists()
    author.post(new, typed(consultation, session=session.pk, language="tr"))
    assert list(Input.objects.values_list("session", "language")) == [(session.pk, "tr")]


def test_the_area_of_the_link_is_chosen_already(author, consultation, new):
    area = consultation.areas.get(code="IN")
    assert re.search(rf'value="{area.pk}"[^>]*checked', author.get(f"{new}?area=IN").content.decode())
    assert author.get(f"{new}?area=NOPE").status_code == 200


def test_outcomes_laid_before_the_event_stand_beside_the_form(consultation, sign_in):
    staff = make_staff()
    toronto = plan(consultation.series, "TOR11", inputs_open_at=OPENS, inputs_close_at=NOW + timedelta(days=99))
    consultation.feeds_into = toronto
    consultation.save()
    bring_to(consultation, ConsultationState.IN_SYNTHESIS)

    draft_outcome(consultation, by=take_part(consultation, role=Role.RAPPORTEUR).person)
    conclude_and_carry(consultation, by=staff)
    bring_to(toronto, ConsultationState.ANNOUNCED)
    person = take_part(toronto).person
    shown = text_of(sign_in(person).get(reverse("consultations:new_input", args=["TOR11"])))
    assert "Already on the table" in shown
    assert "JHB11-KT-01" in shown


@pytest.mark.parametrize(
    ("at", "is_taken"), [(OPENS - timedelta(seconds=1), False), (OPENS, True), (LAST_MOMENT, True), (CLOSES, False)]
)
def test_the_window_counts_to_the_second(author, consultation, new, clock, at, is_taken):
    clock.move_to(at)
    author.post(new, typed(consultation))
    assert Input.objects.exists() is is_taken


def test_after_the_window_the_typed_text_is_given_back(author, consultation, new, clock):
    clock.move_to(CLOSES)
    response = author.post(new, typed(consultation, text="Typed through the <night>.", title="Too late"))
    assert CLOSED in text_of(response)
    assert "What you typed was not saved. Here it is, to be copied and kept." in text_of(response)
    assert "Typed through the &lt;night&gt;." in response.content.decode()
    assert 'value="Too late"' in response.content.decode()
    assert not Input.objects.exists()


def test_after_the_window_a_change_is_given_back_and_the_input_stays(author, consultation, participation, clock):
    input = give_input(participation)
    clock.move_to(CLOSES)
    edit = reverse("consultations:edit_input", args=[input.pk])
    response = author.post(edit, typed(consultation, text="Second thoughts."))
    assert CLOSED in text_of(response)
    assert "Second thoughts." in response.content.decode()
    assert Input.objects.get().text == input.text
    assert input.text in author.get(edit).content.decode()
    assert not re.search(r'name="(submit|draft)"', author.get(edit).content.decode())


def test_before_the_window_the_form_says_from_when(author, new, clock):
    clock.move_to(OPENS - timedelta(days=1))
    assert "Inputs are taken from 1 May 2011, 02:00 (Africa/Johannesburg)." in text_of(author.get(new))


def test_a_window_closed_between_saving_and_submitting_keeps_nothing_by_halves(author, consultation, new):
    lifecycle.close_inputs(consultation, by=make_staff(), at=NOW)
    author.post(new, typed(consultation))
    assert not Input.objects.exists()


def test_changing_keeps_the_reference(author, consultation, participation):
    input = give_input(participation)
    response = author.post(
        reverse("consultations:edit_input", args=[input.pk]),
        typed(consultation, title="Clearer", attribution=Attribution.NAMED),
        follow=True,
    )
    assert "JHB11-I-001 is saved as you see it here." in text_of(response)
    assert list(Input.objects.values_list("title", "attribution", "number", "state")) == [
        ("Clearer", "named", 1, "submitted")
    ]


def test_withdrawing_asks_once_and_keeps_the_row(author, participation):
    input = give_input(participation)
    page = reverse("consultations:withdraw_input", args=[input.pk])
    assert "Withdraw this input?" in text_of(author.get(page))
    assert Input.objects.get().state == "submitted"
    response = author.post(page, follow=True)
    assert "It is withdrawn." in text_of(response)
    assert Input.objects.get().state == "withdrawn"
    assert Message.objects.first().subject == "Your input JHB11-I-001 was withdrawn"
    author.post(page)
    assert Message.objects.filter(occasion="input_withdrawn").count() == 1
    assert author.get(page).url == author.get(reverse("consultations:edit_input", args=[input.pk])).url


def test_after_the_window_nothing_is_withdrawn(author, participation, clock):
    input = give_input(participation)
    page = reverse("consultations:withdraw_input", args=[input.pk])
    clock.move_to(CLOSES)
    assert CLOSED in text_of(author.get(page))
    assert CLOSED in text_of(author.post(page, follow=True))
    assert Input.objects.get().state == "submitted"


def test_the_page_of_an_input_says_until_when_it_can_be_changed(author, participation, clock):
    page = reverse("consultations:input", args=[give_input(participation).pk])
    shown = text_of(author.get(page))
    for words in ["JHB11-I-001", "“City”", "18 June 2011, 12:00 (Africa/Johannesburg)", "Change it", "Withdraw it"]:
        assert words in shown
    assert "Inputs are taken until 26 June 2011, 00:00 (Africa/Johannesburg)." in shown
    clock.move_to(CLOSES)
    shown = text_of(author.get(page))
    assert CLOSED in shown
    assert "Change it" not in shown


@pytest.mark.parametrize("way", ["new", "edit"])
def test_whoever_was_signed_out_while_typing_gets_the_text_back(author, consultation, participation, new, way):
    page = new if way == "new" else reverse("consultations:edit_input", args=[draft_input(participation).pk])
    before = list(Input.objects.values())
    author.logout()
    response = author.post(page, typed(consultation, title="Half <done>", text="Typed for an hour."))
    assert response.status_code == 403
    assert "Typed for an hour." in response.content.decode()
    assert 'value="Half &lt;done&gt;"' in response.content.decode()
    assert f"{reverse('account_request_login_code')}?next={page}" in response.content.decode()
    assert list(Input.objects.values()) == before


def test_what_came_too_late_can_still_reach_the_organisers_before_validation(author, consultation, new, clock):
    clock.move_to(CLOSES)
    words = "Send it to the organisers: they can have it entered, marked as late."
    assert words in text_of(author.post(new, typed(consultation)))
    bring_to(consultation, ConsultationState.IN_VALIDATION)
    assert words not in text_of(author.post(new, typed(consultation)))


VIEWERS = ["author", "another participant", "rapporteur", "organiser", "organiser elsewhere", "staff", "nobody"]


@pytest.fixture
def person_of(consultation, participation):
    def person_of(viewer):
        match viewer:
            case "author":
                return participation.person
            case "another participant":
                return take_part(consultation).person
            case "rapporteur":
                return take_part(consultation, role=Role.RAPPORTEUR).person
            case "organiser":
                return take_part(consultation, role=Role.ORGANISER).person
            case "organiser elsewhere":
                elsewhere = bring_to(plan(consultation.series, "TOR11"), ConsultationState.ANNOUNCED)
                return take_part(elsewhere, role=Role.ORGANISER).person
            case "staff":
                return make_staff()

    return person_of


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_who_sees_and_who_changes_an_input(client, consultation, participation, person_of, sign_in, viewer, state):
    input = draft_input(participation) if state == "draft" else give_input(participation)
    sign_in(person_of(viewer))
    reads = viewer in {"rapporteur", "organiser", "staff"} and state == "submitted"
    expected = (200, 200, 200) if viewer == "author" else (200, 403, 403) if reads else (404, 404, 404)
    if viewer == "nobody":
        expected = (302, 302, 302)
    pages = [reverse(f"consultations:{name}", args=[input.pk]) for name in ["input", "edit_input", "withdraw_input"]]
    assert tuple(client.get(page).status_code for page in pages) == expected
    if viewer != "author":
        client.post(pages[1], typed(consultation, title="Taken over"))
        client.post(pages[2])
        assert list(Input.objects.values_list("title", "state")) == [("A joint training fund", state)]


@pytest.mark.parametrize("attribution", Attribution)
@pytest.mark.parametrize("viewer", ["rapporteur", "organiser", "staff"])
def test_names_behind_an_input(client, participation, person_of, sign_in, viewer, attribution):
    input = give_input(participation, attribution=attribution)
    sign_in(person_of(viewer))
    shown = text_of(client.get(reverse("consultations:input", args=[input.pk])))
    sees_name = viewer != "rapporteur" or attribution == "named"
    assert ("Naledi" in shown) is sees_name
    assert ("Utrecht" in shown) is (sees_name or attribution == "organisation")
    assert "naledi@city.example" not in shown


@pytest.mark.parametrize("answer", [Answer.INVITED, Answer.DECLINED])
def test_only_those_who_accepted_see_the_form_and_nothing_typed_is_lost(consultation, new, sign_in, answer):
    client = sign_in(take_part(consultation, answer=answer).person)
    assert client.get(new).url == reverse("consultations:invitation", args=["JHB11"])
    response = client.post(new, typed(consultation, text="Typed before answering."))
    assert "Accept the invitation first; then you can give inputs." in text_of(response)
    assert "Typed before answering." in response.content.decode()
    assert not Input.objects.exists()


def test_the_uninvited_are_turned_away(consultation, new, sign_in):
    not_yet = take_part(consultation, answer=Answer.NOT_INVITED)
    for person in [make_person(), not_yet.person, make_staff()]:
        client = sign_in(person)
        assert (client.get(new).status_code, client.post(new, typed(consultation)).status_code) == (403, 403)
    plan(consultation.series, "TOR11")
    assert client.get(reverse("consultations:new_input", args=["NONE"])).status_code == 404
    assert sign_in(make_person()).get(reverse("consultations:new_input", args=["TOR11"])).status_code == 404
    assert sign_in(None).get(new).status_code == 302
    assert not Input.objects.exists()


def test_a_stale_form_cannot_bring_a_withdrawn_input_back(author, consultation, participation):
    input = give_input(participation)
    inputs.withdraw(input, by=participation.person, at=NOW)
    response = author.post(reverse("consultations:edit_input", args=[input.pk]), typed(consultation, text="Again."))
    assert "This input is withdrawn by now" in text_of(response)
    assert "Again." in response.content.decode()
    assert Input.objects.get().state == "withdrawn"


def test_no_name_stands_in_an_address(author, consultation, participation, new):
    author.post(new, typed(consultation, title="Naledi Mokoena asks", attribution="named"))
    shown = author.get(reverse("consultations:input", args=[Input.objects.get().pk])).content.decode()
    addresses = re.findall(r'(?:href|action|src)="([^"]*)"', shown)
    assert addresses
    assert not [address for address in addresses if re.search("naledi|mokoena|utrecht|@", address, re.IGNORECASE)]


class TestAutosave:
    @pytest.fixture
    def autosave(self, consultation):
        return reverse("consultations:autosave", args=[consultation.code])

    def test_keeps_what_is_there_so_far(self, author, consultation, participation, autosave, clock):
        answer = author.post(
            autosave, {"text": "Half a thou", "attribution": "type", "language": "en", "form_key": "a"}
        )
        draft = Input.objects.get()
        assert answer.json() == {
            "message": "Saved at 12:00.",
            "revision": 1,
            "url": reverse("consultations:edit_input", args=[draft.pk]),
        }
        assert (draft.participation, draft.text, draft.state) == (participation, "Half a thou", "draft")
        again = typed(consultation, "autosave", form_key="a", revision="1", text="Half a thought")
        assert author.post(autosave, again).json()["revision"] == 2
        assert Input.objects.get().text == "Half a thought"
        assert not Message.objects.exists()

    def test_a_draft_may_run_over_while_it_is_written(self, author, consultation, autosave):
        author.post(autosave, typed(consultation, "autosave", text="x" * (LONGEST_TEXT + 1)))
        assert len(Input.objects.get().text) == LONGEST_TEXT + 1
        edit = reverse("consultations:edit_input", args=[Input.objects.get().pk])
        assert "This is 1 character too long" in text_of(
            author.post(edit, typed(consultation, text="x" * (LONGEST_TEXT + 1)))
        )
        assert Input.objects.get().state == "draft"

    def test_says_why_it_did_not(self, client, author, consultation, participation, autosave, clock):
        def told(**fields):
            answer = client.post(autosave, typed(consultation, "autosave", **fields))
            return answer.status_code, answer.json()["message"]

        author.post(autosave, typed(consultation, "autosave", form_key="a"))
        assert told(form_key="a", revision="0", title="Other") == (
            409,
            "Not saved: This was changed in another window. Save the draft here to see both texts.",
        )
        assert told(title="x" * 121)[0] == 422
        given = give_input(participation)
        assert told(form_key=given.form_key, revision=str(given.revision), title="Other")[0] == 422
        given.refresh_from_db()
        assert given.title == "A joint training fund"
        clock.move_to(CLOSES)
        assert told(form_key="b") == (
            422,
            "Not saved: The time for inputs ended on 26 June 2011, 00:00 (Africa/Johannesburg).",
        )
        client.logout()
        assert told(form_key="b") == (
            403,
            "Not saved: You are signed out. Sign in in another window, and go on here.",
        )

    def test_finds_no_drafts_of_others(self, author, consultation, autosave, sign_in):
        author.post(autosave, typed(consultation, "autosave", form_key="a", title="Mine"))
        other = take_part(consultation)
        sign_in(other.person).post(
            autosave, typed(consultation, "autosave", form_key="a", revision="1", title="Theirs")
        )
        assert set(Input.objects.values_list("title", flat=True)) == {"Mine", "Theirs"}


def test_both_texts_are_shown_to_whom_another_window_has_overtaken(author, consultation, participation):
    given = give_input(participation)
    edit = reverse("consultations:edit_input", args=[given.pk])
    author.post(edit, typed(consultation, revision=str(given.revision), text="Saved on the phone."))
    response = author.post(edit, typed(consultation, revision=str(given.revision), text="Typed at the desk."))
    page = response.content.decode()
    assert "This was saved in another window or on another device meanwhile" in page
    assert "<p>Saved on the phone.</p>" in page
    assert "Typed at the desk.</textarea>" in page
    assert Input.objects.get().text == "Saved on the phone."
    newest = str(Input.objects.get().revision)
    assert f'name="revision" value="{newest}"' in page
    author.post(edit, typed(consultation, revision=newest, text="Typed at the desk."))
    assert Input.objects.get().text == "Typed at the desk."


def test_a_text_that_names_its_author_is_not_submitted_unseen(author, consultation, participation, new):
    text = "At the City of Utrecht we pay for training."
    page = author.post(new, typed(consultation, text=text))
    assert "It names City of Utrecht, and you chose to be quoted as “City”." in text_of(page)
    assert f"{text}</textarea>" in page.content.decode()
    assert not Input.objects.exists()
    author.post(new, typed(consultation, "draft", text=text))
    assert Input.objects.get().state == "draft"
    author.post(new, typed(consultation, text=text, submit="anyway", revision="1"))
    given = Input.objects.get()
    assert (given.state, given.attribution, given.text) == ("submitted", "type", text)


def test_who_is_quoted_with_the_organisation_may_name_it(author, consultation, new):
    author.post(new, typed(consultation, text="The City of Utrecht pays for training.", attribution="organisation"))
    assert Input.objects.get().state == "submitted"
