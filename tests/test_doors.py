"""Four doors at once, over the real web server: nobody is lost and nobody is counted twice."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from consultations.models import Consultation, Participation, Role
from stakeholders.accounts import ensure_account
from stakeholders.models import Person
from tests.factories import bring_to, make_person, make_series, plan, take_part
from tests.processes import web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]
DOORS, PEOPLE = 4, 300
PATIENCE = 60


@pytest.fixture
def consultation() -> Consultation:
    today = timezone.now().date()
    days = {"starts_on": today - timedelta(days=1), "ends_on": today + timedelta(days=1)}
    return bring_to(plan(make_series(), **days), "announced")


class Door:
    """One phone at a door, signed in, which keeps its connection as browsers do."""

    def __init__(self, person: Person, *, site: str) -> None:
        self.person, self.site = person, site
        self.connection = HTTPConnection(urlsplit(site).netloc, timeout=PATIENCE)
        client = Client()
        client.force_login(ensure_account(person))
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        page, headers = self._ask("GET")
        self.token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', page)[1]
        self.cookies += "; " + "; ".join(cookie.partition(";")[0] for cookie in headers.get_all("Set-Cookie"))

    def check_in(self, participation: Participation) -> int:
        """Press the button of one person; gives the status of the answer."""
        typed = {"csrfmiddlewaretoken": self.token, "act": "check_in", "participation": participation.pk}
        self._ask("POST", urlencode(typed))
        return self.status

    def _ask(self, method: str, body: str | None = None):
        headers = {
            "Cookie": self.cookies,
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.site,
        }
        self.connection.request(method, "/consultations/JHB11/check-in/?q=nobody", body=body, headers=headers)
        response = self.connection.getresponse()
        page, self.status = response.read().decode(), response.status
        return page, response.headers


def test_each_of_three_hundred_is_checked_in_once_by_four_doors(consultation):
    organisers = [take_part(consultation, make_person(), role=Role.ORGANISER).person for _ in range(DOORS)]
    people = [take_part(consultation) for _ in range(PEOPLE)]
    halves = people[: PEOPLE // 2], people[PEOPLE // 2 :]
    start = Barrier(DOORS)

    def work(number: int) -> Counter:
        # Two doors each have the same people before them, in the same order, at the same time.
        start.wait()
        return Counter(doors[number].check_in(row) for row in halves[number % 2])

    with web(WEB_CONCURRENCY="2") as site:
        doors = [Door(person, site=site) for person in organisers]
        with ThreadPoolExecutor(DOORS) as crowd:
            answers = list(crowd.map(work, range(DOORS)))
    assert answers == [Counter({302: PEOPLE // 2})] * DOORS
    rows = Participation.objects.filter(pk__in=[row.pk for row in people])
    assert rows.filter(attended=True, checked_in_at__isnull=False).count() == PEOPLE
    told = Participation.history.filter(id__in=[row.pk for row in people], checked_in_at__isnull=False)
    assert sorted(told.values_list("id", flat=True)) == sorted(row.pk for row in people)
    assert set(rows.values_list("checked_in_by", flat=True)) <= {person.pk for person in organisers}
