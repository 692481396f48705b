"""The jobs: done in any order, killed half-way, done again after they were done, and run beside themselves."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import rule

from consultations.models import Consultation
from jobs.models import JobState
from outcomes import corrections, notices, rollforward
from outcomes.models import Consideration, Correction, RollForward
from tests.outcomes.machine.invariants import Watched
from tests.outcomes.machine.stage import picks

WRITES = ("INSERT", "UPDATE", "DELETE")


class Killed(Exception):
    """The worker died here: whatever its transaction had written is gone."""


class DiesAt:
    """Lets so many writes through, and dies at the next."""

    def __init__(self, write: int) -> None:
        self.left = write

    def __call__(self, execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith(WRITES):
            if self.left == 0:
                raise Killed
            self.left -= 1
        return execute(sql, *rest)


class Work(Watched):
    @rule(order=st.lists(picks, max_size=4), killed_at=st.lists(st.integers(0, 9), max_size=4))
    def run_jobs(self, order: list[int], killed_at: list[int]) -> None:
        """Whatever waits is done, one after the other in any order; some are killed first."""
        rollforward.roll_waiting(at=self.clock)
        while waiting := self.waiting():
            job = waiting[(order.pop() if order else 0) % len(waiting)]
            if killed_at:
                self.kill(job, at=killed_at.pop())
            self.do(job)
        assert rollforward.roll_waiting(at=self.clock) == 0

    @rule(pick=picks)
    def do_one(self, pick: int) -> None:
        """Only one of those that wait, so that the others come late."""
        if waiting := self.waiting():
            self.do(waiting[pick % len(waiting)])

    @rule(pick=picks)
    def do_again(self, pick: int) -> None:
        """Doing any job again changes nothing but its own account; a worker may have died after it had done it."""
        done = [*Correction.objects.filter(state=JobState.DONE), *RollForward.objects.filter(state=JobState.DONE)]
        if not done or self.something_is_to_be_carried():
            return
        before = self.now()
        self.seen = None
        self.work(done[pick % len(done)])
        assert self.now() == before

    @rule(pick=picks)
    def roll_again(self, pick: int) -> None:
        """So does a new roll-forward."""
        consultation = self.one(pick, "concluded")
        if consultation.state == "concluded" and not self.something_is_to_be_carried():
            before = self.now()
            self.seen = None
            assert rollforward.roll_forward(consultation, at=self.clock).carried == 0
            assert self.now() == before

    def do_all(self) -> None:
        self.run_jobs([], [])

    def waiting(self) -> list[Correction | RollForward]:
        """The jobs that wait, oldest first."""
        kinds = [Correction, RollForward]
        rows = [row for kind in kinds for row in kind.objects.filter(state=JobState.QUEUED).order_by("pk")]  # type: ignore[attr-defined]
        return sorted(rows, key=lambda row: row.queued_at)

    def kill(self, job: Correction | RollForward, *, at: int) -> None:
        """Begin a job and die at one of its writes: all of it is there, as far as it was committed, or nothing."""
        before = self.now()
        self.seen = None
        try:
            with connection.execute_wrapper(DiesAt(at)):
                self.work(job)
        except Killed:
            if self.now() != before:
                assert isinstance(job, RollForward)

    def do(self, job: Correction | RollForward) -> None:
        self.seen = None
        self.work(job)
        if isinstance(job, RollForward):
            job.refresh_from_db()
            table = Consideration.objects.filter(consultation=job.consultation, outcome__dropped_at__isnull=True)
            assert job.carried + job.already_there + job.skipped == table.count()
        type(job).objects.filter(pk=job.pk).update(state=JobState.DONE, finished_at=self.clock)
        self.everything_holds()

    def work(self, job: Correction | RollForward) -> None:
        """What the job's task does between taking its row and writing how it ended."""
        if isinstance(job, RollForward):
            consultation = Consultation.objects.get(pk=job.consultation_id)
            rollforward.roll_forward(consultation, at=self.clock, run=job)
            notices.tell_concluded(consultation, at=self.clock)
        else:
            corrections.carry(Correction.objects.get(pk=job.pk), at=self.clock)
