from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action, display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from consultations import lifecycle
from consultations.admin.acts import Act, ActsAdmin, MomentForm
from consultations.lifecycle import local_moment
from consultations.models import (
    AgendaSession,
    Consultation,
    ConsultationState,
    CooperationArea,
    Region,
    RegionTarget,
    Target,
    Theme,
)
from consultations.notices import tell_moved
from consultations.places import fill_places
from stakeholders.languages import language_choices

PUBLIC_FACTS = {"city", "starts_on", "ends_on", "time_zone", "host", "areas", "languages"}
"""What an announcement needs, and what therefore stays filled in after it."""
WHEN_AND_WHERE = {"city", "country", "venue", "starts_on", "ends_on"}
"""What people who come have to know anew when it changes."""
FIXED_BY_ANNOUNCEMENT = (
    "series",
    "code",
    "kind",
    "time_zone",
    "inputs_open_at",
    "inputs_close_at",
    "default_attribution",
)
"""What people have been told and rely on; the window is extended by its own act."""

ANNOUNCE = Act(
    name="announce",
    label=_("Announce"),
    explanation=_(
        "The consultation gets a public page, and invitations can be sent. The rule for levels of agreement is frozen."
    ),
    done=_("%(title)s is announced: its page is public now. Send the invitations next, from the list of participants."),
    states=frozenset({ConsultationState.PLANNED}),
    permission="consultations.change_consultation",
    perform=lifecycle.announce,
)
EXTEND_WINDOW = Act(
    name="extend_window",
    label=_("Extend the input window"),
    explanation=_("Inputs are taken until the new moment, in the event's own time. A closed window opens again."),
    done=_("The input window of %(title)s is extended."),
    states=frozenset({ConsultationState.ANNOUNCED}),
    permission="consultations.change_consultation",
    perform=lifecycle.extend_window,
    form_class=MomentForm,
    initial=lambda consultation: {"closes_at": consultation.inputs_close_at},
)
CLOSE_INPUTS = Act(
    name="close_inputs",
    label=_("Close inputs"),
    explanation=_(
        "Nobody can give, change or withdraw an input any more, and the rapporteurs begin the synthesis. "
        "This cannot be undone."
    ),
    done=_("The inputs of %(title)s are closed. The rapporteurs can work on them at the desk now."),
    states=frozenset({ConsultationState.ANNOUNCED}),
    permission="consultations.change_consultation",
    perform=lifecycle.close_inputs,
    is_final=True,
)


class ConsultationForm(forms.ModelForm):
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=language_choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )

    class Meta:
        model = Consultation
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets say which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.announced_at:
            for name in PUBLIC_FACTS & self.fields.keys():
                self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        series = cleaned.get("series") or self.instance.series
        if self.instance.pk and "areas" in cleaned:
            used = self.instance.areas.filter(inputs__consultation=self.instance).distinct()
            if gone := [str(area) for area in used if area not in cleaned["areas"]]:
                self.add_error(
                    "areas",
                    _("Inputs belong to these areas already, so they stay: %(areas)s.") % {"areas": ", ".join(gone)},
                )
        if foreign := [str(area) for area in cleaned.get("areas", []) if area.series_id != series.pk]:
            self.add_error(
                "areas", _("These areas belong to another series: %(areas)s.") % {"areas": ", ".join(foreign)}
            )
        return cleaned


class SessionInline(StackedInline):
    model = AgendaSession
    fields = (
        ("order", "kind", "title"),
        "starts_at",
        "ends_at",
        "room",
        ("area", "stakeholder_type"),
        ("moderator", "rapporteur"),
    )
    autocomplete_fields = ("moderator", "rapporteur", "area")
    extra = 0
    tab = True
    collapsible = True


