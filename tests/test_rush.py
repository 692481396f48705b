"""Everybody submits at once, over the real web server."""

from collections import Counter

import pytest

from consultations.models import Input
from tests.processes import web
from tests.rush import REFUSALS, Way, gather_people, open_forms, press_all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


def test_what_is_accepted_is_stored_once_and_what_is_refused_is_told():
    consultation = gather_people(20)
    with web(WEB_CONCURRENCY="2") as site:
        account = press_all_at_once(open_forms(consultation, site=site), site=site)
    assert account.faults == []
    told = Counter((told.press.way, told.is_accepted) for told in account.told)
    assert told == {(way, way not in REFUSALS): 8 if way == Way.TWICE else 4 for way in Way}
    assert Input.objects.submitted().count() == 8
