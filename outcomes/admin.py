from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from consultations.admin import ConsultationAdmin as PlanningAdmin
from consultations.admin.acts import Act, MomentForm, ReasonForm
from consultations.admin.consultations import ConsultationForm as PlanningForm
from consultations.models import Consultation, ConsultationState
from jobs.admin import JobAdmin, KeptAdmin
from outcomes import conclusion
from outcomes.balance import balance_of, missing_with_unasked
from outcomes.models import (
    Consideration,
    Correction,
    Evidence,
    FactualCorrection,
    Flag,
    Outcome,
    Position,
    RollForward,
    Version,
)
from outcomes.rollforward import queue_roll_forward

OPEN_VALIDATION = Act(
    name="open_validation",
    label=_("Open validation"),
    explanation=_(
        "The participants read the drafts until the moment that you choose, and authors learn the fate of their inputs."
    ),
    done=_("The drafts of %(title)s are open to its participants."),
    states=frozenset({ConsultationState.IN_SYNTHESIS}),
    permission="outcomes.synthesise",
    perform=conclusion.open_validation,
    form_class=MomentForm,
)
CONCLUDE = Act(
    name="conclude",
    label=_("Sign and conclude"),
    explanation=_(
        "You sign every text that you did not write. All texts become final and public, and the outcomes are carried "
        "to the next consultation. This cannot be undone."
    ),
    done=_("%(title)s is concluded. Its outcomes are public, and on their way to the next consultation."),
    states=frozenset({ConsultationState.IN_VALIDATION}),
    permission="outcomes.conclude",
    perform=conclusion.conclude,
    is_final=True,
)
CANCEL = Act(
    name="cancel",
    label=_("Cancel the consultation"),
    explanation=_(
        "It does not take place. Outcomes laid before it move on to the consultation that it feeds into. "
        "Those who were invited read the reason. This cannot be undone."
    ),
    done=_("%(title)s is cancelled."),
    states=frozenset(ConsultationState.public() | {ConsultationState.PLANNED}) - {ConsultationState.CONCLUDED},
    permission="consultations.change_consultation",
    perform=conclusion.cancel,
    form_class=ReasonForm,
    is_final=True,
)
CARRY_AGAIN = Act(
    name="carry_again",
    label=_("Carry the outcomes forward again"),
    explanation=_(
        "Lays what is live before the next consultation, where it is not there yet. Doing it twice changes nothing."
    ),
    done=_("The roll-forward of %(title)s is in the queue."),
    states=frozenset({ConsultationState.CONCLUDED}),
    permission="outcomes.conclude",
    perform=lambda consultation, *, by, at: queue_roll_forward(consultation, at=at),
)


class ConsultationForm(PlanningForm):
    def clean_feeds_into(self) -> Consultation | None:
        """What was laid before a consultation stays there."""
        chosen: Consultation | None = self.cleaned_data["feeds_into"]
        laid = Consideration.objects.filter(laid_from=self.instance.pk).select_related("consultation").first()
        if laid and "feeds_into" in self.changed_data:
            raise ValidationError(
                _("Its outcomes lie before %(event)s already, so it cannot feed into another consultation."),
                params={"event": laid.consultation.title},
                code="outcomes_are_laid",
            )
        return chosen


