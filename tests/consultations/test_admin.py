import json
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.urls import reverse

from consultations.models import Answer, Consultation, ConsultationState, Participation, Series
from outcomes import conclusion
from outcomes.models import RollForward
from stakeholders.models import Message
from tests.factories import (
    CLOSES,
    NOW,
    bring_to,
    draft_input,
    draft_outcome,
    give_input,
    invite,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    make_type,
    plan,
    take_part,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def staff():
    return make_staff()


@pytest.fixture
def client_of_staff(sign_in, staff):
    return sign_in(staff)


def empty_inlines(*prefixes: str) -> dict[str, str]:
    return {f"{prefix}-{name}_FORMS": "0" for prefix in prefixes for name in ["TOTAL", "INITIAL"]}


def form_of_consultation(series: Series, /, **changes: object) -> dict[str, object]:
    return {
        "series": series.pk,
        "code": "JHB11",
        "kind": "expert_consultation",
        "order": 1,
        "title": "Johannesburg",
        "description": "",
        "city": "Johannesburg",
        "country": "South Africa",
        "venue": "Town Hall",
        "starts_on": "2011-06-28",
        "ends_on": "2011-06-29",
        "time_zone": "Africa/Johannesburg",
        "host": make_organisation("Host").pk,
        "areas": [area.pk for area in series.areas.all()],
        "inputs_open_at_0": "2011-05-01",
        "inputs_open_at_1": "02:00",
        "inputs_close_at_0": "2011-06-26",
        "inputs_close_at_1": "00:00",
        "default_attribution": "type",
        "languages": ["en", "fr"],
        "feeds_into": "",
        **empty_inlines("sessions", "targets", "region_targets"),
        **changes,
    }


def act(client, consultation: Consultation, name: str, **fields: object):
    """Press a button on the consultation's page and say yes; gives the messages that come back."""
    url = reverse(f"admin:consultations_consultation_{name}", args=[consultation.pk])
    response = client.post(url, fields, follow=True)
    if foresight := response.context.get("foresight"):
        response = client.post(url, fields | {"shown": foresight.mark}, follow=True)
    return [str(message) for message in response.context["messages"]]


def test_a_series_is_planned_with_areas_and_questions(client_of_staff):
    city = make_type("city")
    client_of_staff.post(
        reverse("admin:consultations_series_add"),
        {
            "title": "Cities and business",
            "slug": "thp",
            "central_question": "How?",
            "summary": "",
            "background": "",
            "stakeholder_types": [city.pk],
            **empty_inlines("areas", "regions", "earlier_meetings"),
            "areas-TOTAL_FORMS": "1",
            "areas-0-order": "1",
            "areas-0-code": "KT",
            "areas-0-title": "Knowledge transfer",
            "earlier_meetings-TOTAL_FORMS": "1",
            "earlier_meetings-0-order": "1",
            "earlier_meetings-0-title": "Roundtable",
            "earlier_meetings-0-place": "Copenhagen",
        },
    )
    series = Series.objects.get(slug="thp")
    area = series.areas.get()
    assert (area.code, series.earlier_meetings.get().place, list(series.stakeholder_types.all())) == (
        "KT", "Copenhagen", [city],
    )  # fmt: skip
    client_of_staff.post(
        reverse("admin:consultations_cooperationarea_change", args=[area.pk]),
        {
            "series": series.pk, "code": "KT", "title": "Knowledge transfer", "description": "", "order": "1",
            **empty_inlines("guiding_questions"), "guiding_questions-TOTAL_FORMS": "1",
            "guiding_questions-0-order": "1", "guiding_questions-0-text": "Who pays?",
        },
    )  # fmt: skip
    assert area.guiding_questions.get().text == "Who pays?"


def test_a_consultation_is_planned_in_its_own_time_zone(client_of_staff, staff):
    series = make_series()
    session = {
        "sessions-TOTAL_FORMS": "1", "sessions-0-order": "1", "sessions-0-kind": "plenary",
        "sessions-0-title": "Opening", "sessions-0-starts_at_0": "2011-06-28", "sessions-0-starts_at_1": "09:00",
        "sessions-0-ends_at_0": "2011-06-28", "sessions-0-ends_at_1": "10:30", "sessions-0-room": "",
        "targets-TOTAL_FORMS": "1", "targets-0-stakeholder_type": make_type("city").pk, "targets-0-number": "5",
    }  # fmt: skip
    response = client_of_staff.post(
        reverse("admin:consultations_consultation_add"), form_of_consultation(series, **session)
    )
    assert response.status_code == 302, response.context["adminform"].form.errors
    made = Consultation.objects.get()
    assert (made.inputs_close_at, made.languages, made.state) == (CLOSES, ["en", "fr"], "planned")
    assert made.sessions.get().starts_at == datetime(2011, 6, 28, 7, tzinfo=UTC)
    assert made.targets.get().number == 5
    page = client_of_staff.get(reverse("admin:consultations_consultation_change", args=[made.pk])).content.decode()
    assert 'value="2011-06-26"' in page
    assert 'value="00:00:00"' in page
    assert {row.history_user for row in made.history.all()} == {staff.user}


def test_a_moment_that_the_clocks_skip_is_refused_in_words(client_of_staff):
    changes = {
        "time_zone": "America/Toronto", "inputs_open_at_0": "2011-03-13", "inputs_open_at_1": "02:30",
    }  # fmt: skip
    response = client_of_staff.post(
        reverse("admin:consultations_consultation_add"), form_of_consultation(make_series(), **changes)
    )
    assert "couldn’t be interpreted in time zone America/Toronto" in response.content.decode()
    assert not Consultation.objects.exists()


def test_summer_and_winter_are_told_apart(client_of_staff):
    changes = {
        "time_zone": "America/Toronto",
        "inputs_open_at_0": "2011-03-12", "inputs_open_at_1": "12:00",
        "inputs_close_at_0": "2011-03-14", "inputs_close_at_1": "12:00",
    }  # fmt: skip
    client_of_staff.post(
        reverse("admin:consultations_consultation_add"), form_of_consultation(make_series(), **changes)
    )
    made = Consultation.objects.get()
    assert (made.inputs_open_at, made.inputs_close_at) == (
        datetime(2011, 3, 12, 17, tzinfo=UTC),
        datetime(2011, 3, 14, 16, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"code": "jhb-11"}, "Use capital letters and digits only, like JHB11."),
        ({"time_zone": "Mars/Base"}, "“Mars/Base” is not a time zone. Use a name like Africa/Johannesburg."),
        ({"ends_on": "2011-06-01"}, "The last day is before the first one."),
        ({"inputs_close_at_0": "2011-04-01"}, "The input window closes before it opens."),
    ],
)
def test_a_faulty_plan_is_refused_in_words(client_of_staff, changes, sentence):
    response = client_of_staff.post(
        reverse("admin:consultations_consultation_add"), form_of_consultation(make_series(), **changes)
    )
    assert sentence in response.content.decode()
    assert not Consultation.objects.exists()


