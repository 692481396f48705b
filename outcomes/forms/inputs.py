"""What is done with inputs at the desk: tags and the codebook, what is set aside, and what is used."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation
from outcomes.forms.deciding import ReasonForm
from outcomes.forms.fields import LONGEST_REASON, TextField, lines
from outcomes.models import Outcome, Tag


class TagForm(forms.Form):
    name = forms.CharField(
        label=_("Tag"),
        max_length=Tag.MAX_LENGTH,
        help_text=_("A word of the series' codebook, or a new one."),
        widget=forms.TextInput(attrs={"list": "codebook", "autocomplete": "off"}),
    )


class DescribeTagForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=Tag.MAX_LENGTH)
    description = TextField(
        label=_("What it is for"),
        max_length=LONGEST_REASON,
        required=False,
        widget=lines(3),
        help_text=_("So that all desks of the series mean the same by it."),
    )


class MergeTagForm(forms.Form):
    """Which tag of the codebook another is merged into."""

    into = forms.ModelChoiceField(label=_("Merge it into"), queryset=Tag.objects.none(), empty_label=_("choose a tag"))

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Tag.objects.filter(series=tag.series_id, retired_at__isnull=True).exclude(pk=tag.pk)
        self.fields["into"].queryset = others  # type: ignore[attr-defined]


class SetAsideForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        hint = _("The authors will read this sentence beside their inputs.")
        super().__init__(*args, hint=str(hint), **kwargs)


class UseForm(forms.Form):
    """Which outcome on the table the chosen inputs bear on, by its reference; the page suggests them."""

    outcome = forms.CharField(
        label=_("Outcome"),
        max_length=24,
        help_text=_("Its reference. Type a part of it, or words of its title, and choose."),
        widget=forms.TextInput(attrs={"list": "on-the-table", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consultation = consultation

    def clean_outcome(self) -> Outcome:
        reference = self.cleaned_data["outcome"].strip().upper()
        here = Outcome.objects.filter(considerations__consultation=self.consultation, dropped_at__isnull=True)
        outcome = here.filter(reference=reference).first()
        if outcome is None:
            raise forms.ValidationError(
                _("There is no %(reference)s before or from this consultation. Choose one of the list."),
                code="not_on_the_table",
                params={"reference": reference},
            )
        return outcome
