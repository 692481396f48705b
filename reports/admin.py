from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from jobs.admin import JobAdmin, KeptAdmin
from reports.models import Edition, EditionJob


@admin.register(Edition)
class EditionAdmin(KeptAdmin):
    """Editions are made and published on the page of the hearing's dossier."""

    list_display = ("consultation", "number", "language", "frozen_at", "frozen_by", "published_at", "page")
    list_filter = ("consultation", "published_at")
    list_select_related = ("consultation", "frozen_by")
    fields = (
        "consultation", "number", "language", "frozen_at", "frozen_by", "sha256", "published_at", "published_by",
        "page",
    )  # fmt: skip

    @admin.display(description=_("page"))
    def page(self, edition: Edition) -> str:
        return format_html('<a href="{}">{}</a>', edition.get_absolute_url(), _("read, download or publish it"))


@admin.register(EditionJob)
class EditionJobAdmin(JobAdmin):
    list_display = ("consultation", "asked_by", "state_label", "progress", "progress_text", "edition", "queued_at")
    list_select_related = ("consultation", "asked_by", "edition__consultation")
    fields = (
        "consultation",
        "asked_by",
        "state",
        "progress",
        "progress_text",
        "attempts",
        "error",
        "edition",
        "queued_at",
    )
