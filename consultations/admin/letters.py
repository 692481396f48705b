from django.contrib import admin

from consultations.models import Consent, Dispatch
from jobs.admin import JobAdmin, KeptAdmin


@admin.register(Dispatch)
class DispatchAdmin(JobAdmin):
    """Letters are written and sent from the list of participants; here is what became of each sending."""

    list_display = ("letter", "asked_by", "state_label", "due_at", "sent", "left_out", "finished_at")
    list_select_related = ("letter__consultation", "asked_by")
    fields = ("letter", "asked_by", "state", "attempts", "error", "due_at", "sent", "left_out", "finished_at")


@admin.register(Consent)
class ConsentAdmin(KeptAdmin):
    """What people agreed to or took back, in which words and when."""

    list_display = ("participation", "kind", "is_given", "said_at")
    list_filter = ("kind", "is_given", "participation__consultation")
    list_select_related = ("participation__person", "participation__consultation")
    search_fields = ("participation__person__name", "participation__person__email")
    fields = ("participation", "kind", "is_given", "said_at", "wording")
