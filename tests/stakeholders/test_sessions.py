from datetime import UTC, datetime

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from stakeholders.accounts import ensure_account
from stakeholders.sessions import browser_of, end_all_sessions, sessions_of
from tests.factories import NOW, make_person
from tests.pages import text_of
from tests.stakeholders.test_second_factor import sign_in_by_code

pytestmark = pytest.mark.django_db
SESSIONS = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML) Version/17.5 Safari/604.1"


def window_of(email: str, browser: str = FIREFOX) -> Client:
    """A browser in which somebody has signed in."""
    client = Client(headers={"User-Agent": browser})
    sign_in_by_code(client, email)
    return client


@pytest.fixture
def windows(clock) -> list[Client]:
    make_person(email="ada@city.example")
    make_person(email="bob@city.example")
    return [window_of("ada@city.example"), window_of("ada@city.example", PHONE), window_of("bob@city.example")]


def is_signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_own_sessions_are_listed_and_nobody_elses(windows):
    page = windows[0].get(SESSIONS)
    assert [(session.browser, session.is_here) for session in page.context["page"]] == [
        ("Safari, iOS", False),
        ("Firefox, Linux", True),
    ]
    assert "Signed in on 18 June 2011, 10:00 UTC from 127.0.0.1" in text_of(page)


def test_one_is_ended(windows):
    here = windows[0]
    number = UserSession.objects.get(user_agent=PHONE).pk
    page = here.post(SESSIONS, {"session": number}, follow=True)
    assert "1 session has ended." in text_of(page)
    assert [is_signed_in(window) for window in windows] == [True, False, True]


def test_all_others_are_ended(windows):
    windows[0].post(SESSIONS)
    assert [is_signed_in(window) for window in windows] == [True, False, True]
    assert "There was no other session." in text_of(windows[0].post(SESSIONS, follow=True))


@pytest.mark.parametrize("whose", ["bob", "here", "nonsense"])
def test_others_sessions_and_this_one_are_not_ended_there(windows, whose):
    rows = {"bob": windows[2], "here": windows[0]}
    key = rows[whose].session.session_key if whose in rows else ""
    number = UserSession.objects.filter(session_key=key).values_list("pk", flat=True).first() or "x"
    assert windows[0].post(SESSIONS, {"session": number}).status_code == 404
    assert [is_signed_in(window) for window in windows] == [True, True, True]


def test_sessions_that_ran_out_are_not_listed(windows):
    user = ensure_account(make_person(email="cleo@city.example"))
    assert sessions_of(user, at=NOW).count() == 0
    window_of("cleo@city.example")
    assert sessions_of(user, at=NOW).count() == 1
    assert sessions_of(user, at=datetime(2011, 9, 1, tzinfo=UTC)).count() == 0


def test_all_end_also_those_that_are_not_listed(windows):
    ada = UserSession.objects.get(user_agent=PHONE).user
    UserSession.objects.all().delete()
    end_all_sessions(ada)
    assert [is_signed_in(window) for window in windows] == [False, False, True]


def test_the_list_takes_the_same_queries_for_many_sessions(windows, django_assert_max_num_queries):
    ada = UserSession.objects.get(user_agent=PHONE).user
    for _ in range(30):
        client = Client()
        client.force_login(ada)
        client.get(SESSIONS)
    with django_assert_max_num_queries(8):
        page = windows[0].get(SESSIONS)
    assert len(page.context["page"]) == 20


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (PHONE, "Safari, iOS"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", "Another program"),
        ("", "Another program"),
    ],
)
def test_browsers_are_named_as_people_do(user_agent, name):
    assert browser_of(UserSession(user_agent=user_agent)) == name
