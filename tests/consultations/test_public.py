import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from icalendar import Calendar

from consultations import lifecycle
from consultations.models import Answer, ConsultationKind, ConsultationState, Role
from consultations.templatetags.consultation_facts import date_range, dates, language_names, place
from consultations.views.public import window_of
from outcomes import conclusion
from tests import factories

pytestmark = pytest.mark.django_db
JOHANNESBURG = ZoneInfo("Africa/Johannesburg")


def words(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def page_of(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def text_of(response) -> str:
    """What stands in the page's own part, as it is read."""
    assert response.status_code == 200
    return words(page_of(response).find(".//main"))


def facts_of(response) -> dict[str, list[str]]:
    return {
        words(row.find("dt")): [words(fact) for fact in row.findall("dd")]
        for row in page_of(response).findall(".//dl[@class='facts']/div")
    }


def rows_of(response, heading: str) -> list[str]:
    """The texts of the list rows under the section with that heading's id."""
    section = next(part for part in page_of(response).iter() if part.attrib.get("aria-labelledby") == heading)
    return [words(row) for row in section.iter("li")]


def queries_of(client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.fixture
def series():
    return factories.make_series()


@pytest.fixture
def announced(series, clock):
    """Johannesburg, announced, which feeds into Toronto, still planned."""
    toronto = factories.plan(series, "TOR11", title="Toronto consultation", city="Toronto", country="Canada", order=2)
    johannesburg = factories.plan(series, "JHB11", title="Johannesburg consultation", feeds_into=toronto, order=1)
    return factories.bring_to(johannesburg, ConsultationState.ANNOUNCED)


class TestHome:
    def test_counts_what_the_visitor_may_see(self, client, series, announced):
        concluded = factories.plan(
            series, "CPH10", title="Copenhagen", starts_on=date(2010, 3, 1), ends_on=date(2010, 3, 2)
        )
        factories.bring_to(concluded, ConsultationState.CONCLUDED)

        assert rows_of(client.get("/"), "series-title") == [
            "Cities and business How do cities and business work together? "
            "2 consultations 1 concluded 1 March 2010 – 29 June 2011"
        ]

    def test_staff_count_the_planned_ones_too(self, sign_in, announced):
        response = sign_in(factories.make_staff()).get("/")
        assert rows_of(response, "series-title") == [
            "Cities and business How do cities and business work together? 2 consultations 28–29 June 2011"
        ]

    def test_a_series_without_an_announced_consultation_is_staff_only(self, client, sign_in, series):
        factories.plan(series)
        assert "A series appears here as soon as its first consultation is announced." in text_of(client.get("/"))
        assert "How do cities and business work together?" in text_of(sign_in(factories.make_staff()).get("/"))

    def test_under_way_are_the_announced_ones_until_they_are_concluded(self, sign_in, series, announced):
        concluded = factories.plan(series, "CPH10", title="Copenhagen")
        factories.bring_to(concluded, ConsultationState.CONCLUDED)
        assert rows_of(sign_in(factories.make_staff()).get("/"), "under-way-title") == [
            "Johannesburg consultation 28–29 June 2011 Johannesburg, South Africa announced"
        ]

    def test_tells_the_invited_that_they_are_awaited(self, client, sign_in, announced):
        person = factories.make_person()
        factories.take_part(announced, person, answer=Answer.INVITED)
        factories.take_part(announced, answer=Answer.INVITED)
        assert "waits for your answer" not in text_of(client.get("/"))
        assert "1 invitation waits for your answer. Go to my page" in text_of(sign_in(person).get("/"))

    def test_is_paginated_and_asks_no_more_for_more(self, client):
        def fill(numbers):
            for number in numbers:
                consultation = factories.plan(factories.make_series(f"s{number}", areas=["KT"]), f"C{number}")
                factories.bring_to(consultation, ConsultationState.ANNOUNCED, by=staff)

        staff = factories.make_staff()
        fill(range(2))
        few = queries_of(client, "/")
        fill(range(2, 53))
        assert queries_of(client, "/") == few
        assert "Page 1 of 2 (1 to 50 of 53)" in text_of(client.get("/"))
        assert "Page 2 of 2 (51 to 53 of 53)" in text_of(client.get("/?page=2"))


class TestSeries:
    def test_shows_the_question_the_areas_and_what_came_before(self, client, series, announced):
        series.earlier_meetings.create(title="Roundtable for cities", place="Porto Alegre")
        text = text_of(client.get("/series/thp/"))
        assert "The central question How do cities and business work together?" in text
        assert "KT Knowledge transfer Guiding questions What works in knowledge transfer?" in text
        assert "Roundtable for cities, Porto Alegre" in text
        assert "Cities lead Businesses lead" in text

    def test_nobody_but_staff_reads_of_a_planned_consultation(self, client, sign_in, series, announced):
        factories.take_part(announced, person := factories.make_person(), role=Role.ORGANISER)
        for viewer in [None, person]:
            response = sign_in(viewer).get("/series/thp/")
            assert rows_of(response, "events-title") == [
                "28–29 June 2011 Johannesburg consultation Johannesburg, South Africa · expert consultation announced"
            ]
            assert b"Toronto" not in response.content

    def test_staff_see_the_whole_plan_and_what_feeds_into_what(self, sign_in, announced):
        assert rows_of(sign_in(factories.make_staff()).get("/series/thp/"), "events-title") == [
            "28–29 June 2011 Johannesburg consultation Johannesburg, South Africa · expert consultation announced "
            "Feeds into Toronto consultation",
            "28–29 June 2011 Toronto consultation Toronto, Canada · expert consultation planned only staff see this "
            "Takes up the outcomes of Johannesburg consultation",
        ]

    def test_dates_may_still_be_open(self, sign_in, series):
        factories.plan(series, starts_on=None, ends_on=None, city="", country="")
        assert rows_of(sign_in(factories.make_staff()).get("/series/thp/"), "events-title") == [
            "dates still open Consultation JHB11 place still open · expert consultation planned only staff see this"
        ]

    def test_is_not_there_before_something_is_announced(self, client, sign_in, series):
        factories.plan(series)
        assert client.get("/series/thp/").status_code == 404
        assert client.get("/series/other/").status_code == 404
        assert sign_in(factories.make_staff()).get("/series/thp/").status_code == 200

    def test_asks_no_more_for_more(self, client, series):
        staff = factories.make_staff()

        def fill(numbers):
            before = None
            for number in numbers:
                consultation = factories.plan(series, f"C{number}", feeds_into=before)
                factories.bring_to(consultation, ConsultationState.ANNOUNCED, by=staff)
                series.areas.create(code=f"A{chr(65 + number)}", title=f"Area {number}").guiding_questions.create(
                    text="Why?"
                )
                before = consultation

        fill(range(2))
        few = queries_of(client, "/series/thp/")
        fill(range(2, 22))
        assert queries_of(client, "/series/thp/") == few


class TestConsultation:
    def test_a_planned_one_is_staff_only(self, client, sign_in, series):
        planned = factories.plan(series)
        person = factories.make_person()
        factories.take_part(planned, person, role=Role.ORGANISER)
        for viewer in [None, person]:
            assert sign_in(viewer).get(planned.get_absolute_url()).status_code == 404
        text = text_of(sign_in(factories.make_staff()).get(planned.get_absolute_url()))
        assert "This consultation is planned and not announced. Only programme staff see this page." in text

    def test_tells_the_facts_in_the_time_of_the_place(self, client, announced):
        announced.partners.add(factories.make_organisation("City of Johannesburg"))
        facts = facts_of(client.get("/consultations/JHB11/"))
        assert facts == {
            "Dates": ["28–29 June 2011", "Put it into my calendar (.ics)"],
            "Place": ["Town Hall, Johannesburg, South Africa"],
            "Host": ["Host Organisation"],
            "Partners": ["City of Johannesburg"],
            "Participants": ["See who takes part"],
            "Languages": ["English"],
            "Inputs of participants": ["1 May 2011, 02:00 to 26 June 2011, 00:00 (Africa/Johannesburg)", "open"],
            "How inputs are quoted": ["By stakeholder type only unless the author chooses otherwise"],
        }

    def test_names_its_neighbours_once_they_are_announced(self, client, sign_in, announced):
        toronto = announced.feeds_into
        assert b"Toronto" not in client.get("/consultations/JHB11/").content
        staff = factories.make_staff()
        assert facts_of(sign_in(staff).get("/consultations/JHB11/"))["Its outcomes go to"] == ["Toronto consultation"]

        factories.bring_to(toronto, ConsultationState.ANNOUNCED, by=staff)
        assert facts_of(sign_in(None).get("/consultations/JHB11/"))["Its outcomes go to"] == ["Toronto consultation"]
        assert facts_of(sign_in(None).get("/consultations/TOR11/"))["Takes up the outcomes of"] == [
            "Johannesburg consultation"
        ]

    def test_agenda_goes_by_the_days_of_the_place(self, client, announced):
        late = datetime(2011, 6, 28, 22, 30, tzinfo=UTC)  # half past midnight in Johannesburg
        announced.sessions.create(order=1, title="A walk", kind="plenary")
        announced.sessions.create(order=2, title="By night", starts_at=late, ends_at=late + timedelta(hours=1))
        announced.sessions.create(
            order=3,
            title="Opening",
            room="Hall",
            starts_at=datetime(2011, 6, 28, 9, tzinfo=JOHANNESBURG),
            area=announced.areas.get(code="KT"),
        )
        text = text_of(client.get("/consultations/JHB11/"))
        assert (
            "Agenda Tuesday, 28 June 2011 09:00 Opening Plenary Hall Knowledge transfer "
            "Wednesday, 29 June 2011 00:30–01:30 By night Plenary "
            "Time still open A walk Plenary All times are those of the place (Africa/Johannesburg)." in text
        )

    def test_agenda_names_only_who_agreed_to_be_named(self, client, announced):
        listed = factories.make_person("Listed Person (sample)")
        unlisted = factories.make_person("Unlisted Person (sample)")
        factories.take_part(announced, listed, may_be_listed=True)
        factories.take_part(announced, unlisted)
        announced.sessions.create(title="Opening", moderator=listed, rapporteur=unlisted)
        announced.sessions.create(title="Closing", moderator=unlisted, rapporteur=listed)
        response = client.get("/consultations/JHB11/")
        text = text_of(response)
        assert "Opening Plenary moderated by Listed Person (sample) Closing Plenary rapporteur Listed Person" in text
        assert b"Unlisted" not in response.content

    @pytest.mark.parametrize(
        ("answer", "says", "button"),
        [
            (Answer.INVITED, "You are invited Your role: speaker. Please say whether you will come.", "invitation"),
            (Answer.ACCEPTED, "until 26 June 2011, 00:00 (Africa/Johannesburg).", "new_input"),
            (Answer.DECLINED, "You have declined Your role: speaker.", "my_page"),
        ],
    )
    def test_says_what_the_invited_can_do(self, sign_in, announced, answer, says, button):
        person = factories.make_person()
        factories.take_part(announced, person, answer=answer, role=Role.SPEAKER)
        response = sign_in(person).get("/consultations/JHB11/")
        assert says in text_of(response)
        part = next(e for e in page_of(response).iter() if e.attrib.get("aria-labelledby") == "your-part-title")
        path = reverse(f"consultations:{button}", args=[] if button == "my_page" else ["JHB11"])
        assert next(link.attrib["href"] for link in part.iter("a")) == path

    def test_offers_no_input_when_the_window_is_closed(self, sign_in, announced, clock):
        person = factories.make_person()
        factories.take_part(announced, person)
        clock.move_to(factories.CLOSES)
        response = sign_in(person).get("/consultations/JHB11/")
        assert "Inputs are closed. On your page you see what became of yours." in text_of(response)
        assert b"inputs/new" not in response.content

    def test_says_nothing_of_other_people_or_before_the_invitation(self, sign_in, announced):
        person = factories.make_person()
        factories.take_part(announced, person, answer=Answer.NOT_INVITED)
        factories.take_part(announced, answer=Answer.INVITED)
        assert b"your-part" not in sign_in(person).get("/consultations/JHB11/").content
        assert b"your-part" not in sign_in(None).get("/consultations/JHB11/").content

    def test_a_cancelled_one_says_why(self, client, announced):
        conclusion.cancel(announced, reason="The hall burnt down.", by=factories.make_staff(), at=factories.NOW)
        text = text_of(client.get("/consultations/JHB11/"))
        assert "This consultation does not take place. The hall burnt down." in text

    def test_participants_are_listed_whole_for_its_organiser_and_staff(self, sign_in, announced):
        organiser, rapporteur = factories.make_person(), factories.make_person()
        factories.take_part(announced, organiser, role=Role.ORGANISER)
        factories.take_part(announced, rapporteur, role=Role.RAPPORTEUR)
        seen = [
            facts_of(sign_in(person).get("/consultations/JHB11/"))["Participants"]
            for person in [None, rapporteur, organiser, factories.make_staff()]
        ]
        assert seen == [["See who takes part"]] * 2 + [["See the whole list, and invite"]] * 2

    def test_shows_its_outcomes_when_concluded_and_they_lie_before_the_next(self, client, series, clock):
        toronto = factories.plan(series, "TOR11")
        johannesburg = factories.plan(series, feeds_into=toronto)
        factories.bring_to(johannesburg, ConsultationState.ANNOUNCED)
        participation = factories.take_part(johannesburg)
        input = factories.give_input(participation)
        factories.bring_to(johannesburg, ConsultationState.IN_SYNTHESIS)
        factories.draft_outcome(johannesburg, by=factories.make_staff(), evidence=[input])
        assert "JHB11-KT-01" not in text_of(client.get("/consultations/JHB11/"))

        factories.conclude_and_carry(johannesburg)
        factories.bring_to(toronto, ConsultationState.ANNOUNCED)
        for path in ["/consultations/JHB11/", "/consultations/TOR11/", "/series/thp/"]:
            assert "JHB11-KT-01 Pay into one training fund" in text_of(client.get(path))

    def test_asks_no_more_for_more(self, client, sign_in, series, announced):
        hearing = factories.plan(series, "HAG12", kind=ConsultationKind.HEARING)
        staff = factories.make_staff()
        factories.bring_to(hearing, ConsultationState.ANNOUNCED, by=staff)

        def fill(numbers):
            for number in numbers:
                feeding = factories.plan(series, f"C{number}", feeds_into=hearing)
                factories.bring_to(feeding, ConsultationState.ANNOUNCED, by=staff)
                hearing.sessions.create(title=f"Session {number}", area=series.areas.first(), moderator=staff)
                hearing.partners.add(factories.make_organisation(f"Partner {number}"))

        fill(range(2))
        client.get("/consultations/HAG12/")
        few = {viewer: queries_of(sign_in(viewer), "/consultations/HAG12/") for viewer in [None, staff]}
        fill(range(2, 22))
        assert {viewer: queries_of(sign_in(viewer), "/consultations/HAG12/") for viewer in [None, staff]} == few

    @pytest.mark.parametrize(
        "path", ["/", "/series/thp/", "/consultations/JHB11/", "/consultations/JHB11/calendar.ics"]
    )
    def test_is_for_reading_only(self, client, announced, path):
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405


@pytest.mark.parametrize(
    ("state", "at", "window"),
    [
        (ConsultationState.PLANNED, factories.NOW, "to_come"),
        (ConsultationState.ANNOUNCED, factories.OPENS - timedelta(seconds=1), "to_come"),
        (ConsultationState.ANNOUNCED, factories.OPENS, "open"),
        (ConsultationState.ANNOUNCED, factories.CLOSES - timedelta(seconds=1), "open"),
        (ConsultationState.ANNOUNCED, factories.CLOSES, "closed"),
        (ConsultationState.IN_SYNTHESIS, factories.NOW, "closed"),
    ],
)
def test_window(series, state, at, window):
    consultation = factories.plan(series)
    consultation.state = state
    assert window_of(consultation, at=at) == window
    consultation.inputs_close_at = None
    assert window_of(consultation, at=at) == ""


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (None, None, ""),
        (date(2011, 6, 28), None, "28 June 2011"),
        (date(2011, 6, 28), date(2011, 6, 28), "28 June 2011"),
        (date(2011, 6, 28), date(2011, 6, 29), "28–29 June 2011"),
        (date(2011, 6, 30), date(2011, 7, 1), "30 June – 1 July 2011"),
        (date(2011, 12, 31), date(2012, 1, 1), "31 December 2011 – 1 January 2012"),
    ],
)
def test_date_range(first, last, said):
    assert date_range(first, last) == said


def test_what_is_open_is_said(series):
    consultation = factories.plan(series, starts_on=None, ends_on=None, city="Latin America", country="")
    assert (dates(consultation), place(consultation)) == ("dates still open", "Latin America")
    consultation.city = ""
    assert place(consultation) == "place still open"


def test_language_names():
    assert language_names(["en", "tr", "xx"]) == "English, Turkish, xx"


class TestCalendar:
    def calendar(self, client, code="JHB11") -> Calendar:
        response = client.get(f"/consultations/{code}/calendar.ics")
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{code}.ics"'
        return Calendar.from_ical(response.content)

    def test_the_consultation_is_an_event_of_whole_days_and_its_sessions_are_timed(self, client, announced, settings):
        settings.SITE_URL = "https://thp.example"
        session = announced.sessions.create(
            title="Opening, with music",
            room="Hall 1",
            starts_at=datetime(2011, 6, 28, 7, tzinfo=UTC),
            ends_at=datetime(2011, 6, 28, 8, tzinfo=UTC),
        )
        announced.sessions.create(title="Time still open")
        calendar = self.calendar(client)
        whole, timed = calendar.walk("VEVENT")

        assert whole["UID"] == "JHB11@thp.example"
        assert whole["SUMMARY"] == "Johannesburg consultation"
        assert (whole.start, whole.end) == (date(2011, 6, 28), date(2011, 6, 30))
        assert whole["LOCATION"] == "Town Hall, Johannesburg, South Africa"
        assert whole["URL"] == "https://thp.example/consultations/JHB11/"
        assert whole["STATUS"] == "CONFIRMED"

        assert timed["UID"] == f"JHB11-session-{session.pk}@thp.example"
        assert timed["SUMMARY"] == "JHB11: Opening, with music"
        assert timed["DTSTART"].params["TZID"] == "Africa/Johannesburg"
        assert timed.start == datetime(2011, 6, 28, 9, tzinfo=JOHANNESBURG)
        assert timed.end == datetime(2011, 6, 28, 10, tzinfo=JOHANNESBURG)
        assert timed["LOCATION"] == "Hall 1, Town Hall, Johannesburg, South Africa"
        assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Africa/Johannesburg"]

    def test_a_zone_with_summer_time_has_its_offset_on_the_day(self, client, series, clock):
        toronto = factories.plan(series, "TOR11", time_zone="America/Toronto")
        toronto.sessions.create(title="Opening", starts_at=datetime(2011, 6, 28, 13, tzinfo=UTC))
        factories.bring_to(toronto, ConsultationState.ANNOUNCED)
        timed = self.calendar(client, "TOR11").walk("VEVENT")[1]
        assert (timed.start.hour, timed.start.utcoffset()) == (9, timedelta(hours=-4))

    def test_sequence_grows_with_every_change_and_the_uid_stays(self, client, announced):
        seen = [self.calendar(client).walk("VEVENT")[0]]
        announced.starts_on = date(2011, 6, 27)
        announced.save()
        seen.append(self.calendar(client).walk("VEVENT")[0])
        session = announced.sessions.create(title="Opening")
        seen.append(self.calendar(client).walk("VEVENT")[0])
        session.delete()
        seen.append(self.calendar(client).walk("VEVENT")[0])
        lifecycle.call_off(announced, reason="The hall burnt down.", by=factories.make_staff(), at=factories.NOW)
        seen.append(self.calendar(client).walk("VEVENT")[0])

        numbers = [event["SEQUENCE"] for event in seen]
        assert numbers == sorted(set(numbers))
        assert len({event["UID"] for event in seen}) == 1
        assert [event["STATUS"] for event in seen] == ["CONFIRMED"] * 4 + ["CANCELLED"]

    def test_a_planned_one_is_staff_only_and_tentative(self, client, sign_in, series):
        planned = factories.plan(series)
        assert client.get("/consultations/JHB11/calendar.ics").status_code == 404
        sign_in(factories.make_staff())
        assert self.calendar(client).walk("VEVENT")[0]["STATUS"] == "TENTATIVE"
        planned.starts_on = planned.ends_on = None
        planned.save()
        assert client.get("/consultations/JHB11/calendar.ics").status_code == 404
