"""The filters of the lists."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation, CooperationArea, Input, InputKind, Series
from consultations.queries import ConsultationQuerySet, InputQuerySet
from outcomes.fates import FateKind, types_on_the_list
from outcomes.forms.fields import NumbersField, OneOfField
from outcomes.models import Disposition, OutcomeKind, Tag, Tagging
from outcomes.queries import OutcomeQuerySet, is_set_aside, is_used
from outcomes.search import LONGEST_QUERY, Search


class InputFilter(forms.Form):
    """Which inputs of a consultation the desk shows, and in which order."""

    number = NumbersField(required=False)
    q = forms.CharField(
        label=_("Words or reference"),
        max_length=LONGEST_QUERY,
        required=False,
        widget=forms.SearchInput,
        help_text=_("Words in quotes stand side by side. Titles and texts are searched, never names."),
    )
    area = OneOfField(label=_("Area"), required=False, none=_("all areas"))
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all kinds")), *InputKind.choices], required=False)
    type = OneOfField(label=_("Stakeholder type"), required=False, none=_("all types"))
    session = OneOfField(label=_("Session"), required=False, none=_("all sessions"))
    fate = forms.ChoiceField(
        label=_("Fate"),
        required=False,
        choices=[
            ("", _("any")),
            (FateKind.OPEN.value, _("not decided yet")),
            (FateKind.USED.value, _("used")),
            (FateKind.SET_ASIDE.value, _("set aside")),
        ],
    )
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("", _("by area, or best match first")),
            ("area", _("by area")),
            ("number", _("by number")),
            ("newest", _("newest first")),
        ],
    )
    tag = forms.MultipleChoiceField(
        label=_("With all of these tags"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consultation = consultation
        self.areas = list(consultation.areas.all())
        self.types = list(types_on_the_list(consultation))
        self.sessions = list(consultation.sessions.all())
        here = Tagging.objects.filter(tag=OuterRef("pk"), input__consultation=consultation)
        codebook = Tag.objects.filter(series=consultation.series_id).annotate(is_used_here=Exists(here))
        self.codebook = list(codebook.order_by("name"))
        self.tags = {tag.name: tag for tag in self.codebook if tag.is_used_here}
        for name, rows in [("area", self.areas), ("type", self.types), ("session", self.sessions)]:
            self.fields[name].offer(rows)  # type: ignore[attr-defined]
        self.fields["tag"].choices = [(name, name) for name in self.tags]  # type: ignore[attr-defined]

    @cached_property
    def search(self) -> Search:
        self.is_valid()
        return Search(self.cleaned_data.get("q", ""), self.consultation)

    @property
    def references(self) -> list[str]:
        """Those of the inputs that it is narrowed to by their numbers."""
        self.is_valid()
        return [
            Input(consultation=self.consultation, number=number).reference for number in self.cleaned_data["number"]
        ]

    @property
    def is_active(self) -> bool:
        """Whether it leaves anything out."""
        self.is_valid()
        return any(value for name, value in self.cleaned_data.items() if name != "order")

    @property
    def is_by_area(self) -> bool:
        """Whether the inputs are in the order of their areas."""
        self.is_valid()
        return self.cleaned_data.get("order") == "area" or not (self.cleaned_data.get("order") or self.search)

    def choose(self, inputs: InputQuerySet) -> InputQuerySet:
        """Give those that match, in their order; what makes no sense (an old link, a typing slip) is left out."""
        self.is_valid()
        wanted = self.cleaned_data
        if numbers := wanted.get("number"):
            inputs = inputs.filter(number__in=numbers)
        if area := wanted.get("area"):
            inputs = inputs.filter(area=area)
        if kind := wanted.get("kind"):
            inputs = inputs.filter(kind=kind)
        if type := wanted.get("type"):
            inputs = inputs.filter(participation__stakeholder_type=type)
        if session := wanted.get("session"):
            inputs = inputs.filter(session=session)
        for name in wanted.get("tag") or []:
            inputs = inputs.filter(Exists(Tagging.objects.filter(input=OuterRef("pk"), tag=self.tags[name])))
        if self.search:
            inputs = self.search.choose(inputs)
        match wanted.get("fate"):
            case FateKind.OPEN:
                inputs = inputs.exclude(is_used()).exclude(is_set_aside())
            case FateKind.USED:
                inputs = inputs.filter(is_used())
            case FateKind.SET_ASIDE:
                inputs = inputs.filter(is_set_aside()).exclude(is_used())
        return inputs.order_by(*self._order())

    def _order(self) -> list[str]:
        if self.is_by_area:
            return ["area__order", "area__code", "number"]
        match self.cleaned_data.get("order"):
            case "newest":
                return ["-submitted_at", "-number"]
            case "number":
                return ["number"]
            case _:
                return ["-relevance", "number"]


class OutcomeFilter(forms.Form):
    """Which published outcomes of a series are shown."""

    WITHDRAWN = "withdrawn"

    area = forms.ModelChoiceField(
        label=_("Area"),
        queryset=CooperationArea.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("all areas"),
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=[("", _("all kinds")), *OutcomeKind.choices], required=False)
    event = forms.ModelChoiceField(
        label=_("Before or born at"),
        queryset=Consultation.objects.none(),
        required=False,
        to_field_name="code",
        empty_label=_("all consultations"),
    )
    status = forms.ChoiceField(
        label=_("Where it stands"),
        required=False,
        choices=[
            ("", _("any")),
            *(
                (one.value, one.label)
                for one in Disposition
                if one not in {Disposition.NONE, Disposition.NOT_CONSIDERED}
            ),
            (WITHDRAWN, _("withdrawn")),
        ],
    )
    q = forms.CharField(label=_("Words or reference"), max_length=100, required=False, widget=forms.SearchInput)

    def __init__(self, *args: Any, series: Series, events: ConsultationQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = series.areas.all()  # type: ignore[attr-defined]
        self.fields["event"].queryset = events  # type: ignore[attr-defined]
        self.fields["event"].label_from_instance = lambda event: event.title  # type: ignore[attr-defined]

    def choose(self, outcomes: OutcomeQuerySet) -> OutcomeQuerySet:
        """Give those that match, of outcomes loaded `with_standing()`."""
        self.is_valid()
        wanted = self.cleaned_data
        if area := wanted.get("area"):
            outcomes = outcomes.filter(area=area)
        if kind := wanted.get("kind"):
            outcomes = outcomes.filter(kind=kind)
        if event := wanted.get("event"):
            outcomes = outcomes.filter(considerations__consultation=event)
        if status := wanted.get("status"):
            withdrawn = status == self.WITHDRAWN
            outcomes = outcomes.filter(withdrawn_at__isnull=not withdrawn)
            outcomes = outcomes if withdrawn else outcomes.filter(Q(standing=status))
        if words := wanted.get("q"):
            outcomes = outcomes.filter(
                Q(current_title__icontains=words)
                | Q(current_statement__icontains=words)
                | Q(reference__icontains=words)
            )
        return outcomes
