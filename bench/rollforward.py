"""Roll-forward and lineage at real size, on PostgreSQL, held against the same work as one raw INSERT ... SELECT.

Run: .venv/bin/python -m bench.rollforward [outcomes ...]   (after `./run test` once, which brings what it needs)

Starts a PostgreSQL of its own; with DATABASE_URL given, it makes a test database there and removes it. Ours and raw
take turns, each on freshly vacuumed tables, and the median counts.
"""

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

if "DATABASE_URL" in os.environ:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "EMBEDDED": "1", "VAR_DIR": tempfile.mkdtemp()}
else:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "TEST_BACKEND": "postgresql"}

import django

django.setup()

from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from consultations.models import Consultation, Series  # noqa: E402
from outcomes.lineage import lineage_of, lineages  # noqa: E402
from outcomes.models import Consideration, Descent, Outcome, RollForward, Version  # noqa: E402
from outcomes.rollforward import roll_forward  # noqa: E402
from stakeholders.models import Person  # noqa: E402

SIZES = [int(size) for size in sys.argv[1:]] or [1_000, 20_000, 100_000]
TIMES = 7
AREAS = 4
DEPTH = 50
OF_A_SERIES = 20_000
NOW = timezone.now()

LAY = """
INSERT INTO outcomes_consideration
    (outcome_id, consultation_id, version_before_id, disposition, reason, laid_at, laid_from_id, roll_forward_id)
SELECT outcome_id, %s, version_after_id, '', '', %s, consultation_id, %s
FROM outcomes_consideration WHERE consultation_id = %s AND disposition = 'proposed'
"""


