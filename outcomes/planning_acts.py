"""The acts of the admin that change the plan of a running series; each shows its consequences and asks."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from consultations.admin.acts import Act, ActForm, Foresight
from consultations.models import Consultation, ConsultationKind, ConsultationState
from outcomes import replanning
from outcomes.consequences import consequences
from outcomes.plan import Plan


class FeedsIntoForm(ActForm):
    following = forms.ModelChoiceField(
        label=_("Feeds into"),
        queryset=Consultation.objects.none(),
        required=False,
        empty_label=_("none: its outcomes wait"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["following"].queryset = _others(self.consultation)  # type: ignore[attr-defined]


class InsertForm(ActForm):
    """Asks for a consultation that is there, or for what a new one needs to be planned."""

    placed = forms.ModelChoiceField(
        label=_("A consultation that is there already"),
        help_text=_("It is taken out of where it stands, and what feeds into it goes past it."),
        queryset=Consultation.objects.none(),
        required=False,
        empty_label=_("none: a new one, as follows"),
        widget=UnfoldAdminSelectWidget,
    )
    code = forms.CharField(
        label=_("Code of the new one"),
        help_text=_("Short and permanent: it stands in every reference, like JHB11-KT-03."),
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    title = forms.CharField(label=_("Its title"), required=False, widget=UnfoldAdminTextInputWidget)
    kind = forms.ChoiceField(
        label=_("Its kind"), choices=ConsultationKind, required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["placed"].queryset = _others(self.consultation)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Give the consultation alone, there already or made but not saved, whatever it was typed by."""
        typed: dict[str, Any] = self.cleaned_data
        placed = typed.pop("placed", None)
        if placed and (typed.get("code") or typed.get("title")):
            raise ValidationError(
                _("Choose a consultation that is there, or type code and title of a new one; not both."),
                code="both",
            )
        if placed is None and not self.errors:
            placed = Consultation(series=self.consultation.series, **typed)
            try:
                placed.full_clean()
            except ValidationError as fault:
                self._update_errors(fault)
        return {"placed": placed}

    def _update_errors(self, fault: ValidationError) -> None:
        for name, errors in fault.error_dict.items():
            self.add_error(name if name in self.fields else None, errors)


class KindForm(ActForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=ConsultationKind, widget=UnfoldAdminSelectWidget)


def _others(consultation: Consultation) -> Any:
    """What can stand before or after a consultation in the plan."""
    of_series = Consultation.objects.filter(series=consultation.series_id).in_order()
    return of_series.exclude(pk=consultation.pk).exclude(state=ConsultationState.CANCELLED)


def _look_ahead(consultation: Consultation, change: Callable[[Plan], Plan]) -> Foresight:
    plan = Plan.of(consultation.series_id)
    found = consequences(plan, change(plan))
    refusals = found.refusals()
    return Foresight([] if refusals else found.sentences(), refusals)


def foresee_cancelling(consultation: Consultation, *, reason: str) -> Foresight:
    return _look_ahead(consultation, lambda plan: plan.cancelling(consultation.code))


FEED_INTO = Act(
    name="feed_into",
    label=_("Change what it feeds into"),
    explanation=_(
        "What this consultation concludes is laid before the one that it feeds into. Outcomes that are laid already "
        "and that nobody has worked on follow the change; where work has begun, it cannot be made. You see what "
        "will happen before it does."
    ),
    done=_("The plan has changed: what %(title)s feeds into is as you chose."),
    states=frozenset(ConsultationState),
    permission="consultations.change_consultation",
    perform=replanning.feed_into,
    form_class=FeedsIntoForm,
    foresee=lambda consultation, *, following: _look_ahead(
        consultation, lambda plan: plan.feeding(consultation.code, following.code if following else "")
    ),
    initial=lambda consultation: {"following": consultation.feeds_into_id},
)
INSERT_AFTER = Act(
    name="insert_after",
    label=_("Insert a consultation after this one"),
    explanation=_(
        "This consultation feeds into the inserted one, which feeds into what this one fed before. Outcomes that are "
        "laid already and that nobody has worked on move to it. You see what will happen before it does."
    ),
    done=_("The plan has changed: another consultation follows %(title)s now."),
    states=frozenset(ConsultationState) - {ConsultationState.CANCELLED},
    permission="consultations.change_consultation",
    perform=replanning.insert_after,
    form_class=InsertForm,
    foresee=lambda consultation, *, placed: _look_ahead(
        consultation, lambda plan: plan.inserting(placed, after=consultation.code)
    ),
    initial=lambda consultation: {"kind": ConsultationKind.EXPERT_CONSULTATION},
)
CHANGE_KIND = Act(
    name="change_kind",
    label=_("Change its kind"),
    explanation=_(
        "A hearing decides on the outcomes before it; a follow-up takes up what a hearing has adopted. You see what "
        "will happen before it does."
    ),
    done=_("The kind of %(title)s is as you chose."),
    states=frozenset({ConsultationState.PLANNED}),
    permission="consultations.change_consultation",
    perform=replanning.change_kind,
    form_class=KindForm,
    foresee=lambda consultation, *, kind: _look_ahead(
        consultation, lambda plan: plan.becoming(consultation.code, kind)
    ),
    initial=lambda consultation: {"kind": consultation.kind},
)
