from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from consultations.models import Input
from jobs.admin import KeptAdmin
from stakeholders.rules import is_programme_staff


@admin.register(Input)
class InputAdmin(KeptAdmin):
    """What participants gave. It is theirs to change, so staff read it here; drafts nobody reads but their authors."""

    list_display = ("reference", "title", "consultation", "area", "kind", "attribution", "submitted_at")
    list_filter = ("consultation", "area", "kind", "attribution")
    list_select_related = ("consultation", "area")
    search_fields = ("title", "text")
    fields = (
        "reference", "consultation", "participation", "area", "session", "kind", "title", "text", "attribution",
        "language", "submitted_at", "changed_at", "entered_by",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Input]:
        return super().get_queryset(request).visible_to(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Input | None = None) -> bool:
        """Whose rows they are says `visible_to`; `consultations.view_input` is asked of single inputs."""
        return is_programme_staff(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)
