import re

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin
from unfold.decorators import action

from jobs.admin import JobAdmin
from stakeholders.accounts import follow_address_book
from stakeholders.admin.exporting import ExportingAdmin
from stakeholders.exporting import organisations_table, people_table
from stakeholders.messages import hold_back_mail, let_mail_go_again
from stakeholders.models import Message, Person, StakeholderType

SIGNED_LINK = re.compile(r"(?<=/invitation/)[^\s/]+|(?<=/reminders/stop/)[^\s/]+")


@admin.register(StakeholderType)
class StakeholderTypeAdmin(SimpleHistoryAdmin, ModelAdmin):
    list_display = ("name", "plural", "is_lead", "order")
    list_editable = ("order",)
    search_fields = ("name", "plural")
    prepopulated_fields = {"slug": ("name",)}


class AddressAdmin(ExportingAdmin):
    """A list of the address book, with the ways in and out."""

    actions: tuple[str, ...] = ("export_csv", "export_xlsx")
    actions_list: tuple[str, ...] = ("import_file",)

    @action(description=_("Import a file"), url_path="import", permissions=["import"])
    def import_file(self, request: HttpRequest) -> HttpResponse:
        return redirect("admin:stakeholders_addressimport_add")

    def has_import_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("stakeholders.import_addresses"))


class OrganisationAdmin(SimpleHistoryAdmin, AddressAdmin):
    list_display = ("name", "stakeholder_type", "city", "country", "is_sample")
    list_filter = ("stakeholder_type", "is_sample")
    list_select_related = ("stakeholder_type",)
    search_fields = ("name", "city", "country")
    fields = ("name", "stakeholder_type", "city", "country", "is_sample")
    table = staticmethod(organisations_table)


class PersonAdmin(SimpleHistoryAdmin, AddressAdmin):
    list_display = ("name", "organisation", "stakeholder_type", "email", "mail_goes", "has_account", "is_sample")
    list_filter = ("stakeholder_type", ("mail_refused_at", admin.EmptyFieldListFilter), "is_sample")
    readonly_fields = ("mail_refused_at", "mail_refusal", "reminders_stopped_at")
    actions = (*AddressAdmin.actions, "hold_back_mail", "let_mail_go_again")
    table = staticmethod(people_table)
    list_select_related = ("organisation", "stakeholder_type")
    search_fields = ("name", "email", "organisation__name")
    autocomplete_fields = ("organisation",)
    fieldsets = (
        (
            None,
            {"fields": ("name", "email", "language", "mail_refused_at", "mail_refusal", "reminders_stopped_at")},
        ),
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

    def save_model(self, request: HttpRequest, obj: Person, form: ModelForm, change: bool) -> None:
        """A new address has refused nothing yet, and whoever has an account signs in with it at once."""
        if "email" in form.changed_data:
            obj.mail_refused_at, obj.mail_refusal = None, ""
        super().save_model(request, obj, form, change)
        follow_address_book()

    def has_delete_permission(self, request: HttpRequest, obj: Person | None = None) -> bool:
        """Whoever has an account stays: it would open the site to somebody who is not in the address book."""
        if obj is not None and obj.user_id is not None:
            return False
        return super().has_delete_permission(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        super().delete_queryset(request, queryset)
        follow_address_book()

    @admin.display(description=_("takes mail"), boolean=True)
    def mail_goes(self, person: Person) -> bool:
        return bool(person.email) and person.mail_refused_at is None

    @admin.action(description=_("Their mail came back: send nothing more to their addresses"))
    def hold_back_mail(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        number = hold_back_mail(queryset, words=gettext("Mail came back later, said staff."), at=timezone.now())
        text = ngettext(
            "Nothing more is sent to %(number)s person until the address is mended.",
            "Nothing more is sent to %(number)s people until the addresses are mended.",
            number,
        )
        self.message_user(request, text % {"number": number}, messages.SUCCESS if number else messages.WARNING)

    @admin.action(description=_("Let mail go to their addresses again"))
    def let_mail_go_again(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        number = let_mail_go_again(queryset)
        text = ngettext(
            "Mail goes to %(number)s address again. Try again what was held back, under “Messages”.",
            "Mail goes to %(number)s addresses again. Try again what was held back, under “Messages”.",
            number,
        )
        self.message_user(request, text % {"number": number}, messages.SUCCESS if number else messages.WARNING)

    @admin.display(description=_("has signed in"), boolean=True)
    def has_account(self, person: Person) -> bool:
        return person.user_id is not None


@admin.register(Message)
class MessageAdmin(JobAdmin):
    list_display = ("subject", "person", "occasion", "state_label", "queued_at", "finished_at")
    list_filter = ("state", "occasion", "is_reminder")
    list_select_related = ("person",)
    search_fields = ("subject", "person__name", "person__email")
    fields = (
        "person",
        "occasion",
        "subject",
        "state",
        "attempts",
        "error",
        "queued_at",
        "due_at",
        "finished_at",
        "words",
    )
    readonly_fields = ("words",)

    @admin.display(description=_("text"))
    def words(self, message: Message) -> str:
        """What the mail says, without the links by which only its reader may come in."""
        return format_html("<pre>{}</pre>", SIGNED_LINK.sub("…", message.text))