@admin.register(Consultation)
class ConsultationAdmin(PlanningAdmin):
    """Planning, and the acts of synthesis and conclusion."""

    form = ConsultationForm

    acts = (*PlanningAdmin.acts, OPEN_VALIDATION, CONCLUDE, CARRY_AGAIN, CANCEL)
    actions_detail = (*PlanningAdmin.actions_detail, "balance", "open_validation", "conclude", "carry_again", "cancel")

    @action(description=OPEN_VALIDATION.label, url_path="open-validation", variant=ActionVariant.PRIMARY)
    def open_validation(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, OPEN_VALIDATION)

    @action(description=CONCLUDE.label, url_path="conclude", variant=ActionVariant.PRIMARY)
    def conclude(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, CONCLUDE)

    @action(description=CARRY_AGAIN.label, url_path="carry-again")
    def carry_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, CARRY_AGAIN)

    @action(description=CANCEL.label, url_path="cancel", variant=ActionVariant.DANGER)
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, CANCEL)

    @action(description=_("Balance"), url_path="balance")
    def balance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Who is there and who is missing, drawn and tabled."""
        consultation = self.get_object(request, unquote(object_id))
        if consultation is None:
            raise Http404
        if not request.user.has_perm("consultations.view_participants", consultation):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Balance"),
            "consultation": consultation,
            "original": consultation,
            "opts": self.opts,
            "balance": (balance := balance_of(consultation)),
            "missing": missing_with_unasked(consultation, balance),
            "areas": consultation.areas.all(),
        }
        return render(request, "admin/consultations/balance.html", context)


@admin.register(Outcome)
class OutcomeAdmin(KeptAdmin):
    list_display = ("reference", "kind", "born_at", "area", "created_at", "dropped_at", "withdrawn_at")
    list_filter = ("born_at", "area", "kind")
    list_select_related = ("born_at", "area")
    search_fields = ("reference", "versions__title", "versions__statement")
    fields = (
        "reference", "born_at", "area", "further_areas", "kind", "addressees", "created_at", "dropped_at", "dropped_by",
        "withdrawn_at", "withdrawn_by", "withdrawal_reason",
    )  # fmt: skip


@admin.register(Version)
class VersionAdmin(KeptAdmin):
    list_display = ("title", "outcome", "number", "consultation", "drafted_by", "signed_by", "frozen_at")
    list_filter = ("consultation",)
    list_select_related = ("outcome", "consultation", "drafted_by", "signed_by")
    search_fields = ("title", "statement", "outcome__reference")


@admin.register(Consideration)
class ConsiderationAdmin(KeptAdmin):
    list_display = ("outcome", "consultation", "disposition", "laid_from", "disposed_by", "disposed_at")
    list_filter = ("consultation", "disposition")
    list_select_related = ("outcome", "consultation", "laid_from", "disposed_by")
    search_fields = ("outcome__reference", "reason")


@admin.register(Evidence)
class EvidenceAdmin(KeptAdmin):
    list_display = ("outcome", "input", "relation", "linked_by", "linked_at", "withdrawn_at")
    list_filter = ("relation", "outcome__born_at")
    list_select_related = ("outcome", "input", "linked_by")
    search_fields = ("outcome__reference", "quote")


@admin.register(Position)
class PositionAdmin(KeptAdmin):
    list_display = ("consideration", "stance", "taken_at", "superseded_at", "outdated_at", "withdrawn_at")
    list_filter = ("stance", "consideration__consultation")
    list_select_related = ("consideration__outcome", "consideration__consultation")
    search_fields = ("consideration__outcome__reference", "reason")


@admin.register(FactualCorrection)
class FactualCorrectionAdmin(KeptAdmin):
    list_display = ("consideration", "given_at", "is_accepted", "answered_by", "answered_at")
    list_filter = ("is_accepted", "consideration__consultation")
    list_select_related = ("consideration__outcome", "consideration__consultation", "answered_by")
    search_fields = ("consideration__outcome__reference", "text")


@admin.register(Correction)
class CorrectionAdmin(JobAdmin):
    list_display = ("outcome", "consultation", "made_by", "made_at", "state_label", "followed", "asked")
    list_select_related = ("outcome", "consultation", "made_by")
    search_fields = ("outcome__reference", "reason")
    fields = (
        "outcome", "consultation", "version", "reason", "made_by", "made_at", "state", "followed", "asked", "error",
    )  # fmt: skip


@admin.register(Flag)
class FlagAdmin(KeptAdmin):
    list_display = ("correction", "consideration", "raised_at", "is_taken", "resolved_by", "resolved_at")
    list_select_related = ("correction", "consideration__outcome", "consideration__consultation", "resolved_by")


@admin.register(RollForward)
class RollForwardAdmin(JobAdmin):
    list_display = ("consultation", "receiver", "state_label", "carried", "already_there", "skipped", "finished_at")
    list_select_related = ("consultation", "receiver")
    search_fields = ("consultation__code", "consultation__title")
    fields = (
        "consultation", "receiver", "state", "carried", "already_there", "skipped", "skipped_reasons", "attempts",
        "error", "queued_at", "finished_at",
    )  # fmt: skip