def test_a_plan_that_runs_in_a_circle_or_across_series_is_refused(client_of_staff):
    series = make_series()
    hearing = plan(series, "HEAR")
    first = plan(series, "JHB11", feeds_into=hearing)
    foreign = plan(make_series("other"), "OTHER")
    url = reverse("admin:consultations_consultation_feed_into", args=[hearing.pk])
    for target, sentence in [
        (first, "The plan would run in a circle: Consultation JHB11 already feeds into Consultation HEAR."),
        (foreign, "Select a valid choice."),
    ]:
        response = client_of_staff.post(url, {"following": target.pk})
        assert sentence in response.content.decode()
    hearing.refresh_from_db()
    assert hearing.feeds_into is None


def test_the_state_is_not_on_the_form(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    url = reverse("admin:consultations_consultation_change", args=[consultation.pk])
    client_of_staff.post(url, form_of_consultation(consultation.series, state="concluded", title="New title"))
    consultation.refresh_from_db()
    assert (consultation.state, consultation.title) == ("announced", "New title")


def test_the_whole_life_by_buttons(client_of_staff, staff, clock):
    consultation = plan(make_series(), title="Johannesburg")
    assert act(client_of_staff, consultation, "announce") == [
        "Johannesburg is announced: its page is public now. Send the invitations next, from the list of participants."
    ]
    assert act(client_of_staff, consultation, "extend_window", closes_at_0="2011-06-27", closes_at_1="00:00") == [
        "The input window of Johannesburg is extended."
    ]
    consultation.refresh_from_db()
    assert consultation.inputs_close_at == datetime(2011, 6, 26, 22, tzinfo=UTC)
    assert act(client_of_staff, consultation, "close_inputs") == [
        "The inputs of Johannesburg are closed. The rapporteurs can work on them at the desk now."
    ]
    draft_outcome(consultation, by=make_person())
    assert act(client_of_staff, consultation, "open_validation", closes_at_0="2011-07-20", closes_at_1="18:00") == [
        "The drafts of Johannesburg are open to its participants."
    ]
    seen = json.dumps(conclusion.texts_as_they_stand(consultation))
    assert act(client_of_staff, consultation, "conclude", seen=seen) == [
        "Johannesburg is concluded. Its outcomes are public, and on their way to the next consultation."
    ]
    consultation.refresh_from_db()
    assert (consultation.state, consultation.concluded_by) == ("concluded", staff)
    assert act(client_of_staff, consultation, "carry_again") == ["The roll-forward of Johannesburg is in the queue."]
    assert RollForward.objects.filter(consultation=consultation).count() == 2
    users = set(consultation.history.values_list("history_user__email", flat=True))
    assert staff.user.email in users


def test_a_refusal_is_told_reason_by_reason(client_of_staff):
    consultation = Consultation.objects.create(series=make_series(), code="TOR", title="Toronto", languages=["en"])
    assert act(client_of_staff, consultation, "announce") == [
        "The first and the last day are missing.",
        "The place is missing: fill in the city.",
        "The time zone is missing.",
        "The host is missing.",
        "Choose the cooperation areas that it works on.",
        "The input window is missing: say from when until when inputs are taken.",
    ]
    consultation.refresh_from_db()
    assert consultation.state == "planned"


def test_cancelling_asks_for_a_reason(client_of_staff):
    consultation = bring_to(plan(make_series(), title="Johannesburg"), ConsultationState.ANNOUNCED)
    url = reverse("admin:consultations_consultation_cancel", args=[consultation.pk])
    assert "It does not take place." in client_of_staff.get(url).content.decode()
    assert "This field is required." in client_of_staff.post(url, {"reason": ""}).content.decode()
    assert act(client_of_staff, consultation, "cancel", reason="No venue.") == ["Johannesburg is cancelled."]
    consultation.refresh_from_db()
    assert consultation.cancellation_reason == "No venue."


def test_looking_at_the_page_that_asks_changes_nothing(client_of_staff):
    consultation = plan(make_series())
    page = client_of_staff.get(reverse("admin:consultations_consultation_announce", args=[consultation.pk]))
    assert "The consultation gets a public page" in page.content.decode()
    consultation.refresh_from_db()
    assert consultation.state == "planned"


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        ("planned", {"announce", "cancel"}),
        ("announced", {"extend-window", "close-inputs", "cancel"}),
        ("in_synthesis", {"open-validation", "cancel"}),
        ("in_validation", {"conclude", "cancel"}),
        ("concluded", {"carry-again"}),
    ],
)
def test_only_what_the_state_allows_is_offered(client_of_staff, state, offered):
    consultation = bring_to(plan(make_series()), ConsultationState(state))
    url = reverse("admin:consultations_consultation_change", args=[consultation.pk])
    page = client_of_staff.get(url).content.decode()
    acts = ["announce", "extend-window", "close-inputs", "open-validation", "conclude", "carry-again", "cancel"]
    assert {name for name in acts if f"/{consultation.pk}/{name}" in page} == offered


