from django.contrib import admin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin

from jobs.admin import JobAdmin, KeptAdmin
from stakeholders.models import Message, Organisation, Person, StakeholderType, User

admin.site.unregister(Group)


@admin.register(StakeholderType)
class StakeholderTypeAdmin(SimpleHistoryAdmin, ModelAdmin):
    list_display = ("name", "plural", "is_lead", "order")
    list_editable = ("order",)
    search_fields = ("name", "plural")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Organisation)
class OrganisationAdmin(SimpleHistoryAdmin, ModelAdmin):
    list_display = ("name", "stakeholder_type", "city", "country", "is_sample")
    list_filter = ("stakeholder_type", "is_sample")
    list_select_related = ("stakeholder_type",)
    search_fields = ("name", "city", "country")
    fields = ("name", "stakeholder_type", "city", "country", "is_sample")


@admin.register(Person)
class PersonAdmin(SimpleHistoryAdmin, ModelAdmin):
    list_display = ("name", "organisation", "stakeholder_type", "email", "has_account", "is_sample")
    list_filter = ("stakeholder_type", "is_sample")
    list_select_related = ("organisation", "stakeholder_type")
    search_fields = ("name", "email", "organisation__name")
    autocomplete_fields = ("organisation",)
    fieldsets = (
        (None, {"fields": ("name", "email")}),
        (
            _("Where they belong now"),
            {
                "fields": ("organisation", "stakeholder_type", "country"),
                "description": _(
                    "At each consultation a person keeps the organisation and the type that they had there: "
                    "see their participations."
                ),
            },
        ),
        (None, {"fields": ("is_sample",)}),
    )

    @admin.display(description=_("has signed in"), boolean=True)
    def has_account(self, person: Person) -> bool:
        return person.user_id is not None


@admin.register(User)
class UserAdmin(KeptAdmin):
    list_display = ("email", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email",)
    fields = ("email", "is_staff", "is_active", "date_joined", "last_login")


@admin.register(Message)
class MessageAdmin(JobAdmin):
    list_display = ("subject", "person", "occasion", "state_label", "queued_at", "finished_at")
    list_filter = ("state", "occasion")
    list_select_related = ("person",)
    search_fields = ("subject", "person__name", "person__email")
    fields = ("person", "occasion", "subject", "state", "attempts", "error", "queued_at", "finished_at")
