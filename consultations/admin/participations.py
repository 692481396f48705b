from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin
from unfold.decorators import display

from consultations import invitations
from consultations.exporting import participations_table
from consultations.models import Answer, ConsultationState, Participation
from stakeholders.accounts import person_of
from stakeholders.admin import ExportingAdmin
from stakeholders.refusals import Refused


@admin.register(Participation)
class ParticipationAdmin(SimpleHistoryAdmin, ExportingAdmin):
    list_display = ("person", "consultation", "organisation", "stakeholder_type", "role", "answer_label", "attended")
    list_filter = ("consultation", "stakeholder_type", "role", "answer", "attended")
    list_select_related = ("person", "consultation", "organisation", "stakeholder_type")
    search_fields = ("person__name", "person__email", "organisation__name")
    autocomplete_fields = ("person", "organisation", "consultation")
    readonly_fields = (
        "answer",
        "invited_at",
        "answered_at",
        "decline_reason",
        "may_be_listed",
        "may_be_photographed",
        "may_be_asked_again",
        "attended",
        "checked_in_at",
    )
    actions = ("send_invitations", "revoke_links", "export_csv", "export_xlsx")
    table = staticmethod(participations_table)
    fieldsets = (
        (None, {"fields": ("consultation", "person")}),
        (
            _("As they are at this consultation"),
            {
                "fields": ("organisation", "stakeholder_type", "capacity", "role"),
                "description": _("This stays as it is here, also when the person changes jobs later."),
            },
        ),
        (
            _("Invitation"),
            {"fields": ("answer", "invited_at", "answered_at", "decline_reason")},
        ),
        (
            _("What they agreed to"),
            {"fields": ("may_be_listed", "may_be_photographed", "may_be_asked_again")},
        ),
        (
            _("On the day"),
            {
                "fields": ("attended", "checked_in_at"),
                "description": _("Corrected on the page of attendance, from the list of participants."),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Participation | None = None) -> tuple[str, ...]:
        """Who it is and where stays as it was entered, for inputs hang on it; after the end, as whom they came too."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is None:
            return fields
        fields += ("consultation", "person")
        ended = obj.consultation.state in ConsultationState.ended()
        return (*fields, "organisation", "stakeholder_type", "capacity", "role") if ended else fields

    def has_delete_permission(self, request: HttpRequest, obj: Participation | None = None) -> bool:
        """Whoever was invited stays on the list."""
        if obj is not None and obj.answer != Answer.NOT_INVITED:
            return False
        return super().has_delete_permission(request, obj)

    @display(
        description=_("Answer"),
        label={
            Answer.NOT_INVITED: "default",
            Answer.INVITED: "info",
            Answer.ACCEPTED: "success",
            Answer.WAITING: "warning",
            Answer.DECLINED: "danger",
        },
    )
    def answer_label(self, participation: Participation) -> tuple[str, str]:
        return participation.answer, participation.get_answer_display()

    @admin.action(description=_("Send the invitations that were not sent yet"))
    def send_invitations(self, request: HttpRequest, queryset: QuerySet[Participation]) -> None:
        try:
            number = invitations.invite(queryset, by=person_of(request.user), at=timezone.now())
        except Refused as refusal:
            for reason in refusal.reasons:
                self.message_user(request, reason, messages.ERROR)
            return
        text = (
            ngettext("%(number)s invitation is on its way.", "%(number)s invitations are on their way.", number)
            if number
            else _("Everybody chosen was invited before.")
        )
        self.message_user(request, text % {"number": number}, messages.SUCCESS if number else messages.WARNING)

    @admin.action(description=_("Make the links of their invitations worthless"))
    def revoke_links(self, request: HttpRequest, queryset: QuerySet[Participation]) -> None:
        for participation in queryset:
            invitations.revoke_link(participation)
        self.message_user(
            request,
            _("The links sent so far do not work any more. Those people sign in with a code."),
            messages.SUCCESS,
        )
