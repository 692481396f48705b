from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display

from jobs.models import Job, JobState
from jobs.running import retry


class KeptAdmin(ModelAdmin):
    """Rows that only operations write: they are looked at here, and nothing else."""

    def has_add_permission(self, request: HttpRequest, *args: object) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class JobAdmin(KeptAdmin):
    """What is done in the background, how far it is, and what went wrong."""

    list_filter: tuple[str, ...] = ("state",)
    date_hierarchy = "queued_at"
    actions = ("try_again",)
    ordering = ("-pk",)

    @display(
        description=_("State"),
        label={
            JobState.DONE: "success",
            JobState.FAILED: "danger",
            JobState.RUNNING: "info",
            JobState.QUEUED: "warning",
            JobState.CANCELLED: "secondary",
        },
    )
    def state_label(self, job: Job) -> tuple[str, str]:
        return job.state, job.get_state_display()

    @admin.action(description=_("Try again what failed"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        failed = list(queryset.filter(state=JobState.FAILED))
        for job in failed:
            retry(job, at=timezone.now())
        text = ngettext(
            "%(count)s failed job is in the queue again.", "%(count)s failed jobs are in the queue again.", len(failed)
        )
        self.message_user(request, text % {"count": len(failed)}, messages.SUCCESS if failed else messages.WARNING)
