"""Taking a job, doing it and writing down how it ended; and finding those that a dead worker left behind."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from jobs.models import Job, JobState

logger = logging.getLogger(__name__)
J = TypeVar("J", bound=Job)

FIRST_RETRY = timedelta(seconds=10)
"""The wait after the first failed attempt; each further one doubles it."""
SWEEP_LIMIT = 1000


class JobFailed(Exception):
    """The work cannot be done as asked, and trying again will not help; the text tells people what to mend."""


class LeaseLost(Exception):
    """Another worker has taken the job over, or it was cancelled; whoever meets this stops and touches nothing more."""


def perform(model: type[J], *, pk: int, work: Callable[[J], None]) -> None:
    """Do one job, if it is there to be done.

    Takes the row `pk` of `model` under a lease, renews the lease while `work(job)` runs, and writes how it ended:
    done; failed with the text of a `JobFailed`; or, after any other exception, back in the queue with a growing
    wait until `MAX_ATTEMPTS`. Returns at once when the row is done, not yet due, or held by another worker.
    `work` must be safe to run again from the start: a worker may be killed at any line of it.
    """
    job = take(model, pk=pk, at=timezone.now())
    if job is None:
        return
    try:
        with _lease_renewed(job):
            work(job)
    except JobFailed as fault:
        _finish(job, JobState.FAILED, error=str(fault))
    except LeaseLost:
        logger.warning("%s %s was taken over by another worker, or cancelled", model._meta.label, pk)
    except Exception:
        logger.exception("%s %s failed at attempt %s", model._meta.label, pk, job.attempts)
        if job.attempts >= model.MAX_ATTEMPTS:
            _finish(job, JobState.FAILED, error=_gave_up(job.attempts))
        else:
            _put_back(job)
    else:
        _finish(job, JobState.DONE)


def take(model: type[J], *, pk: int, at: datetime) -> J | None:
    """Give this worker the job under a fresh lease, or None where it is not to be had (done, not due, held)."""
    lease = str(uuid4())
    due = Q(state=JobState.QUEUED, due_at__lte=at) | Q(state=JobState.RUNNING, leased_until__lt=at)
    taken = model._default_manager.filter(due, pk=pk, attempts__lt=model.MAX_ATTEMPTS).update(
        state=JobState.RUNNING,
        lease=lease,
        leased_until=at + _lease_length(),
        attempts=F("attempts") + 1,
    )
    return model._default_manager.get(pk=pk) if taken else None


def report_progress(job: Job, *, percent: int, text: str) -> None:
    """Show people how far a job is: `percent` 0-100 and a short sentence. Raises LeaseLost."""
    _update_own(job, progress=percent, progress_text=text)


def sweep(*, at: datetime) -> int:
    """Ring again for every job that is due and that nobody is doing. Returns how many bells were rung.

    Jobs whose workers died `MAX_ATTEMPTS` times are given up with a text that says so.
    """
    rung = 0
    for model in apps.get_models():
        if not issubclass(model, Job):
            continue
        left_behind = model._default_manager.filter(state=JobState.RUNNING, leased_until__lt=at)
        left_behind.filter(attempts__gte=model.MAX_ATTEMPTS).update(
            state=JobState.FAILED,
            lease="",
            leased_until=None,
            finished_at=at,
            error=_gave_up(model.MAX_ATTEMPTS),
        )
        queued = model._default_manager.filter(state=JobState.QUEUED, due_at__lte=at)
        for pk in (left_behind | queued).order_by("pk").values_list("pk", flat=True)[:SWEEP_LIMIT]:
            current_app.send_task(model.TASK, kwargs={"pk": pk})
            rung += 1
    return rung


def retry(job: Job, *, at: datetime) -> None:
    """Put a failed job back in the queue with all its attempts before it, and ring for it."""
    again = type(job)._default_manager.filter(pk=job.pk, state=JobState.FAILED)
    try:
        with transaction.atomic():
            queued = again.update(state=JobState.QUEUED, attempts=0, error="", due_at=at, finished_at=None, progress=0)
    except IntegrityError:
        # The database allows one of its kind at a time, and another one is under way: that does the work.
        return
    if queued:
        job.ring()


def cancel(job: Job, *, at: datetime) -> bool:
    """Let a job rest that nobody wants any more; returns whether it was in time, before it ended.

    A worker that is at it notices when it next tells how far it is, and stops: its lease is gone.
    """
    unfinished = type(job)._default_manager.filter(pk=job.pk, state__in=JobState.unfinished())
    return bool(unfinished.update(state=JobState.CANCELLED, lease="", leased_until=None, finished_at=at))


def begin_again(job: Job, *, at: datetime) -> None:
    """Put an unfinished job back in the queue, since what it works on is not what it was when it began; and ring.

    A worker that is at it notices when it next tells how far it is, and stops: its lease is gone.
    """
    unfinished = type(job)._default_manager.filter(pk=job.pk, state__in=JobState.unfinished())
    if unfinished.update(state=JobState.QUEUED, lease="", leased_until=None, due_at=at, progress=0):
        job.ring()


@contextmanager
def _lease_renewed(job: Job) -> Iterator[None]:
    """Renew the lease from a second thread, so that long work without progress reports is not taken over."""
    finished = threading.Event()

    def renew() -> None:
        try:
            while not finished.wait(settings.JOB_LEASE_SECONDS / 3):
                try:
                    own = type(job)._default_manager.filter(pk=job.pk, lease=job.lease)
                    own.update(leased_until=timezone.now() + _lease_length())
                except DatabaseError:
                    logger.warning("%s %s: the lease could not be renewed", job._meta.label, job.pk, exc_info=True)
        finally:
            connection.close()

    renewing = threading.Thread(target=renew, name=f"lease-{job.pk}", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        finished.set()
        renewing.join()


def _lease_length() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _update_own(job: Job, **fields: object) -> None:
    own = type(job)._default_manager.filter(pk=job.pk, lease=job.lease, state=JobState.RUNNING)
    if not own.update(**fields):
        raise LeaseLost
    for name, value in fields.items():
        setattr(job, name, value)


def _finish(job: Job, state: JobState, *, error: str = "") -> None:
    fields: dict[str, object] = {"state": state, "error": error, "lease": "", "leased_until": None}
    if state == JobState.DONE:
        fields |= {"progress": 100, "progress_text": ""}
    try:
        _update_own(job, finished_at=timezone.now(), **fields)
    except LeaseLost:
        logger.warning(
            "%s %s ended after another worker had taken it over, or it was cancelled", job._meta.label, job.pk
        )


def _put_back(job: Job) -> None:
    wait = FIRST_RETRY * 2 ** (job.attempts - 1)
    try:
        _update_own(job, state=JobState.QUEUED, lease="", leased_until=None, due_at=timezone.now() + wait)
    except LeaseLost:
        logger.warning("%s %s was taken over by another worker", job._meta.label, job.pk)


def _gave_up(attempts: int) -> str:
    return gettext("It was tried %(attempts)s times and broke off each time. Tell the people who run this site.") % {
        "attempts": attempts
    }
