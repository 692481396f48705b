from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.enums import ActionVariant

from consultations.admin import ConsultationAdmin as PlanningAdmin
from consultations.admin import SeriesAdmin as PlanningSeriesAdmin
from consultations.admin.acts import Act, ActForm, MomentForm, ReasonForm
from consultations.models import Consultation, ConsultationState, Series
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
from outcomes.planning_acts import CHANGE_KIND, FEED_INTO, INSERT_AFTER, foresee_cancelling
from outcomes.rollforward import queue_roll_forward
from outcomes.waiting import laid_before, waiting_in


class SignForm(ActForm):
    """Which texts the page was opened on; they are read at the desk."""

    seen = forms.JSONField(widget=forms.HiddenInput)

    def clean_seen(self) -> dict[int, int]:
        try:
            return {int(pk): int(revision) for pk, revision in self.cleaned_data["seen"].items()}
        except (AttributeError, TypeError, ValueError) as fault:
            raise ValidationError(_("Load the page again."), code="not_texts") from fault


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
    form_class=SignForm,
    initial=lambda consultation: {"seen": conclusion.texts_as_they_stand(consultation)},
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
    foresee=foresee_cancelling,
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


def _as_lines(sentences: Sequence[str]) -> str:
    return format_html_join(mark_safe("<br>"), "{}", ((sentence,) for sentence in sentences))


@admin.register(Series)
class SeriesAdmin(PlanningSeriesAdmin):
    """Planning a series, with what waits in it."""

    readonly_fields = (*PlanningSeriesAdmin.readonly_fields, "waiting")
    fieldsets = (
        *PlanningSeriesAdmin.fieldsets[:1],
        (_("Outcomes"), {"fields": ("waiting",)}),
        *PlanningSeriesAdmin.fieldsets[1:],
    )

    @admin.display(description=_("waiting outcomes"))
    def waiting(self, series: Series) -> str:
        told = [waiting.sentence for waiting in waiting_in(series)] if series.pk else []
        return _as_lines(told) or "–"


@admin.register(Consultation)
class ConsultationAdmin(PlanningAdmin):
    """Planning, and the acts of synthesis, of conclusion and of a changed plan."""

    acts = (
        *PlanningAdmin.acts, OPEN_VALIDATION, CONCLUDE, CARRY_AGAIN, FEED_INTO, INSERT_AFTER, CHANGE_KIND, CANCEL,
    )  # fmt: skip
    actions_detail: tuple[Any, ...] = (
        *PlanningAdmin.actions_detail, "balance", "open_validation", "conclude", "carry_again",
        {"title": _("Change the plan"), "items": ["feed_into", "insert_after", "change_kind"]}, "cancel",
    )  # fmt: skip
    readonly_fields = (*PlanningAdmin.readonly_fields, "outcomes_before", "outcomes_waiting")
    fieldsets = (
        *PlanningAdmin.fieldsets[:-1],
        (
            _("In the series"),
            {
                "fields": ("feeds_into", "outcomes_before", "outcomes_waiting"),
                "description": _(
                    "What this consultation concludes is laid before the one that it feeds into. Once it is planned, "
                    "that is changed by the buttons above, which show what becomes of the outcomes."
                ),
            },
        ),
    )

    @admin.display(description=_("outcomes before it"))
    def outcomes_before(self, consultation: Consultation) -> str:
        return _as_lines(laid_before(consultation)) if consultation.pk else "–"

    @admin.display(description=_("outcomes that wait"))
    def outcomes_waiting(self, consultation: Consultation) -> str:
        if not consultation.pk:
            return "–"
        found = waiting_in(consultation.series)
        return _as_lines([one.sentence for one in found if one.consultation == consultation]) or "–"

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What others feed into is not deleted: their outcomes would lose their way."""
        consultation = self.get_object(request, unquote(object_id))
        feeding = consultation.fed_by.in_order() if consultation else []
        if feeding and self.has_delete_permission(request, consultation):
            text = _(
                "It cannot be deleted, for others feed into it: %(which)s. Change what they feed into first; "
                "or cancel it, and their outcomes go past it."
            )
            which = ", ".join(other.title for other in feeding)
            self.message_user(request, text % {"which": which}, messages.ERROR)
            return redirect("admin:consultations_consultation_change", object_id)
        return super().delete_view(request, object_id, extra_context)

    @action(description=FEED_INTO.label, url_path="feed-into")
    def feed_into(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, FEED_INTO)

    @action(description=INSERT_AFTER.label, url_path="insert-after")
    def insert_after(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, INSERT_AFTER)

    @action(description=CHANGE_KIND.label, url_path="change-kind")
    def change_kind(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, CHANGE_KIND)

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