class KeptAtTheEnd:
    """An inline of a consultation that nobody changes once it has ended: what was hoped for and held is told by it."""

    def _may(self, obj: Consultation | None) -> bool:
        return obj is None or obj.state not in ConsultationState.ended()

    def has_add_permission(self, request: HttpRequest, obj: Consultation | None = None) -> bool:
        return self._may(obj) and super().has_add_permission(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Consultation | None = None) -> bool:
        return self._may(obj) and super().has_change_permission(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Consultation | None = None) -> bool:
        return self._may(obj) and super().has_delete_permission(request, obj)  # type: ignore[misc]


class TargetInline(KeptAtTheEnd, TabularInline):
    model = Target
    fields = ("stakeholder_type", "number")
    extra = 0
    tab = True


class RegionTargetInline(KeptAtTheEnd, TabularInline):
    """Targets for the regions of this consultation's own series."""

    model = RegionTarget
    fields = ("region", "number")
    extra = 0
    tab = True

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "region" and request.resolver_match:
            consultation = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = Region.objects.filter(series__consultations=consultation)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ThemeForm(forms.ModelForm):
    class Meta:
        model = Theme
        fields = "__all__"  # noqa: DJ007  the inline's fields say which
        widgets = {"areas": UnfoldAdminCheckboxSelectMultipleWidget}
        error_messages = {"areas": {"invalid_choice": _("A theme takes up areas of the hearing's own series.")}}


