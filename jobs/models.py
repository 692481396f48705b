"""Background work that survives a crash: every job is a row; the broker is only a bell."""

from typing import ClassVar

from celery import current_app
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("waiting")
    RUNNING = "running", _("being done")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")

    @classmethod
    def unfinished(cls) -> set["JobState"]:
        return {cls.QUEUED, cls.RUNNING}


class Job(models.Model):
    """One piece of work in the background, from the wish for it to its end.

    A subclass names the Celery task that does it in `TASK`; the task takes the row's key as `pk`.
    `lease` and `leased_until` say which worker holds the row and how long without a sign of life.
    """

    TASK: ClassVar[str]
    MAX_ATTEMPTS: ClassVar[int] = 5

    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    lease = models.CharField(max_length=36, default="", editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    progress = models.PositiveSmallIntegerField(_("progress in percent"), default=0, editable=False)
    progress_text = models.CharField(_("what is being done"), max_length=200, default="", editable=False)
    error = models.TextField(_("what went wrong"), default="", editable=False)
    queued_at = models.DateTimeField(_("asked for at"), default=timezone.now, editable=False)
    due_at = models.DateTimeField(_("not before"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(_("finished at"), null=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_finished_has_time",
                condition=models.Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False)
                | models.Q(state__in=["queued", "running"], finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_lease_is_a_pair",
                condition=models.Q(lease="", leased_until__isnull=True)
                | (~models.Q(lease="") & models.Q(leased_until__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="%(app_label)s_%(class)s_todo")]

    @property
    def is_finished(self) -> bool:
        return self.state not in JobState.unfinished()

    def ring(self) -> None:
        """Tell a worker about this row once the transaction is committed; the row survives a lost bell."""
        pk = self.pk
        transaction.on_commit(lambda: current_app.send_task(self.TASK, kwargs={"pk": pk}), robust=True)
