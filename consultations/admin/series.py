from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from consultations.models import CooperationArea, EarlierMeeting, GuidingQuestion, Region, Series


class AreaForm(forms.ModelForm):
    class Meta:
        model = CooperationArea
        fields = "__all__"  # noqa: DJ007  the admin's fields say which

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        is_renamed = self.instance.pk and {"code", "series"} & set(self.changed_data)
        if is_renamed and self.instance.consultations.public().exists():
            raise ValidationError(
                _("The code “%(code)s” stands in references that people know, so it stays as it is."),
                code="code_is_public",
                params={"code": self.initial["code"]},
            )
        if self.instance.pk and "series" in self.changed_data and self.instance.themes.exists():
            raise ValidationError(
                _("A hearing of this series takes it up in one of its themes, so it stays in the series."),
                code="taken_up",
            )
        return cleaned


class AreaInline(TabularInline):
    model = CooperationArea
    form = AreaForm
    fields = ("order", "code", "title")
    extra = 0
    show_change_link = True
    tab = True


class EarlierMeetingInline(TabularInline):
    model = EarlierMeeting
    fields = ("order", "title", "place")
    extra = 0
    tab = True


class RegionInline(TabularInline):
    model = Region
    fields = ("order", "name", "countries")
    extra = 0
    tab = True


class GuidingQuestionInline(TabularInline):
    model = GuidingQuestion
    fields = ("order", "text")
    extra = 1


class SeriesForm(forms.ModelForm):
    class Meta:
        model = Series
        fields = "__all__"  # noqa: DJ007  the admin's fieldsets say which
        widgets = {"stakeholder_types": UnfoldAdminCheckboxSelectMultipleWidget}


class SeriesAdmin(SimpleHistoryAdmin, ModelAdmin):
    form = SeriesForm
    list_display = ("title", "slug", "number_of_consultations")
    search_fields = ("title", "slug")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields: tuple[str, ...] = ("agreement_rule",)
    inlines = (AreaInline, RegionInline, EarlierMeetingInline)
    fieldsets: tuple[Any, ...] = (
        (None, {"fields": ("title", "slug", "central_question")}),
        (_("Public page"), {"fields": ("summary", "background")}),
        (
            _("Who takes part"),
            {
                "fields": ("stakeholder_types",),
                "description": _("The kinds of stakeholders whose presence is watched and reported."),
            },
        ),
        (
            _("Levels of agreement"),
            {
                "fields": ("agreement_rule",),
                "description": _(
                    "Each consultation takes this rule over when it is announced, and keeps it: a threshold chosen "
                    "after the answers is worth nothing."
                ),
                "classes": ("collapse",),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        return super().get_queryset(request).annotate(number=Count("consultations"))

    @admin.display(description=_("consultations"), ordering="number")
    def number_of_consultations(self, series: Series) -> int:
        number: int = series.number  # type: ignore[attr-defined]
        return number


@admin.register(CooperationArea)
class CooperationAreaAdmin(SimpleHistoryAdmin, ModelAdmin):
    form = AreaForm
    list_display = ("title", "code", "series", "order")
    list_filter = ("series",)
    list_select_related = ("series",)
    search_fields = ("title", "code")
    fields = ("series", "code", "title", "description", "order")
    inlines = (GuidingQuestionInline,)
