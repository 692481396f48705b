"""What every page and act of the desk costs with 5,000 inputs, held against the same with 50.

Run: TEST_BACKEND=postgresql .venv/bin/python -m bench.desk [part of a name ...]   (or TEST_BACKEND=sqlite)

Starts a PostgreSQL of its own, or makes an SQLite file, and removes it. The small desk has 50 inputs by 40 people, 10
drafts and 20 outcomes before it, the large one 5,000 by 240, 150 and 150. Each act is done at both in turn, signed in
as who may, through the whole stack; what it writes is rolled back, so the commit is not in its time. The columns: the
queries at the small and at the large desk, apart from the savepoints of transactions; the median wall time at each in
ms; how many times as long the large one takes.

A page that shows 50 rows at the large desk may find no more than ten at the small one. The last column holds the large
one against a third desk, with 50 inputs by 60 people and 60 drafts and outcomes before it, on a page that shows 50 rows
as well. Acts on all that match write more rows where more match: they stand apart.
"""

import os
import sys
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.setdefault("TEST_BACKEND", "postgresql")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from consultations.models import Consultation, ConsultationState  # noqa: E402
from stakeholders.accounts import ensure_account  # noqa: E402
from tests.desks import Act, Desk, acts_at, set_up, statements_of  # noqa: E402

TIMES = int(os.environ.get("TIMES", "15"))
MOST_QUERIES, MOST_RATIO = 15, 1.3
NAMES = sys.argv[1:]


@dataclass
class Measured:
    """What one act cost at one desk."""

    queries: int = 0
    spent: list[float] = field(default_factory=list)

    @property
    def ms(self) -> float:
        return 1000 * median(self.spent)


class Place:
    """One desk, with those who work at it signed in."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.acts = {act.name: act for act in acts_at(desk)}
        self.measured = {name: Measured() for name in self.acts}
        self.clients = {who: Client() for who in ["rapporteur", "organiser", "staff"]}
        for who, client in self.clients.items():
            client.force_login(ensure_account(getattr(desk, who)))

    def do(self, act: Act, *, counted: bool = False) -> None:
        """Do an act, and take it back; note its queries, or else how long it took."""
        client = self.clients[act.who]
        own = Consultation.objects.filter(pk=self.desk.consultation.pk)
        if act.in_validation:
            own.update(state=ConsultationState.IN_VALIDATION)
        with transaction.atomic():
            if counted:
                with CaptureQueriesContext(connection) as captured:
                    answer = self._ask(client, act)
                self.measured[act.name].queries = len(statements_of(captured))
            else:
                start = perf_counter()
                answer = self._ask(client, act)
                self.measured[act.name].spent.append(perf_counter() - start)
            transaction.set_rollback(True)
        if act.in_validation:
            own.update(state=ConsultationState.IN_SYNTHESIS)
        if answer.status_code != act.answer:
            raise SystemExit(f"{act.name}: {answer.status_code} instead of {act.answer}")

    def _ask(self, client: Client, act: Act) -> Any:
        return client.get(act.path) if act.data is None else client.post(act.path, act.data)


def measure(small: Place, full: Place, large: Place) -> None:
    places = [small, full, large]
    for name in small.acts:
        if NAMES and not any(part in name for part in NAMES):
            continue
        for place in places:
            place.do(place.acts[name])
            place.do(place.acts[name], counted=True)
            place.measured[name].spent.clear()
        for turn in range(3 if small.acts[name].for_all else TIMES):
            for place in places[:: 1 if turn % 2 else -1]:
                place.do(place.acts[name])


def tell(small: Place, full: Place, large: Place) -> None:
    head = f"{'':34}{'queries':>12}{'50':>9}{'5,000':>9}{'ratio':>8}{'as many rows':>14}"
    for for_all in [False, True]:
        print(head if not for_all else "\nall that match:")
        for name, act in small.acts.items():
            few, many = small.measured[name], large.measured[name]
            if not many.spent or act.for_all is not for_all:
                continue
            ratio = many.ms / few.ms
            like = full.measured[act.like or name]
            fair = many.ms / like.ms if like.spent else ratio
            too_much = many.queries > MOST_QUERIES or few.queries != many.queries or fair > MOST_RATIO
            queries = f"{few.queries} / {many.queries}"
            print(
                f"{name:34}{queries:>12}{few.ms:9.1f}{many.ms:9.1f}{ratio:8.2f}"
                f"{fair:14.2f}{' <--' if too_much and not for_all else ''}",
                flush=True,
            )


connection.creation.create_test_db(verbosity=0)
try:
    settings.ALLOWED_HOSTS = ["testserver"]
    desks = [
        set_up("FEW", inputs=50, drafts=10, laid=20, people=40),
        set_up("FULL", inputs=50, drafts=60, laid=60, people=60),
        set_up("MANY", inputs=5_000, drafts=150, laid=150, people=240),
    ]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("ANALYZE")
    places = [Place(desk) for desk in desks]
    print(f"{connection.vendor}: {len(places[0].acts)} pages and acts")
    measure(*places)
    tell(*places)
finally:
    connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
