"""The one mechanism for background work, tried on the outbox: its simplest job."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import running
from jobs.models import JobState
from stakeholders.models import Message
from tests.factories import NOW, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(clock) -> Message:
    return Message.objects.create(person=make_person(), occasion="receipt", subject="Hello", text="…", html="…")


def reread(job: Message) -> Message:
    return Message.objects.get(pk=job.pk)


def test_a_job_is_done_once(job):
    done = []
    for _ in range(2):
        running.perform(Message, pk=job.pk, work=lambda row: done.append(row.pk))
    row = reread(job)
    assert done == [job.pk]
    assert (row.state, row.attempts, row.progress, row.finished_at, row.lease) == ("done", 1, 100, NOW, "")


def test_a_job_that_cannot_be_done_says_why_and_is_not_tried_again(job):
    def work(row: Message) -> None:
        raise running.JobFailed("There is no address.")

    running.perform(Message, pk=job.pk, work=work)
    row = reread(job)
    assert (row.state, row.error, row.attempts) == ("failed", "There is no address.", 1)
    assert running.sweep(at=NOW + timedelta(days=1)) == 0


def test_a_fault_is_tried_again_with_growing_waits_and_given_up_in_words(job, clock):
    waits = []

    def work(row: Message) -> None:
        raise OSError("secret host name")

    for _ in range(Message.MAX_ATTEMPTS):
        running.perform(Message, pk=job.pk, work=work)
        row = reread(job)
        waits.append((row.due_at - timezone.now()).total_seconds() if row.state == "queued" else None)
        clock.move_to(row.due_at)
    assert waits == [*(10 * 2**attempt for attempt in range(Message.MAX_ATTEMPTS - 1)), None]
    assert reread(job).state == "failed"
    assert reread(job).error == "It was tried 12 times and broke off each time. Tell the people who run this site."


def test_a_job_is_not_done_before_it_is_due(job):
    Message.objects.update(due_at=NOW + timedelta(seconds=1))
    assert running.take(Message, pk=job.pk, at=NOW) is None
    assert running.take(Message, pk=job.pk, at=NOW + timedelta(seconds=1)) is not None


def test_a_held_job_is_not_taken_until_its_lease_runs_out(job, settings):
    settings.JOB_LEASE_SECONDS = 60
    assert running.take(Message, pk=job.pk, at=NOW)
    assert running.take(Message, pk=job.pk, at=NOW + timedelta(seconds=60)) is None
    second = running.take(Message, pk=job.pk, at=NOW + timedelta(seconds=61))
    assert second and second.attempts == 2


def test_who_lost_the_lease_changes_nothing_more(job, clock):
    def work(row: Message) -> None:
        clock.shift(timedelta(hours=1))
        taken = running.take(Message, pk=job.pk, at=timezone.now())
        assert taken is not None
        running.report_progress(row, percent=99, text="too late")

    running.perform(Message, pk=job.pk, work=work)
    row = reread(job)
    assert (row.state, row.progress, row.progress_text, row.attempts) == ("running", 0, "", 2)


def test_progress_is_to_be_seen_while_the_work_goes_on(job):
    seen = []

    def work(row: Message) -> None:
        running.report_progress(row, percent=40, text="Chapter 2 of 5")
        seen.append(Message.objects.values_list("progress", "progress_text").get())

    running.perform(Message, pk=job.pk, work=work)
    assert seen == [(40, "Chapter 2 of 5")]


def test_the_sweep_rings_for_what_is_due_and_for_what_was_left_behind(job):
    later = Message.objects.create(
        person=job.person, occasion="x", subject="later", text="", html="", due_at=NOW + timedelta(hours=1)
    )
    assert running.sweep(at=NOW) == 1
    running.take(Message, pk=job.pk, at=NOW)
    assert running.sweep(at=NOW) == 0
    assert running.sweep(at=NOW + timedelta(minutes=30)) == 1
    assert running.sweep(at=NOW + timedelta(hours=1)) == 2
    assert reread(later).state == JobState.QUEUED


def test_a_job_whose_workers_keep_dying_is_given_up(job):
    at = NOW
    for _ in range(Message.MAX_ATTEMPTS):
        assert running.take(Message, pk=job.pk, at=at)
        at += timedelta(hours=1)
    assert running.sweep(at=at) == 0
    row = reread(job)
    assert (row.state, row.finished_at) == ("failed", at)
    assert "tried 12 times" in row.error


def test_trying_a_failed_job_again(job):
    def work(row: Message) -> None:
        raise running.JobFailed("There is no address.")

    running.perform(Message, pk=job.pk, work=work)
    running.retry(reread(job), at=NOW)
    row = reread(job)
    assert (row.state, row.attempts, row.error, row.finished_at) == ("queued", 0, "", None)
    done = []
    running.perform(Message, pk=job.pk, work=lambda row: done.append(row.pk))
    assert done == [job.pk]


def test_a_finished_job_is_not_tried_again(job):
    running.perform(Message, pk=job.pk, work=lambda row: None)
    running.retry(reread(job), at=NOW)
    assert reread(job).state == "done"


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_job_that_nobody_wants_any_more_is_cancelled(job, is_taken):
    if is_taken:
        running.take(Message, pk=job.pk, at=NOW)
    assert running.cancel(reread(job), at=NOW)
    row = reread(job)
    assert (row.state, row.finished_at, row.lease, row.leased_until) == ("cancelled", NOW, "", None)
    assert row.is_finished
    assert not running.cancel(row, at=NOW)
    assert running.take(Message, pk=job.pk, at=NOW + timedelta(days=1)) is None
    assert running.sweep(at=NOW + timedelta(days=1)) == 0
    running.retry(row, at=NOW)
    assert reread(job).state == "cancelled"


@pytest.mark.parametrize("fault", [None, running.JobFailed("There is no address.")])
def test_what_has_ended_is_not_cancelled(job, fault):
    def work(row: Message) -> None:
        if fault:
            raise fault

    running.perform(Message, pk=job.pk, work=work)
    before = reread(job)
    assert not running.cancel(before, at=NOW)
    assert reread(job).state == before.state == ("failed" if fault else "done")


def test_a_worker_notices_at_its_next_word_that_its_job_was_cancelled(job):
    reached = []

    def work(row: Message) -> None:
        running.report_progress(row, percent=40, text="Chapter 2 of 5")
        assert running.cancel(row, at=NOW)
        running.report_progress(row, percent=60, text="Chapter 3 of 5")
        reached.append("chapter 3")

    running.perform(Message, pk=job.pk, work=work)
    row = reread(job)
    assert reached == []
    assert (row.state, row.progress, row.progress_text) == ("cancelled", 40, "Chapter 2 of 5")


def test_a_worker_that_does_not_notice_changes_nothing_at_its_end(job):
    running.perform(Message, pk=job.pk, work=lambda row: running.cancel(row, at=NOW) or None)
    assert reread(job).state == "cancelled"