class ThemeInline(KeptAtTheEnd, StackedInline):
    """The themes of a hearing, with the areas of its own series to choose from."""

    model = Theme
    form = ThemeForm
    fields = ("title", ("code", "order"), "description", "areas")
    extra = 0
    tab = True

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "areas" and request.resolver_match:
            consultation = request.resolver_match.kwargs.get("object_id")
            kwargs["queryset"] = CooperationArea.objects.filter(series__consultations=consultation)
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class ConsultationAdmin(SimpleHistoryAdmin, ActsAdmin):
    """Planning one consultation. Every moment on its page is in the event's own time zone."""

    form = ConsultationForm
    list_display = ("title", "code", "series", "state_label", "city", "starts_on", "feeds_into")
    list_filter = ("state", "kind", "series")
    list_select_related = ("series", "feeds_into")
    search_fields = ("title", "code", "city", "country")
    autocomplete_fields = ("host", "partners", "feeds_into", "areas")
    readonly_fields: tuple[str, ...] = ("state", "life")
    inlines = (SessionInline, TargetInline, RegionTargetInline)
    ordering = ("series", "order", "pk")
    fieldsets: tuple[Any, ...] = (
        (None, {"fields": ("state", "life", "series", "title", "code", ("kind", "order"), "description")}),
        (
            _("When and where"),
            {
                "fields": (("city", "country"), "venue", ("starts_on", "ends_on"), "time_zone", "places"),
                "description": _(
                    "Dates and times are those of the place itself. Leave open what is not decided yet. Once it is "
                    "announced, everybody who was invited is told by mail when date or place change."
                ),
            },
        ),
        (
            _("Who invites"),
            {"fields": ("host", "partners")},
        ),
        (
            _("Inputs"),
            {
                "fields": ("areas", "inputs_open_at", "inputs_close_at", "default_attribution", "languages"),
                "description": _(
                    "The window is told and kept in the event's own time zone: type it as clocks show it there."
                ),
            },
        ),
        (
            _("In the series"),
            {
                "fields": ("feeds_into",),
                "description": _("What this consultation concludes is laid before the one that it feeds into."),
            },
        ),
    )
    acts: tuple[Act, ...] = (ANNOUNCE, EXTEND_WINDOW, CLOSE_INPUTS)
    actions_detail: tuple[Any, ...] = ("participants", "announce", "extend_window", "close_inputs")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show and take every moment in the event's own zone, the one that is being typed if it is one."""
        with timezone.override(self._zone(request, object_id)):
            response = super().changeform_view(request, object_id, form_url, extra_context)
            if hasattr(response, "render"):
                response.render()
        return response

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Tell people what the change means for them, once all of it is written."""
        super().save_related(request, form, formsets, change)
        consultation, at = form.instance, timezone.now()
        if "places" in form.changed_data and (moved_up := fill_places(consultation, at=at)):
            told = ngettext(
                "%(number)s person who waited has a place now, and is told by mail.",
                "%(number)s people who waited have a place now, and are told by mail.",
                moved_up,
            )
            self.message_user(request, told % {"number": moved_up}, messages.SUCCESS)
        takes_place = consultation.is_public and consultation.state not in ConsultationState.ended()
        if takes_place and WHEN_AND_WHERE & set(form.changed_data):
            number = tell_moved(consultation, at=at)
            told = ngettext(
                "%(number)s person is told by mail when and where it is now.",
                "%(number)s people are told by mail when and where it is now.",
                number,
            )
            self.message_user(request, told % {"number": number}, messages.SUCCESS)

    def _zone(self, request: HttpRequest, object_id: str | None) -> ZoneInfo:
        typed = request.POST.get("time_zone", "")
        if typed in available_timezones():
            return ZoneInfo(typed)
        consultation = self.get_object(request, unquote(object_id)) if object_id else None
        return consultation.zone if consultation else ZoneInfo("UTC")

    def get_inlines(self, request: HttpRequest, obj: Consultation | None = None) -> list[Any]:
        """Only a hearing has themes of its own; what kind it is stays once it is planned."""
        return [*self.inlines, ThemeInline] if obj is not None and obj.is_hearing else list(self.inlines)

    def get_readonly_fields(self, request: HttpRequest, obj: Consultation | None = None) -> tuple[str, ...]:
        """Its place in the plan is changed by acts, what has been announced stays, and after the end everything."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is None:
            return fields
        if obj.state in ConsultationState.ended():
            return tuple(flatten_fieldsets(self.get_fieldsets(request, obj)))
        if obj.announced_at:
            return (*fields, *FIXED_BY_ANNOUNCEMENT, "feeds_into")
        tied = ("series",) if obj.feeds_into_id or obj.fed_by.exists() or obj.themes.exists() else ()
        return (*fields, *tied, "kind", "feeds_into")

    def has_delete_permission(self, request: HttpRequest, obj: Consultation | None = None) -> bool:
        """Only a plan can be deleted; what has been announced is cancelled."""
        if obj is not None and obj.state != ConsultationState.PLANNED:
            return False
        return super().has_delete_permission(request, obj)

    @display(
        description=_("State"),
        label={
            ConsultationState.PLANNED: "default",
            ConsultationState.ANNOUNCED: "info",
            ConsultationState.IN_SYNTHESIS: "warning",
            ConsultationState.IN_VALIDATION: "warning",
            ConsultationState.CONCLUDED: "success",
            ConsultationState.CANCELLED: "danger",
        },
    )
    def state_label(self, consultation: Consultation) -> tuple[str, str]:
        return consultation.state, consultation.get_state_display()

    @admin.display(description=_("What has happened"))
    def life(self, consultation: Consultation) -> str:
        told = [
            (_("Announced: %(moment)s."), consultation.announced_at),
            (_("Validation until %(moment)s."), consultation.validation_closes_at),
            (_("Concluded: %(moment)s."), consultation.concluded_at),
            (_("Cancelled: %(moment)s."), consultation.cancelled_at),
        ]
        lines = [text % {"moment": local_moment(moment, consultation)} for text, moment in told if moment]
        return " ".join([*lines, consultation.cancellation_reason]) or "–"

    @action(description=_("Participants"), url_path="participants")
    def participants(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The whole list, from where the invitations are sent."""
        return redirect("consultations:participants", get_object_or_404(Consultation, pk=unquote(object_id)).code)

    @action(description=ANNOUNCE.label, url_path="announce", variant=ActionVariant.PRIMARY)
    def announce(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, ANNOUNCE)

    @action(description=EXTEND_WINDOW.label, url_path="extend-window")
    def extend_window(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, EXTEND_WINDOW)

    @action(description=CLOSE_INPUTS.label, url_path="close-inputs")
    def close_inputs(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.perform(request, object_id, CLOSE_INPUTS)