def run(sql: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def make_people() -> None:
    for name in ["Drafter (sample)", "Signer (sample)"]:
        Person.objects.create(name=name)


def plan(slug: str, events: int) -> list[Consultation]:
    """A chain of consultations, all but the last concluded."""
    series = Series.objects.create(slug=slug, title=slug, central_question="?")
    for number in range(AREAS):
        series.areas.create(code=f"A{number}", title=f"Area {number}", order=number)
    made: list[Consultation] = []
    concluded = {"state": "concluded", "concluded_at": NOW, "concluded_by": Person.objects.first()}
    for number in reversed(range(events)):
        fields = concluded if number < events - 1 else {}
        following = made[-1] if made else None
        code = f"{slug.upper()}{number}"
        made.append(
            Consultation.objects.create(
                series=series, code=code, title=code, order=number, feeds_into=following, **fields
            )
        )
    return made[::-1]


def give_birth(event: Consultation, number: int) -> None:
    """So many outcomes with one final text each, in three statements."""
    drafter, signer = Person.objects.order_by("pk")[:2]
    run(
        "INSERT INTO outcomes_outcome (born_at_id, area_id, number, reference, kind, created_at, withdrawal_reason) "
        "SELECT %s, area.id, n, %s || '-' || area.code || '-' || n, 'finding', %s, '' "
        "FROM consultations_cooperationarea area, generate_series(1, %s) n WHERE area.series_id = %s",
        event.pk, event.code, NOW, number // AREAS, event.series_id,
    )  # fmt: skip
    run(
        "INSERT INTO outcomes_version (outcome_id, number, consultation_id, title, statement, language, change_note, "
        "is_correction, revision, drafted_at, drafted_by_id, signed_at, signed_by_id, frozen_at) "
        "SELECT id, 1, %s, 'Title ' || id, repeat('A sentence of it. ', 20), 'en', '', false, 1, %s, %s, %s, %s, %s "
        "FROM outcomes_outcome WHERE born_at_id = %s",
        event.pk, NOW, drafter.pk, NOW, signer.pk, NOW, event.pk,
    )  # fmt: skip
    run(
        "INSERT INTO outcomes_consideration (outcome_id, consultation_id, version_after_id, disposition, reason, "
        "disposed_at, disposed_by_id, laid_at) "
        "SELECT outcome_id, %s, id, 'proposed', '', %s, %s, %s FROM outcomes_version WHERE consultation_id = %s",
        event.pk, NOW, drafter.pk, NOW, event.pk,
    )  # fmt: skip


def timed(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def clear(event: Consultation) -> None:
    run("DELETE FROM outcomes_consideration WHERE consultation_id = %s", event.pk)
    run("VACUUM ANALYZE outcomes_consideration")
    run("CHECKPOINT")


def memory() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(size: int) -> None:
    origin, receiver = plan(f"n{size}", 2)
    give_birth(origin, size)
    run("VACUUM ANALYZE")

    job = RollForward.objects.create(consultation=origin)

    def raw() -> None:
        with transaction.atomic():
            run(LAY, receiver.pk, NOW, job.pk, origin.pk)

    def ours() -> None:
        assert roll_forward(origin, at=NOW).carried == size

    def again() -> None:
        assert roll_forward(origin, at=NOW).already_there == size

    clear(receiver)
    before = memory()
    with CaptureQueriesContext(connection) as captured:
        ours()
    grown = memory() - before
    spent: dict[str, list[float]] = {"raw": [], "ours": [], "again": []}
    for turn in range(TIMES):
        for name, act in [("raw", raw), ("ours", ours)][:: 1 if turn % 2 else -1]:
            clear(receiver)
            spent[name].append(timed(act))
            if name == "ours":
                spent["again"].append(timed(again))
    raw_s, ours_s, again_s = (median(spent[name]) for name in ["raw", "ours", "again"])
    print(
        f"{size:9,}{raw_s:9.3f} s{ours_s:9.3f} s{ours_s / raw_s:9.2f}{again_s:9.3f} s{again_s / raw_s:9.2f}"
        f"{len(captured):9}{grown:9.1f} MB",
        flush=True,
    )


def measure_lineages() -> None:
    """One outcome that went through 50 events in new words, and was merged 50 times, among 20,000 others."""
    events = plan("deep", DEPTH + 1)
    give_birth(events[0], OF_A_SERIES)
    drafter, signer = Person.objects.order_by("pk")[:2]
    outcomes = list(Outcome.objects.filter(born_at=events[0]).order_by("pk"))
    outcome, others = outcomes[0], outcomes[1:]
    text = {"title": "T", "statement": "S " * 200, "drafted_at": NOW, "drafted_by": drafter}
    final = {"signed_at": NOW, "signed_by": signer, "frozen_at": NOW}
    before = outcome.versions.get()
    for number, (earlier, event) in enumerate(pairwise(events[:-1]), start=2):
        after = Version.objects.create(outcome=outcome, number=number, consultation=event, **text, **final)
        Consideration.objects.create(
            outcome=outcome, consultation=event, version_before=before, version_after=after, disposition="refined",
            disposed_at=NOW, disposed_by=drafter, laid_at=NOW, laid_from=earlier,
        )  # fmt: skip
        before = after
    line = [outcome, *others[:DEPTH]]
    pairs = [(parent, child) for child, parent in pairwise(line)]
    pairs += zip(others[DEPTH::2], others[DEPTH + 1 :: 2], strict=False)
    Descent.objects.bulk_create(
        Descent(parent=parent, child=child, consultation=events[1], kind="merge") for parent, child in pairs
    )
    run("VACUUM ANALYZE")
    outcome = Outcome.objects.select_related("born_at__series").get(pk=outcome.pk)
    found = lineage_of(outcome)
    assert (len(found.steps), len(found.ancestors)) == (DEPTH, DEPTH)
    one = median(timed(lambda: lineage_of(outcome)) for _time in range(50))
    with CaptureQueriesContext(connection) as captured:
        lineage_of(outcome)
    print(f"one lineage at depth {DEPTH}: {1000 * one:.1f} ms, {len(captured)} queries")
    everything = Outcome.objects.filter(born_at__series=outcome.born_at.series)
    for rows in [everything[:100], everything]:
        with CaptureQueriesContext(connection) as captured:
            start = perf_counter()
            number = len(lineages(rows, series=outcome.born_at.series))
            print(f"{number:,} lineages: {perf_counter() - start:.2f} s, {len(captured)} queries", flush=True)


connection.creation.create_test_db(verbosity=0)
try:
    make_people()
    print(f"{'outcomes':>9}{'raw':>11}{'ours':>11}{'ratio':>9}{'again':>11}{'ratio':>9}{'queries':>9}{'memory':>12}")
    for size in SIZES:
        measure(size)
    measure_lineages()
finally:
    connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)
