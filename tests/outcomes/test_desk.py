"""The rapporteur's desk: who may enter, the list of inputs, drafting, validation."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Attribution, ConsultationState, Input, Role
from outcomes import synthesis
from outcomes.fates import coverage
from outcomes.models import Evidence, Outcome, SettingAside, Tagging, Version
from outcomes.views.access import add_sources
from tests import factories
from tests.outcomes.conftest import HIDDEN_NAME, TELLING_NAME, TELLING_ORGANISATION

pytestmark = pytest.mark.django_db


def path(name: str, event, *args: object, query: str = "") -> str:
    return reverse(f"outcomes:{name}", args=[event.consultation.code, *args]) + query


def viewer(event, who: str):
    return {
        "visitor": None,
        "participant": event.participant.person,
        "rapporteur": event.rapporteur,
        "organiser": event.organiser,
        "staff": event.staff,
        "foreign rapporteur": event.foreign_rapporteur,
    }[who]


READING = ["desk", "desk_inputs", "desk_drafts", "desk_before", "conclude"]
SYNTHESIS = ["draft_new", "open_validation"]
SIGN_IN, OK, FORBIDDEN = 302, 200, 403


@pytest.mark.parametrize("name", READING)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", SIGN_IN),
        ("participant", FORBIDDEN),
        ("foreign rapporteur", FORBIDDEN),
        ("rapporteur", OK),
        ("organiser", OK),
        ("staff", OK),
    ],
)
def test_the_desk_is_for_those_who_work_at_it(event, sign_in, name, who, status):
    assert sign_in(viewer(event, who)).get(path(name, event)).status_code == status


@pytest.mark.parametrize("name", SYNTHESIS)
@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("visitor", SIGN_IN),
        ("participant", FORBIDDEN),
        ("foreign rapporteur", FORBIDDEN),
        ("organiser", FORBIDDEN),
        ("rapporteur", OK),
        ("staff", OK),
    ],
)
def test_drafting_is_for_rapporteurs_and_staff(event, sign_in, name, who, status):
    assert sign_in(viewer(event, who)).get(path(name, event)).status_code == status


def test_a_consultation_that_is_only_planned_is_not_there_for_others(event, sign_in):
    planned = factories.plan(event.consultation.series, "IST12")
    url = reverse("outcomes:desk", args=[planned.code])
    assert sign_in(event.rapporteur).get(url).status_code == 404
    assert sign_in(event.staff).get(url).status_code == 200


@pytest.mark.parametrize("who", ["participant", "organiser", "foreign rapporteur"])
def test_marking_is_refused_to_others_and_changes_nothing(event, sign_in, who):
    data = {"act": "set_aside", "input": [event.named.number], "aside-reason": "No."}
    assert sign_in(viewer(event, who)).post(path("desk_inputs", event), data).status_code == FORBIDDEN
    assert not SettingAside.objects.exists()


def test_acts_are_not_done_by_following_a_link(event, sign_in):
    client = sign_in(event.staff)
    for name, args in [("begin_synthesis", []), ("sign", []), ("take_back", [1]), ("undo", ["JHB11-KT-01"])]:
        assert client.get(path(name, event, *args)).status_code == 405


def test_the_rapporteur_reads_only_the_names_that_may_be_seen(event, sign_in):
    page = sign_in(event.rapporteur).get(path("desk_inputs", event)).content.decode()
    assert "Recognise what newcomers can do" in page
    assert "A fear that I voice here" in page
    assert "counted only, never quoted" in page
    assert "Nora Named (sample), City of Utrecht" in page
    for secret in [TELLING_NAME, TELLING_ORGANISATION, HIDDEN_NAME]:
        assert secret not in page


def test_the_organiser_reads_all_names(event, sign_in):
    page = sign_in(event.organiser).get(path("desk_inputs", event)).content.decode()
    assert f"{TELLING_NAME}, {TELLING_ORGANISATION}" in page
    assert HIDDEN_NAME in page


@pytest.mark.parametrize("who", ["rapporteur", "organiser", "staff"])
def test_names_on_the_desk_agree_with_the_rule(event, sign_in, rf, who):
    person = viewer(event, who)
    sign_in(person)
    request = rf.get("/")
    request.user = person.__class__.objects.get(pk=person.pk).user
    own = factories.make_person("Own Writer (sample)")
    inputs = list(Input.objects.filter(consultation=event.consultation).with_author().with_area())
    add_sources(request, inputs, event.consultation)
    assert own.name not in {input.source for input in inputs}
    for input in inputs:
        sees_author = request.user.has_perm("consultations.see_author", input)
        assert (input.participation.person.name in input.source) == sees_author


def test_no_one_is_found_by_a_name_that_may_not_be_seen(event, sign_in):
    page = sign_in(event.rapporteur).get(path("desk_inputs", event, query="?q=Unmistakable"))
    assert list(page.context["page"].object_list) == []
    page = sign_in(event.rapporteur).get(path("desk_inputs", event, query="?q=newcomers+can+do"))
    assert list(page.context["page"].object_list) == [event.by_type]


def test_filters_choose_by_area_kind_type_fate_and_tag(event, sign_in):
    synthesis.set_aside(
        [event.named], consultation=event.consultation, reason="Said.", by=event.staff, at=factories.SYNTHESIS
    )
    synthesis.tag(
        [event.by_type], consultation=event.consultation, name="skills", by=event.staff, at=factories.SYNTHESIS
    )
    client = sign_in(event.rapporteur)
    area = event.consultation.areas.get(code="CP")
    business = factories.make_type("business")
    expected = {
        "?fate=set_aside": [event.named],
        "?fate=open": [event.by_type, event.unpublished],
        "?fate=used": [],
        "?tag=skills": [event.by_type],
        "?kind=challenge": [event.unpublished],
        f"?type={business.pk}": [event.by_type],
        f"?area={area.pk}": [],
        "?area=nonsense&kind=nonsense": [event.by_type, event.unpublished, event.named],
    }
    for query, inputs in expected.items():
        page = client.get(path("desk_inputs", event, query=query))
        assert list(page.context["page"].object_list) == inputs, query


def test_tagging_puts_the_tag_on_the_ticked_inputs(event, sign_in):
    data = {"act": "tag", "tag-name": "skills", "input": [event.by_type.number, event.named.number]}
    answer = sign_in(event.rapporteur).post(path("desk_inputs", event, query="?fate=open"), data, follow=True)
    assert answer.redirect_chain == [(path("desk_inputs", event, query="?fate=open"), 302)]
    assert "2 inputs are tagged “skills”." in answer.content.decode()
    assert set(Tagging.objects.values_list("tag__name", "input")) == {
        ("skills", event.by_type.pk),
        ("skills", event.named.pk),
    }
    tag = Tagging.objects.first().tag
    client = sign_in(event.rapporteur)
    client.post(path("untag", event, event.named.number, tag.pk))
    assert list(Tagging.objects.values_list("input", flat=True)) == [event.by_type.pk]


def test_setting_aside_keeps_the_reason_for_the_author_and_can_be_taken_back(event, sign_in):
    client = sign_in(event.rapporteur)
    assert "The authors will read this sentence" in client.get(path("desk_inputs", event)).content.decode()
    data = {"act": "set_aside", "aside-reason": "Outside the four areas.", "input": [event.named.number]}
    client.post(path("desk_inputs", event), data)
    assert coverage(event.consultation).set_aside == 1
    assert "Outside the four areas." in client.get(path("desk_inputs", event)).content.decode()
    client.post(path("take_back", event, event.named.number))
    assert coverage(event.consultation).set_aside == 0


def test_a_refusal_keeps_the_ticks_and_what_was_typed(event, sign_in):
    factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[event.named])
    data = {"act": "set_aside", "aside-reason": "Too late & too long.", "input": [event.named.number]}
    page = sign_in(event.rapporteur).post(path("desk_inputs", event), data)
    assert page.status_code == 200
    assert page.context["chosen"] == {event.named.number}
    text = page.content.decode()
    assert "These inputs are used as evidence, so they cannot be set aside: JHB11-I-003." in text
    assert "Too late &amp; too long." in text
    assert not SettingAside.objects.exists()


def test_inputs_are_not_used_for_an_outcome_that_is_elsewhere(event, sign_in):
    data = {"act": "use", "use-outcome": "TOR12-KT-01", "input": [1]}
    page = sign_in(event.rapporteur).post(path("desk_inputs", event), data).content.decode()
    assert "There is no TOR12-KT-01 before or from this consultation. Choose one of the list." in page
    assert 'value="TOR12-KT-01"' in page


def test_acting_without_a_tick_says_what_to_do(event, sign_in):
    page = sign_in(event.rapporteur).post(path("desk_inputs", event), {"act": "tag", "tag-name": "skills"})
    assert "Choose at least one input: tick the box beside it." in page.content.decode()
    assert "skills" in page.content.decode()


def test_a_foreign_input_cannot_be_ticked(event, sign_in):
    elsewhere = factories.give_input(factories.take_part(event.later), at=factories.NOW)
    data = {"act": "set_aside", "aside-reason": "No.", "input": [elsewhere.number + 100, "x", "9" * 30]}
    sign_in(event.rapporteur).post(path("desk_inputs", event), data)
    assert not SettingAside.objects.exists()


def draft_data(event, **more: object) -> dict[str, object]:
    return {
        "area": event.consultation.areas.get(code="KT").pk,
        "kind": "recommendation",
        "title": "One fund",
        "statement": "Cities and firms pay into one fund.",
        "addressees": [factories.make_type("city").pk],
        "input-1-relation": "supports",
        "input-1-quote": "one fund for training",
        "input-1-note": "It says so.",
        "input-3-relation": "qualifies",
        "input-3-quote": "",
        "input-3-note": "",
        **more,
    }


def test_an_outcome_is_drafted_from_the_ticked_inputs(event, sign_in):
    client = sign_in(event.rapporteur)
    chosen = client.post(path("desk_inputs", event), {"act": "draft", "input": [1, 3]})
    assert chosen.url == path("draft_new", event, query="?input=1&input=3")
    form = client.get(chosen.url).content.decode()
    assert "Recognise what newcomers can do" in form
    assert TELLING_NAME not in form
    done = client.post(chosen.url, draft_data(event))
    assert done.url == path("draft_edit", event, "JHB11-KT-01")
    outcome = Outcome.objects.get()
    assert list(outcome.addressees.values_list("slug", flat=True)) == ["city"]
    assert list(outcome.versions.values_list("title", "statement", "drafted_by")) == [
        ("One fund", "Cities and firms pay into one fund.", event.rapporteur.pk)
    ]
    assert set(outcome.evidence.values_list("input", "relation", "quote", "note")) == {
        (event.by_type.pk, "supports", "one fund for training", "It says so."),
        (event.named.pk, "qualifies", "", ""),
    }


def test_a_passage_that_is_not_in_the_input_is_refused_and_all_that_was_typed_kept(event, sign_in):
    url = path("draft_new", event, query="?input=1&input=3")
    page = sign_in(event.rapporteur).post(url, draft_data(event, **{"input-1-quote": "a fund of funds"}))
    text = page.content.decode()
    assert "This passage is not literally in JHB11-I-001. Copy it exactly from the input&#x27;s text." in text
    for typed in ["One fund", "Cities and firms pay into one fund.", "a fund of funds", "It says so."]:
        assert typed in text
    assert not Outcome.objects.exists()


def test_a_passage_over_several_lines_is_kept_as_it_stands_in_the_input(event, sign_in):
    Input.objects.filter(pk=event.by_type.pk).update(text="First line\nsecond line. Third.")
    url = path("draft_new", event, query="?input=1&input=3")
    sign_in(event.rapporteur).post(url, draft_data(event, **{"input-1-quote": "First line\r\nsecond line."}))
    assert Evidence.objects.get(input=event.by_type).quote == "First line\nsecond line."


def test_an_unpublished_input_is_linked_without_its_words(event, sign_in):
    url = path("draft_new", event, query="?input=2")
    data = draft_data(event, **{"input-2-relation": "supports", "input-2-quote": "We are afraid"})
    sign_in(event.rapporteur).post(url, data)
    assert list(Evidence.objects.values_list("input", "quote")) == [(event.unpublished.pk, "")]


def test_a_draft_is_rewritten_and_its_history_told(event, sign_in):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur)
    url = path("draft_edit", event, outcome.reference)
    client = sign_in(event.rapporteur)
    typed = {"kind": "finding", "title": "One fund", "statement": "Cities pay into one training fund."}
    client.post(url, typed | {"revision": 1})
    assert list(Version.objects.values_list("title", "statement")) == [
        ("One fund", "Cities pay into one training fund.")
    ]
    outcome.refresh_from_db()
    assert outcome.kind == "finding"
    page = client.get(url).content.decode()
    assert "<ins>One</ins>" in page
    assert "Rita Report (sample)" in page


LISTED = "They pay:\r\n\r\n- firms\r\n- **cities**\r\n\r\n<script>alert(1)</script>"
LISTED_AS_HTML = (
    "<p>They pay:</p>\n<ul>\n<li>firms</li>\n<li><strong>cities</strong></li>\n</ul>\n"
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"
)


def test_a_new_draft_is_shown_as_it_will_be_read_and_nothing_is_kept(event, sign_in):
    url = path("draft_new", event, query="?input=1&input=3")
    client = sign_in(event.rapporteur)
    page = client.post(url, draft_data(event, statement=LISTED, preview="1"))
    shown = page.content.decode()
    assert LISTED_AS_HTML in shown
    assert page.context["form"]["statement"].value() == LISTED
    assert "one fund for training</textarea>" in shown
    assert not Outcome.objects.exists()
    client.post(url, draft_data(event, statement=LISTED))
    assert Version.objects.get().statement == LISTED.replace("\r\n", "\n")


def test_a_preview_asks_for_what_is_missing_first(event, sign_in):
    page = sign_in(event.rapporteur).post(path("draft_new", event), draft_data(event, title="", preview="1"))
    assert "Title: This field is required." in page.content.decode()
    assert "How it will be read" not in page.content.decode()


def test_a_change_is_shown_as_it_will_be_read_and_nothing_is_kept(event, sign_in):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur)
    url = path("draft_edit", event, outcome.reference)
    typed = {"kind": "finding", "title": "One fund", "statement": LISTED, "revision": 1}
    client = sign_in(event.rapporteur)
    assert "How it will be read" not in client.get(url).content.decode()
    page = client.post(url, typed | {"preview": "1"})
    assert LISTED_AS_HTML in page.content.decode()
    assert page.context["form"]["statement"].value() == LISTED
    assert list(Version.objects.values_list("title", "revision")) == [("Pay into one training fund", 1)]
    assert Version.history.count() == 1


def test_a_preview_does_not_hide_what_another_wrote_meanwhile(event, sign_in):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur)
    url = path("draft_edit", event, outcome.reference)
    theirs = {"kind": "finding", "title": "Theirs", "statement": "They pay.", "revision": 1}
    sign_in(event.staff).post(url, theirs)
    mine = theirs | {"title": "Mine", "statement": "We pay."}
    client = sign_in(event.rapporteur)
    preview = client.post(url, mine | {"preview": "1"})
    refused = client.post(url, mine | {"revision": preview.context["revision"]})
    assert refused.context["overtaken"].title == "Theirs"
    assert (preview.context["revision"], refused.context["revision"]) == (1, 2)
    assert Version.objects.get().title == "Theirs"
    client.post(url, mine | {"revision": refused.context["revision"]})
    assert Version.objects.get().title == "Mine"


def test_a_draft_without_words_is_not_kept(event, sign_in):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur)
    url = path("draft_edit", event, outcome.reference)
    page = sign_in(event.rapporteur).post(url, {"kind": "finding", "title": "Only a title", "statement": " "})
    assert page.status_code == 200
    assert "Only a title" in page.content.decode()
    assert Version.objects.get().title == "Pay into one training fund"


def test_a_draft_is_dropped(event, sign_in):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[event.named])
    answer = sign_in(event.rapporteur).post(path("drop_draft", event, outcome.reference), follow=True)
    assert "JHB11-KT-01 is dropped. Its inputs are open again." in answer.content.decode()
    assert coverage(event.consultation).used == 0
    assert sign_in(event.rapporteur).get(path("draft_edit", event, outcome.reference)).status_code == 404


def test_inputs_are_linked_to_an_outcome_that_is_there_and_withdrawn_with_a_reason(event, sign_in):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[event.named])
    client = sign_in(event.rapporteur)
    url = path("link_evidence", event, outcome.reference)
    assert {input.pk for input in client.get(url).context["page"].object_list} == {
        event.by_type.pk,
        event.unpublished.pk,
    }
    suggested = '<option value="JHB11-KT-01">Pay into one training fund</option>'
    assert suggested in client.get(path("desk_inputs", event)).content.decode()
    used = client.post(path("desk_inputs", event), {"act": "use", "use-outcome": outcome.reference, "input": [1]})
    assert used.url == f"{url}?input=1"
    client.post(used.url, {"input-1-relation": "contradicts", "input-1-quote": "", "input-1-note": ""})
    evidence = Evidence.objects.get(input=event.by_type)
    assert (evidence.relation, evidence.linked_by) == ("contradicts", event.rapporteur)

    again = client.post(used.url, {"input-1-relation": "supports", "input-1-quote": "", "input-1-note": "Typed."})
    assert "JHB11-I-001 is evidence of JHB11-KT-01 already." in again.content.decode()
    assert "Typed." in again.content.decode()

    withdraw = path("withdraw_evidence", event, evidence.pk)
    assert "This field is required." in client.post(withdraw, {"reason": ""}).content.decode()
    client.post(withdraw, {"reason": "Misread."})
    evidence.refresh_from_db()
    assert (evidence.withdrawal_reason, evidence.withdrawn_by) == ("Misread.", event.rapporteur)
    assert "Withdrawn: Misread." in client.get(path("draft_edit", event, outcome.reference)).content.decode()


def test_the_overview_says_where_the_work_stands(event, sign_in):
    factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[event.named])
    page = sign_in(event.rapporteur).get(path("desk", event))
    assert page.context["coverage"].all.used == 1
    assert page.context["coverage"].all.open == 2
    assert page.context["texts"] == {"all": 1, "signed": 0}
    text = page.content.decode()
    assert "2 inputs are neither used nor set aside: JHB11-I-001, JHB11-I-002." in text
    assert path("desk_inputs", event, query="?fate=open") in text
    assert "Open the validation" in text
    assert "Open the validation" not in sign_in(event.organiser).get(path("desk", event)).content.decode()


def test_closing_the_inputs_begins_the_synthesis(event, sign_in):
    later = event.later
    url = reverse("outcomes:begin_synthesis", args=[later.code])
    assert sign_in(event.rapporteur).post(url).status_code == FORBIDDEN
    sign_in(event.foreign_rapporteur).post(url)
    later.refresh_from_db()
    assert later.state == ConsultationState.IN_SYNTHESIS
    answer = sign_in(event.foreign_rapporteur).post(url, follow=True)
    assert "TOR12 is in synthesis, so this cannot be done now." in answer.content.decode()


def test_validation_opens_until_a_moment_in_the_events_own_time(event, sign_in):
    client = sign_in(event.rapporteur)
    page = client.post(path("open_validation", event), {"day": "2011-06-01", "time": "17:00"})
    assert "Choose a closing date for the validation that lies in the future." in page.content.decode()
    assert 'value="2011-06-01"' in page.content.decode()
    client.post(path("open_validation", event), {"day": "2011-07-15", "time": "17:00"})
    event.consultation.refresh_from_db()
    assert event.consultation.state == ConsultationState.IN_VALIDATION
    assert event.consultation.validation_closes_at.isoformat() == "2011-07-15T15:00:00+00:00"


def test_pages_of_the_desk_need_as_many_queries_for_many_rows_as_for_few(event, sign_in):
    def fill(number: int) -> None:
        event.consultation.state = ConsultationState.ANNOUNCED
        event.consultation.save(update_fields=["state"])
        given = [
            factories.give_input(event.participant, attribution=Attribution.NAMED, title=f"Input {n}")
            for n in range(number)
        ]
        event.consultation.state = ConsultationState.IN_SYNTHESIS
        event.consultation.save(update_fields=["state"])
        synthesis.tag(given, consultation=event.consultation, name="skills", by=event.staff, at=factories.SYNTHESIS)
        for input in given[::2]:
            factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[input])

    def counts() -> dict[str, int]:
        client = sign_in(event.rapporteur)
        found = {}
        for name in [*READING, "drafts"]:
            client.get(path(name, event))
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(path(name, event)).status_code == 200
            found[name] = len(queries)
        return found

    fill(20)
    few = counts()
    fill(180)
    assert counts() == few


def test_a_rapporteur_who_declined_does_not_sit_at_the_desk(event, sign_in):
    declined = factories.take_part(event.consultation, role=Role.RAPPORTEUR, answer="declined").person
    assert sign_in(declined).get(path("desk", event)).status_code == FORBIDDEN


def test_filters_choose_by_session_and_by_several_tags_and_orders_are_kept(event, sign_in):
    consultation = event.consultation
    session = consultation.sessions.create(order=1, kind="plenary", title="Opening")
    Input.objects.filter(pk=event.named.pk).update(session=session)
    who = {"consultation": consultation, "by": event.staff, "at": factories.SYNTHESIS}
    synthesis.tag([event.by_type, event.named], name="skills", **who)
    synthesis.tag([event.named], name="funds", **who)
    client = sign_in(event.rapporteur)
    expected = {
        f"?session={session.pk}": [event.named],
        "?tag=skills": [event.by_type, event.named],
        "?tag=skills&tag=funds": [event.named],
        "?tag=skills&tag=nonsense": [event.by_type, event.unpublished, event.named],
        "?order=newest": [event.named, event.unpublished, event.by_type],
        "?order=number&tag=skills": [event.by_type, event.named],
        "?q=workshops": [event.unpublished],
        f"?q={event.named.reference}": [event.named],
        "?q=%22": [],
    }
    for query, inputs in expected.items():
        page = client.get(path("desk_inputs", event, query=query))
        assert list(page.context["page"].object_list) == inputs, query


def test_what_was_found_is_marked_on_the_page(event, sign_in):
    Input.objects.filter(pk=event.named.pk).update(text="<i>Workshops</i> need a fund.")
    page = sign_in(event.rapporteur).get(path("desk_inputs", event, query="?q=workshops")).content.decode()
    assert "&lt;i&gt;<mark>Workshops</mark>&lt;/i&gt; need a fund." in page


def test_the_coverage_leads_to_what_is_open(event, sign_in):
    area, city = event.consultation.areas.get(code="KT"), factories.make_type("city")
    for name in ["desk", "desk_inputs"]:
        page = sign_in(event.organiser).get(path(name, event)).content.decode()
        assert f"{path('desk_inputs', event)}?type={city.pk}&amp;fate=open" in page or name == "desk"
        assert f"{path('desk_inputs', event)}?area={area.pk}&amp;fate=open" in page
    page = sign_in(event.organiser).get(path("desk", event)).content.decode()
    assert f"{path('desk_inputs', event)}?area={area.pk}&amp;type={city.pk}&amp;fate=open" in page


def test_an_act_reaches_all_that_match_and_not_this_page_alone(event, sign_in):
    client = sign_in(event.rapporteur)
    url = path("desk_inputs", event, query="?kind=proposal")
    client.post(url, {"act": "tag", "tag-name": "skills", "all": "2"})
    assert set(Tagging.objects.values_list("input", flat=True)) == {event.by_type.pk, event.named.pk}
    client.post(url, {"act": "untag", "tag-name": "Skills", "all": "2"})
    assert not Tagging.objects.exists()
    client.post(path("desk_inputs", event, query="?q=fund"), {"act": "set_aside", "aside-reason": "Said.", "all": "2"})
    assert set(SettingAside.objects.values_list("input", "reason", "set_aside_by")) == {
        (event.by_type.pk, "Said.", event.rapporteur.pk),
        (event.named.pk, "Said.", event.rapporteur.pk),
    }


def test_nothing_is_done_when_more_match_than_were_seen(event, sign_in):
    data = {"act": "set_aside", "aside-reason": "Too & late.", "all": "2"}
    page = sign_in(event.rapporteur).post(path("desk_inputs", event), data).content.decode()
    assert "Meanwhile 3 inputs match, not as many as when you looked." in page
    assert "Too &amp; late." in page
    assert not SettingAside.objects.exists()


def test_taking_off_a_tag_that_is_none_says_so(event, sign_in):
    data = {"act": "untag", "tag-name": "nothing", "input": [event.named.number]}
    page = sign_in(event.rapporteur).post(path("desk_inputs", event), data).content.decode()
    assert "The codebook has no tag “nothing”." in page
