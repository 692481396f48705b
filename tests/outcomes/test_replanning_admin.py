"""The plan of a running series is changed in the admin: the consequences come first."""

import re

import pytest
from django.urls import reverse

from consultations.models import Consultation, ConsultationState
from outcomes import dispositions
from outcomes.models import Consideration, RollForward
from tests.factories import SYNTHESIS, bring_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def staff(chain, sign_in):
    """A browser of the programme staff; Johannesburg is concluded with two outcomes, which lie before Toronto."""
    chain.in_synthesis("JHB11")
    for title in ["Skills", "Housing"]:
        chain.draft("JHB11", title)
    chain.conclude("JHB11")
    return sign_in(chain.staff)


def url_of(chain, code: str, act: str) -> str:
    return reverse(f"admin:consultations_consultation_{act}", args=[chain[code].pk])


def told(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def press(client, url: str, **fields: object):
    """Choose, look at what will happen, and say yes; gives both answers."""
    shown = client.post(url, fields)
    return shown, client.post(url, fields | {"shown": shown.context["foresight"].mark}, follow=True)


MOVES = "2 outcomes of Consultation JHB11 move from Consultation TOR to Consultation IST: JHB11-KT-01, JHB11-KT-02."


def test_nothing_is_done_before_the_consequences_were_shown(chain, staff):
    url = url_of(chain, "JHB11", "feed_into")
    question = staff.get(url).content.decode()
    assert "Show what will happen" in question
    assert 'name="shown"' not in question
    page = staff.post(url, {"following": chain["IST"].pk}).content.decode()
    assert MOVES in page
    assert chain["JHB11"].feeds_into == chain["TOR"]
    _shown, done = press(staff, url, following=chain["IST"].pk)
    assert told(done) == ["The plan has changed: what Consultation JHB11 feeds into is as you chose."]
    assert (chain.references_before("TOR"), len(chain.references_before("IST"))) == ([], 2)


def test_what_has_changed_since_it_was_shown_is_shown_again(chain, staff):
    url = url_of(chain, "JHB11", "feed_into")
    mark = staff.post(url, {"following": chain["IST"].pk}).context["foresight"].mark
    other = {"following": chain["HEAR"].pk, "shown": mark}
    page = staff.post(url, other).content.decode()
    assert "Something else than was shown before will happen now" in page
    assert chain["JHB11"].feeds_into == chain["TOR"]


def test_where_work_has_begun_it_is_told_and_there_is_no_yes(chain, staff):
    chain.in_synthesis("TOR")
    row = Consideration.objects.filter(consultation=chain["TOR"]).earliest("pk")
    dispositions.reaffirm(row, by=chain.rapporteur, at=SYNTHESIS)
    url = url_of(chain, "JHB11", "feed_into")
    page = staff.post(url, {"following": chain["IST"].pk, "shown": ""}).content.decode()
    assert "This cannot be done now" in page
    assert "Work on these outcomes has begun at Consultation TOR: JHB11-KT-01." in page
    assert 'name="shown"' not in page
    assert chain["JHB11"].feeds_into == chain["TOR"]


def test_a_new_consultation_is_inserted(chain, staff):
    typed = {"code": "NAI", "title": "Nairobi", "kind": "roundtable"}
    shown, done = press(staff, url_of(chain, "JHB11", "insert_after"), **typed)
    assert "2 outcomes of Consultation JHB11 move from Consultation TOR to Nairobi" in shown.content.decode()
    assert told(done) == ["The plan has changed: another consultation follows Consultation JHB11 now."]
    nairobi = Consultation.objects.get(code="NAI")
    assert (nairobi.state, nairobi.kind, nairobi.feeds_into) == ("planned", "roundtable", chain["TOR"])
    assert nairobi.considerations.count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "nai", "title": "Nairobi"}, "Use capital letters and digits only, like JHB11."),
        ({"code": "TOR", "title": "Nairobi"}, "Consultation with this Code already exists."),
        ({"code": "NAI", "title": ""}, "This field cannot be blank."),
        ({"code": "NAI", "title": "Nairobi", "placed": "IST"}, "not both."),
    ],
)
def test_what_is_missing_to_insert_is_told(chain, staff, typed, sentence):
    if "placed" in typed:
        typed = typed | {"placed": chain[typed["placed"]].pk}
    page = staff.post(url_of(chain, "JHB11", "insert_after"), typed | {"kind": "roundtable"}).content.decode()
    assert sentence in page
    assert Consultation.objects.count() == 5


def test_a_planned_consultation_becomes_a_follow_up(chain, staff):
    _shown, done = press(staff, url_of(chain, "IST", "change_kind"), kind="follow_up")
    assert told(done) == ["The kind of Consultation IST is as you chose."]
    assert chain["IST"].kind == "follow_up"


def test_cancelling_shows_what_moves(chain, staff):
    url = url_of(chain, "TOR", "cancel")
    shown, done = press(staff, url, reason="No venue.")
    assert MOVES in shown.content.decode()
    assert "No venue." in shown.content.decode()
    assert told(done) == ["Consultation TOR is cancelled."]
    assert len(chain.references_before("IST")) == 2


def test_what_others_feed_into_is_not_deleted(chain, staff):
    response = staff.get(url_of(chain, "TOR", "delete"), follow=True)
    assert told(response) == [
        "It cannot be deleted, for others feed into it: Consultation JHB11. Change what they feed into first; "
        "or cancel it, and their outcomes go past it."
    ]
    staff.post(url_of(chain, "TOR", "delete"), {"post": "yes"})
    assert chain["TOR"].state == "planned"


def test_the_change_form_leaves_the_place_in_the_plan_alone(chain, staff):
    page = staff.get(url_of(chain, "TOR", "change")).content.decode()
    for name in ["feeds_into", "kind", "series"]:
        assert not re.search(rf'<(select|input)[^>]*name="{name}"', page)
    assert re.search(
        r'<select[^>]*name="feeds_into"', staff.get(reverse("admin:consultations_consultation_add")).content.decode()
    )


WAITING = "2 outcomes of Consultation JHB11 wait for a consultation that takes them up."


def test_what_waits_is_to_be_seen(chain, staff):
    public = reverse("consultations:series", args=["thp"])
    pages = {
        "consultation": url_of(chain, "JHB11", "change"),
        "series": reverse("admin:consultations_series_change", args=[chain["JHB11"].series_id]),
        "public": public,
    }
    assert [name for name, url in pages.items() if WAITING in staff.get(url).content.decode()] == []
    assert (
        "2 outcomes of Consultation JHB11 lie before it; worked on: 0."
        in staff.get(url_of(chain, "TOR", "change")).content.decode()
    )
    press(staff, url_of(chain, "JHB11", "feed_into"), following="")
    assert [name for name, url in pages.items() if WAITING in staff.get(url).content.decode()] == list(pages)
    assert RollForward.objects.filter(state="queued").count() == 1


def test_everybody_is_told_of_waiting_by_what_is_published(chain, staff):
    """Toronto is only planned: for everybody the outcomes wait until it is announced."""
    public = reverse("consultations:series", args=["thp"])
    staff.logout()
    page = staff.get(public).content.decode()
    assert WAITING in page
    assert "Consultation TOR" not in page
    bring_to(chain["TOR"], ConsultationState.ANNOUNCED, by=chain.staff)
    page = staff.get(public).content.decode()
    assert WAITING not in page
    assert "Consultation TOR" in page
