"""Processes that die, and processes that do the same thing at the same time."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.utils import timezone

from consultations.models import Consultation, ConsultationState
from jobs.models import JobState
from outcomes.models import Consideration, RollForward
from outcomes.tasks import roll_forward as task
from reports import editions
from reports.models import Edition, EditionJob
from reports.pages.making import the_shelf
from reports.tasks import make_edition
from tests.factories import bring_to, draft_outcome, make_person, make_series, make_staff, plan
from tests.processes import ROOT, environment, running
from tests.servers import wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

HASTY = {"JOB_LEASE_SECONDS": "1", "JOB_SWEEP_SECONDS": "0.5"}


@pytest.fixture(autouse=True)
def no_old_bells():
    current_app.control.purge()


@pytest.fixture
def concluded() -> Consultation:
    """A consultation with five outcomes, concluded, whose roll-forward waits for a worker."""
    series, staff, writer = make_series(), make_staff(), make_person()
    receiver = plan(series, "TOR")
    consultation = plan(series, "JHB11", feeds_into=receiver)
    bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=staff)
    for number in range(5):
        draft_outcome(consultation, by=writer, title=f"Outcome {number}")
    return bring_to(consultation, ConsultationState.CONCLUDED, by=staff)


@contextmanager
def slow_inserts(table: str) -> Iterator[None]:
    """Have the database itself take its time over every row that is written to a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            burn = "SELECT length(hex(randomblob(20000000)));" * 8
            cursor.execute(f"CREATE TRIGGER slow BEFORE INSERT ON {table} BEGIN {burn} END")
        else:
            cursor.execute(
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_sleep(1); RETURN NEW; END $$"
            )
            cursor.execute(f"CREATE TRIGGER slow BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION slow()")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("DROP TRIGGER slow")
            else:
                cursor.execute("DROP FUNCTION slow CASCADE")


def state_of(run: RollForward) -> str:
    return RollForward.objects.values_list("state", flat=True).get(pk=run.pk)


def laid_before(code: str) -> list[str]:
    rows = Consideration.objects.filter(consultation__code=code).order_by("outcome__reference")
    return list(rows.values_list("outcome__reference", flat=True))


REFERENCES = [f"JHB11-KT-{number:02}" for number in range(1, 6)]


def test_a_worker_killed_in_a_roll_forward_leaves_nothing_half_done_and_the_sweep_finishes_it(concluded):
    run = RollForward.objects.get()
    with slow_inserts("outcomes_consideration"), running("worker", **HASTY) as [worker]:
        wait_for(lambda: state_of(run) == JobState.RUNNING, what="the worker takes the job")
        worker.kill()
        assert laid_before("TOR") == []
    with running("worker", "beat", **HASTY):
        wait_for(lambda: state_of(run) == JobState.DONE, what="the sweep finishes the job")
    run.refresh_from_db()
    assert laid_before("TOR") == REFERENCES
    assert (run.attempts, run.carried, run.already_there, run.skipped) == (2, 5, 0, 0)


STEPS = {
    "when the job was taken": "outcomes_rollforward:state",
    "before anything is laid": "outcomes_consideration:before",
    "after everything is laid": "outcomes_consideration:after",
    "when the account is written": "outcomes_rollforward:receiver_id",
    "when it is noted as done": "outcomes_rollforward:finished_at",
}
"""Where the worker stands when it is killed: a table, and the moment or the column at which the database stops it.

With `=` the column is about to become what follows, in which % stands for anything.
"""


@contextmanager
def held_up(step: str) -> Iterator[Callable[[], bool]]:
    """Have the database stop whoever comes to a step; gives a function that says whether somebody stands there.

    PostgreSQL waits for a lock that this connection has. SQLite is kept busy for as long as the kill takes.
    """
    table, moment = step.split(":")
    moment, _, becomes = moment.partition("=")
    is_insert = moment in {"before", "after"}
    wanted = f" AND NEW.{moment} LIKE '{becomes}'" if becomes else ""
    if connection.vendor == "sqlite":
        event = f"{moment} INSERT" if is_insert else "BEFORE UPDATE"
        last = f"(SELECT count(*) FROM {table} WHERE roll_forward_id = NEW.roll_forward_id) = {len(REFERENCES)}"  # noqa: S608
        when = {"before": "1", "after": last}.get(moment, f"OLD.{moment} IS NOT NEW.{moment}{wanted}")
        burn = "SELECT length(hex(randomblob(20000000)));" * 60
        begin, end = (
            [f"CREATE TRIGGER hold_up {event} ON {table} WHEN {when} BEGIN {burn} END"],
            ["DROP TRIGGER hold_up"],
        )
    else:
        event = f"{moment} INSERT" if is_insert else "BEFORE UPDATE"
        rows = "STATEMENT" if is_insert else f"ROW WHEN (OLD.{moment} IS DISTINCT FROM NEW.{moment}{wanted})"
        begin = [
            "SELECT pg_advisory_lock(1)",
            "CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END $$",
            f"CREATE TRIGGER hold_up {event} ON {table} FOR EACH {rows} EXECUTE FUNCTION hold_up()",
        ]
        end = [
            # The session of the killed worker would go on otherwise as soon as it gets the lock.
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
            "SELECT pg_advisory_unlock(1)",
            "DROP FUNCTION hold_up CASCADE",
        ]
    with connection.cursor() as cursor:
        for statement in begin:
            cursor.execute(statement)
    try:
        yield somebody_writes if connection.vendor == "sqlite" else somebody_waits
    finally:
        with connection.cursor() as cursor:
            for statement in end:
                cursor.execute(statement)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def somebody_writes() -> bool:
    """Whether another process has SQLite's file for so long that it must be held up."""
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0.5, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    finally:
        other.close()
    return False


@pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
def test_a_worker_killed_at_any_step_of_a_roll_forward_leaves_it_to_end_right(concluded, step):
    run = RollForward.objects.get()
    with running("worker", **HASTY) as [worker], held_up(step) as somebody_waits:
        wait_for(somebody_waits, what="the worker comes to the step")
        worker.kill()
    at_the_end = step.endswith("finished_at")
    assert laid_before("TOR") == (REFERENCES if at_the_end else [])

    def ring_again() -> bool:
        """As the sweep does until nobody has the lease any more."""
        task(pk=run.pk)
        return state_of(run) == JobState.DONE

    wait_for(ring_again, what="the lease of the dead worker runs out")
    run.refresh_from_db()
    assert laid_before("TOR") == REFERENCES
    assert (run.carried, run.already_there, run.skipped) == (5, 0, 0)
    assert set(Consideration.objects.filter(consultation__code="TOR").values_list("roll_forward", flat=True)) == {
        run.pk
    }


def test_a_bell_that_was_lost_is_rung_again_by_the_sweep(concluded):
    run = RollForward.objects.get()
    current_app.control.purge()
    with running("worker", "beat", **HASTY):
        wait_for(lambda: state_of(run) == JobState.DONE, what="the sweep finds the job")
    assert laid_before("TOR") == REFERENCES


def test_two_roll_forwards_at_once_make_one_set(concluded):
    command = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from consultations.models import Consultation\n"
        "from outcomes.rollforward import roll_forward\n"
        "input()\n"
        "run = roll_forward(Consultation.objects.get(code='JHB11'), at=timezone.now())\n"
        "print(run.carried, run.already_there)\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", command], env=environment(), cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    accounts = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert accounts == ["0 5", "5 0"]
    assert laid_before("TOR") == REFERENCES


EDITION_STEPS = {
    "while the data is frozen": "reports_editionjob:progress_text=Freezing what is known now",
    "before the chapters are bound": "reports_editionjob:progress_text=Binding the chapters",
    "while the pages are read back": "reports_editionjob:progress_text=Reading back %",
    "when the edition is noted": "reports_editionjob:edition_id",
    "when a file is written": "reports_editionfile:before",
    "when it is noted as done": "reports_editionjob:finished_at",
}


@pytest.mark.parametrize("step", EDITION_STEPS.values(), ids=list(EDITION_STEPS))
def test_a_worker_killed_at_any_step_of_an_edition_leaves_it_to_be_made_once(concluded, step):
    hearing = plan(concluded.series, "HEAR", kind="hearing")
    job = editions.ask_for_edition(hearing, by=make_staff(), at=timezone.now())
    with running("worker", **HASTY) as [worker], held_up(step) as somebody_waits:
        wait_for(somebody_waits, what="the worker comes to the step", patience=60)
        worker.kill()
    at_the_end = step.endswith("finished_at")
    assert Edition.objects.count() == int(at_the_end)

    def ring_again() -> bool:
        """As the sweep does until nobody has the lease any more."""
        make_edition(pk=job.pk)
        return EditionJob.objects.get().state == JobState.DONE

    wait_for(ring_again, what="the lease of the dead worker runs out", patience=60)
    job.refresh_from_db()
    edition = Edition.objects.get()
    assert (job.edition, job.attempts, edition.number) == (edition, 2, 1)
    kept = {path.name: path for path in Path(settings.VAR_DIR, "files", "editions", "HEAR").rglob("*.*")}
    assert set(kept) == {f"thp-dossier-1.{format}" for format in ["pdf", "html", "docx", "xlsx", "json"]}
    for file in edition.files.all():
        content = kept[f"thp-dossier-1.{file.format}"].read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file.size, file.sha256)


def test_a_worker_killed_in_a_rendering_leaves_no_edition_and_the_sweep_makes_exactly_one(concluded):
    hearing = plan(concluded.series, "HEAR", kind="hearing")
    job = editions.ask_for_edition(hearing, by=make_staff(), at=timezone.now())

    # So that there is something to draw, and the worker is killed in the middle of that.
    the_shelf().empty()

    def said() -> str:
        return EditionJob.objects.values_list("progress_text", flat=True).get()

    with running("worker", **HASTY) as [worker]:
        wait_for(lambda: said().startswith("Chapter"), what="the worker draws the chapters")
        worker.kill()
        assert not Edition.objects.exists()
    with running("worker", "beat", **HASTY):
        wait_for(
            lambda: EditionJob.objects.get().state == JobState.DONE, what="the sweep finishes the job", patience=60
        )
    job.refresh_from_db()
    edition = Edition.objects.get()
    assert (job.edition, job.attempts, edition.number) == (edition, 2, 1)
    kept = [path.name for path in Path(settings.VAR_DIR, "files", "editions", "HEAR").rglob("*.pdf")]
    assert kept == ["thp-dossier-1.pdf"]