def test_invitations_are_sent_to_those_chosen(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    chosen = [take_part(consultation, answer=Answer.NOT_INVITED) for _ in range(2)]
    take_part(consultation, answer=Answer.NOT_INVITED)
    url = reverse("admin:consultations_participation_changelist")
    choice = {"action": "send_invitations", "_selected_action": [row.pk for row in chosen]}
    told = [
        [str(message) for message in client_of_staff.post(url, choice, follow=True).context["messages"]]
        for _ in range(2)
    ]
    assert told == [["2 invitations are on their way."], ["Everybody chosen was invited before."]]
    assert set(Message.objects.values_list("person", flat=True)) == {row.person_id for row in chosen}


def test_links_are_revoked(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    participation = take_part(consultation, answer=Answer.NOT_INVITED)
    path = invite(participation)
    client_of_staff.post(
        reverse("admin:consultations_participation_changelist"),
        {"action": "revoke_links", "_selected_action": [participation.pk]},
    )
    assert Participation.objects.get().link_number == 2
    assert client_of_staff.get(path).status_code == 403


def test_drafts_of_inputs_are_not_even_shown_to_staff(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    author = take_part(consultation)
    draft_input(author, title="My secret draft")
    given = give_input(author, title="Handed in")
    page = client_of_staff.get(reverse("admin:consultations_input_changelist")).content.decode()
    assert "Handed in" in page
    assert "My secret draft" not in page
    one = client_of_staff.get(reverse("admin:consultations_input_change", args=[given.pk]))
    assert "Handed in" in one.content.decode()
    assert client_of_staff.post(one.request["PATH_INFO"], {"title": "Other"}).status_code == 403


def test_what_was_announced_is_not_deleted(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    url = reverse("admin:consultations_consultation_delete", args=[consultation.pk])
    assert client_of_staff.post(url, {"post": "yes"}).status_code == 403
    assert Consultation.objects.exists()


OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label in
     {"stakeholders", "consultations", "outcomes", "reports"}),
    key=lambda model: model._meta.label,
)  # fmt: skip


def test_every_model_that_people_plan_or_look_after_is_there():
    assert {model._meta.label for model in OURS} == {
        "consultations.Consent", "consultations.Consultation", "consultations.CooperationArea",
        "consultations.Dispatch", "consultations.Input",
        "consultations.Participation", "consultations.Series", "outcomes.Consideration", "outcomes.Correction",
        "outcomes.Evidence", "outcomes.FactualCorrection", "outcomes.Flag", "outcomes.Position",
        "outcomes.Outcome", "outcomes.RollForward", "outcomes.Version", "reports.Edition", "reports.EditionJob",
        "stakeholders.AddressImport", "stakeholders.ErasureRequest",
        "stakeholders.Message", "stakeholders.Organisation", "stakeholders.Person",
        "stakeholders.StakeholderType",
        "stakeholders.User",
    }  # fmt: skip


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_lists_and_forms_open_for_staff_alone(sign_in, staff, model):
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    urls = [reverse(f"{name}_changelist")]
    if admin.site._registry[model].has_add_permission.__func__.__qualname__.startswith(
        ("ModelAdmin", "BaseModelAdmin")
    ):
        urls.append(reverse(f"{name}_add"))
    client = sign_in(staff)
    assert [client.get(url).status_code for url in urls] == [200] * len(urls)
    client = sign_in(make_person("Participant (sample)"))
    assert {client.get(url, follow=True).status_code for url in urls} == {403}
    client = sign_in(None)
    assert {client.get(url, follow=True).request["PATH_INFO"] for url in urls} == {"/accounts/login/code/"}


@pytest.mark.parametrize(
    "label",
    ["outcomes.Outcome", "outcomes.Version", "outcomes.Consideration", "outcomes.Evidence", "reports.Edition"],
)
def test_what_only_operations_write_is_not_written_here(client_of_staff, label):
    model = next(model for model in OURS if model._meta.label == label)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client_of_staff.get(reverse(f"{name}_add")).status_code == 403


@pytest.mark.parametrize("number", [2, 30])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    client_of_staff, number, django_assert_max_num_queries
):
    series = make_series()
    for place in range(number):
        consultation = plan(series, f"E{place}", host=make_organisation(f"Host {place}"))
        take_part(consultation, make_person(organisation=make_organisation(f"City {place}")))
    for name in ["consultations_consultation", "consultations_participation", "stakeholders_person"]:
        with django_assert_max_num_queries(14):
            client_of_staff.get(reverse(f"admin:{name}_changelist"))
    with django_assert_max_num_queries(12):
        client_of_staff.get("/admin/")


def test_the_overview_says_what_comes_next(client_of_staff):
    series = make_series()
    plan(series, "NEXT", title="Planned one")
    bring_to(plan(series, "NOW", title="Announced one"), ConsultationState.ANNOUNCED)
    Message.objects.create(
        person=make_person(), occasion="x", subject="s", text="", html="", state="failed", finished_at=NOW, error="Why."
    )
    page = client_of_staff.get("/admin/").content.decode()
    assert "Complete the plan and announce it." in page
    assert "Inputs close soon: 26 June 2011, 00:00 (Africa/Johannesburg)." not in page
    assert "Inputs are coming in. 0 invitations wait for an answer." in page
    assert "Messages: 1" in page


def test_failed_work_is_tried_again(client_of_staff):
    failed = Message.objects.create(
        person=make_person(), occasion="x", subject="s", text="", html="", state="failed", finished_at=NOW, error="Why."
    )
    response = client_of_staff.post(
        reverse("admin:stakeholders_message_changelist"),
        {"action": "try_again", "_selected_action": [failed.pk]},
        follow=True,
    )
    assert [str(message) for message in response.context["messages"]] == ["1 failed job is in the queue again."]
    failed.refresh_from_db()
    assert (failed.state, failed.error) == ("queued", "")


def test_the_policy_is_relaxed_under_admin_alone(client_of_staff):
    relaxed = client_of_staff.get("/admin/")["Content-Security-Policy"]
    strict = client_of_staff.get("/me/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval'" in relaxed
    assert "style-src 'self' 'unsafe-inline'" in relaxed
    assert "unsafe" not in strict


def test_what_was_announced_stays_as_it_was_told(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    other = make_series("other")
    before = Consultation.objects.values(
        "code", "series", "kind", "inputs_open_at", "inputs_close_at", "time_zone"
    ).get()
    url = reverse("admin:consultations_consultation_change", args=[consultation.pk])
    changes = {
        "series": other.pk, "code": "NEW", "kind": "hearing", "inputs_close_at_0": "2011-05-02",
        "time_zone": "UTC", "venue": "Library",
    }  # fmt: skip
    client_of_staff.post(url, form_of_consultation(consultation.series, **changes))
    stored = Consultation.objects.values(
        "code", "series", "kind", "inputs_open_at", "inputs_close_at", "time_zone"
    ).get()
    assert stored == before
    assert Consultation.objects.get().venue == "Library"


@pytest.mark.parametrize(("name", "empty"), [("city", ""), ("starts_on", ""), ("host", ""), ("areas", [])])
def test_what_an_announcement_needs_cannot_be_emptied_after_it(client_of_staff, name, empty):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    url = reverse("admin:consultations_consultation_change", args=[consultation.pk])
    response = client_of_staff.post(url, form_of_consultation(consultation.series, title="Changed", **{name: empty}))
    assert "This field is required." in response.content.decode()
    assert Consultation.objects.get().title == "Consultation JHB11"


def test_after_the_end_only_the_plan_ahead_can_change(client_of_staff):
    series = make_series()
    concluded = bring_to(plan(series), ConsultationState.CONCLUDED)
    later = plan(series, "TOR")
    url = reverse("admin:consultations_consultation_change", args=[concluded.pk])
    client_of_staff.post(url, form_of_consultation(series, title="Changed", city="Elsewhere", feeds_into=later.pk))
    concluded.refresh_from_db()
    assert (concluded.title, concluded.city, concluded.feeds_into) == ("Consultation JHB11", "Johannesburg", None)
    act(client_of_staff, concluded, "feed_into", following=later.pk)
    concluded.refresh_from_db()
    assert concluded.feeds_into == later


def test_areas_of_another_series_are_refused(client_of_staff):
    foreign = make_series("other").areas.first()
    response = client_of_staff.post(
        reverse("admin:consultations_consultation_add"), form_of_consultation(make_series(), areas=[foreign.pk])
    )
    assert "These areas belong to another series: Knowledge transfer." in response.content.decode()
    assert not Consultation.objects.exists()


def test_the_code_of_an_area_stays_once_it_is_public(client_of_staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    area = consultation.areas.first()
    url = reverse("admin:consultations_cooperationarea_change", args=[area.pk])
    fields = {
        "series": area.series_id, "title": "New title", "description": "", "order": 1,
        **empty_inlines("guiding_questions"),
    }  # fmt: skip
    response = client_of_staff.post(url, {**fields, "code": "ZZ"})
    assert "The code “KT” stands in references that people know, so it stays as it is." in response.content.decode()
    client_of_staff.post(url, {**fields, "code": "KT"})
    area.refresh_from_db()
    assert (area.code, area.title) == ("KT", "New title")


def test_a_participation_is_never_given_to_somebody_else(client_of_staff):
    series = make_series()
    consultation = bring_to(plan(series), ConsultationState.ANNOUNCED)
    elsewhere = bring_to(plan(series, "TOR"), ConsultationState.ANNOUNCED)
    participation = take_part(consultation)
    give_input(participation)
    other, person = make_person(), participation.person
    fields = {
        "consultation": elsewhere.pk, "person": other.pk, "organisation": "", "role": "speaker",
        "stakeholder_type": participation.stakeholder_type_id, "capacity": "representative",
    }  # fmt: skip
    url = reverse("admin:consultations_participation_change", args=[participation.pk])
    client_of_staff.post(url, fields)
    participation.refresh_from_db()
    assert (participation.consultation, participation.person, participation.role) == (consultation, person, "speaker")
    url = reverse("admin:consultations_participation_delete", args=[participation.pk])
    assert client_of_staff.post(url, {"post": "yes"}).status_code == 403
    bring_to(consultation, ConsultationState.CONCLUDED)
    url = reverse("admin:consultations_participation_change", args=[participation.pk])
    client_of_staff.post(url, {**fields, "role": "observer", "stakeholder_type": make_type("business").pk})
    participation.refresh_from_db()
    assert (participation.role, participation.stakeholder_type.slug) == ("speaker", "city")
