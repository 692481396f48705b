"""People and organisations, with the merging of two records: a page shows both, and what will happen."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from consultations.merging import merge_organisations, merge_people, told_of
from consultations.models import Participation
from stakeholders.accounts import person_of
from stakeholders.admin import OrganisationAdmin, PersonAdmin
from stakeholders.merging import OF_A_PERSON, OF_AN_ORGANISATION, what_points_at
from stakeholders.models import Organisation, Person
from stakeholders.refusals import Refused


class ChoiceOfValues(forms.Form):
    """Asks, field by field, of which of two records the value is kept, where both have one and these differ."""

    def __init__(self, *args: Any, kept: Model, other: Model, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.records = {"kept": kept, "other": other}
        self.names = tuple(names)
        for name in self.names:
            values = {which: getattr(record, name) for which, record in self.records.items()}
            if values["kept"] and values["other"] and values["kept"] != values["other"]:
                self.fields[name] = forms.ChoiceField(
                    label=kept._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                    choices=[(which, str(value)) for which, value in values.items()],
                    initial="kept",
                    widget=forms.RadioSelect(attrs={"aria-describedby": f"merge-{name}"}),
                )

    def values(self) -> dict[str, Any]:
        """Give what the record has from now on: what was chosen, else the value that is there."""
        found = {}
        for name in self.names:
            chosen = self.cleaned_data.get(name, "kept")
            found[name] = getattr(self.records[chosen], name) or getattr(self.records["other"], name)
        return found

    def lines(self) -> list[dict[str, Any]]:
        """Give each field with both values, and with the question where there is one."""
        return [
            {
                "name": name,
                "label": self.records["kept"]._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                "kept": getattr(self.records["kept"], name) or "",
                "other": getattr(self.records["other"], name) or "",
                "question": self[name] if name in self.fields else None,
            }
            for name in self.names
        ]


class MergingAdmin(ModelAdmin):
    """A list of which two rows can be merged."""

    merged_fields: tuple[str, ...]
    merge: Callable[..., None]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        merging = path("<path:object_id>/merge/<int:other_id>/", self.admin_site.admin_view(self.merge_view), name=name)
        return [merging, *super().get_urls()]

    def has_merge_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("stakeholders.merge_records"))

    @admin.action(description=_("Merge the two chosen records"), permissions=["merge"])
    def merge_chosen(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseRedirect | None:
        chosen = list(queryset.order_by("pk").values_list("pk", flat=True)[:3])
        if len(chosen) != 2:
            self.message_user(
                request, _("Choose two records that stand for one, no more and no fewer."), messages.WARNING
            )
            return None
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_merge", *chosen)

    def merge_view(self, request: HttpRequest, object_id: str, other_id: int) -> HttpResponse:
        """The page that shows both records and asks; a POST makes them one."""
        if not self.has_merge_permission(request):
            raise PermissionDenied
        kept = self.get_object(request, unquote(object_id))
        if kept is None or kept.pk == other_id:
            raise Http404
        other = get_object_or_404(self.model, pk=other_id)
        form = ChoiceOfValues(request.POST or None, kept=kept, other=other, names=self.merged_fields)
        if request.method == "POST" and form.is_valid():
            try:
                type(self).merge(kept, other, fields=form.values(), by=person_of(request.user), at=timezone.now())
            except Refused as refusal:
                for reason in refusal.reasons:
                    self.message_user(request, reason, messages.ERROR)
            else:
                self.message_user(request, _("Two records of %(name)s are one now.") % {"name": kept}, messages.SUCCESS)
                return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", kept.pk)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        context = {
            **self.admin_site.each_context(request),
            "title": _("Make one record of two"),
            "opts": self.opts,
            "original": kept,
            "kept": kept,
            "other": other,
            "form": form,
            "pointing": what_points_at(kept, other),
            "swapped": reverse(f"{name}_merge", args=[other.pk, kept.pk]),
            "changelist": reverse(f"{name}_changelist"),
            **self.merge_context(kept, other),
        }
        return render(request, "admin/stakeholders/merge.html", context)

    def merge_context(self, kept: Any, other: Any) -> dict[str, Any]:
        """What else there is to say before two records are merged."""
        return {}


@admin.register(Person)
class MergingPersonAdmin(MergingAdmin, PersonAdmin):
    merged_fields = OF_A_PERSON
    merge = staticmethod(merge_people)
    actions = (*PersonAdmin.actions, "merge_chosen")

    def merge_context(self, kept: Person, other: Person) -> dict[str, Any]:
        rows = Participation.objects.filter(person__in=[kept, other])
        rows = rows.select_related("consultation", "organisation", "stakeholder_type", "more_time_by")
        by_place: dict[int, dict[int, Participation]] = {}
        for row in rows.order_by("consultation__order", "consultation_id"):
            by_place.setdefault(row.consultation_id, {})[row.person_id] = row
        both = [pair for pair in by_place.values() if len(pair) == 2]
        return {
            "was_invited": any(other.pk in pair and pair[other.pk].invited_at for pair in by_place.values()),
            "both": [
                {"at": pair[kept.pk].consultation, "told": told_of(pair[kept.pk], pair[other.pk])} for pair in both
            ],
            "accounts": [person.user for person in [kept, other] if person.user],
        }


@admin.register(Organisation)
class MergingOrganisationAdmin(MergingAdmin, OrganisationAdmin):
    merged_fields = OF_AN_ORGANISATION
    merge = staticmethod(merge_organisations)
    actions = (*OrganisationAdmin.actions, "merge_chosen")
