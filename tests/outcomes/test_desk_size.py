"""Every page and act of the desk needs as many queries at a large desk as at a small one, and few."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from consultations.models import Consultation, ConsultationState
from stakeholders.accounts import ensure_account
from tests import factories
from tests.desks import Act, Desk, acts_at, set_up, statements_of

pytestmark = pytest.mark.django_db

MOST_QUERIES = 15


def queries_by_act(desk: Desk) -> dict[str, int]:
    """Do everything that is done at a desk, each act on the desk as it was, and count the queries of each."""
    clients = {who: Client() for who in ["rapporteur", "organiser", "staff"]}
    for who, client in clients.items():
        client.force_login(ensure_account(getattr(desk, who)))
    return {act.name: len(_statements(desk, act, clients[act.who])) for act in acts_at(desk)}


def _statements(desk: Desk, act: Act, client: Client) -> list[str]:
    with transaction.atomic():
        if act.in_validation:
            own = Consultation.objects.filter(pk=desk.consultation.pk)
            own.update(state=ConsultationState.IN_VALIDATION)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(act.path) if act.data is None else client.post(act.path, act.data)
        transaction.set_rollback(True)
    assert answer.status_code == act.answer, act.name
    return statements_of(captured)


def test_a_large_desk_asks_no_more_of_the_database_than_a_small_one(clock):
    clock.move_to(factories.SYNTHESIS)
    few = queries_by_act(set_up("FEW", inputs=50, drafts=10, laid=20, people=24))
    many = queries_by_act(set_up("MANY", inputs=200, drafts=30, laid=60, people=48))
    assert {name: number for name, number in many.items() if number != few[name]} == {}
    assert {name: number for name, number in many.items() if number > MOST_QUERIES} == {}
