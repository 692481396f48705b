"""Texts of outcomes and the evidence under them."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation, CooperationArea, Input, InputKind
from outcomes.drafting import NewEvidence
from outcomes.forms.fields import LONGEST_REASON, OneOfField, StatementField, TextField, TitleField, lines
from outcomes.models import OutcomeKind, Relation
from stakeholders.models import StakeholderType

OUTCOME_FOR_INPUT = {
    InputKind.CHALLENGE: OutcomeKind.FINDING,
    InputKind.OPPORTUNITY: OutcomeKind.FINDING,
    InputKind.GOOD_PRACTICE: OutcomeKind.GOOD_PRACTICE,
    InputKind.PROPOSAL: OutcomeKind.RECOMMENDATION,
    InputKind.COMMITMENT: OutcomeKind.COMMITMENT,
    InputKind.QUESTION: OutcomeKind.OPEN_QUESTION,
}
"""The kind of outcome that a draft from an input of each kind begins with; the rapporteur may choose another."""


class OwnDraftForm(forms.Form):
    """The text of an outcome that was born here. Its area is part of its reference, so it stays."""

    kind = forms.ChoiceField(label=_("Kind"), choices=OutcomeKind)
    title = TitleField()
    statement = StatementField()
    addressees = forms.ModelMultipleChoiceField(
        label=_("Addressed to"),
        queryset=StakeholderType.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who is asked to act on it. Choose none where it speaks to everybody."),
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["addressees"].queryset = consultation.series.stakeholder_types.all()  # type: ignore[attr-defined]


class DraftForm(OwnDraftForm):
    """A new outcome, or one that several are merged into."""

    area = OneOfField(label=_("Cooperation area"))

    field_order = ["area", "kind", "title", "statement", "addressees"]

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, consultation=consultation, **kwargs)
        self.fields["area"].offer(consultation.areas.all())  # type: ignore[attr-defined]


class NewTextForm(forms.Form):
    """The text that an outcome leaves this event with, when it came with another."""

    title = TitleField()
    statement = StatementField()
    change_note = TextField(
        label=_("What changed and why"),
        max_length=LONGEST_REASON,
        widget=lines(3),
        help_text=_("It is published beside the new text."),
    )


class PartForm(forms.Form):
    """One of the outcomes that another is split into."""

    area = OneOfField(label=_("Cooperation area"))
    kind = forms.ChoiceField(label=_("Kind"), choices=OutcomeKind)
    title = TitleField()
    statement = StatementField()

    def __init__(self, *args: Any, areas: Iterable[CooperationArea], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].offer(areas)  # type: ignore[attr-defined]


class EvidenceForm(forms.Form):
    """How one input bears on an outcome. It is given the input, which stands beside it on the page."""

    relation = forms.ChoiceField(label=_("What it does to the outcome"), choices=Relation)
    quote = TextField(
        label=_("Quoted passage"),
        required=False,
        widget=lines(3),
        help_text=_("Copy it exactly from the input. Leave it empty to rest on the input as a whole."),
    )
    note = TextField(
        label=_("Note for the desk"),
        required=False,
        max_length=LONGEST_REASON,
        widget=lines(2),
        help_text=_("Why it bears on the outcome. It is not published."),
    )

    def __init__(self, data: Any = None, *, input: Input) -> None:
        super().__init__(data, prefix=f"input-{input.number}")
        self.input = input
        if input.attribution == "unpublished":
            self.fields["quote"].disabled = True
            self.fields["quote"].help_text = _("Its author allows it to be counted, not to be quoted.")

    def clean_quote(self) -> str:
        """Give the passage as it stands in the input, whatever its line breaks became on the way here."""
        typed = self.cleaned_data["quote"]
        words = [re.escape(word) for word in typed.split()]
        found = re.search(r"\s+".join(words), self.input.text)
        if found is None:
            raise forms.ValidationError(
                _("This passage is not literally in %(reference)s. Copy it exactly from the input's text."),
                code="not_literal",
                params={"reference": self.input.reference},
            )
        return found[0]

    def evidence(self) -> NewEvidence:
        return NewEvidence(input=self.input, **self.cleaned_data)


def evidence_forms(inputs: Iterable[Input], data: Any = None) -> list[EvidenceForm]:
    """One form for each input, bound to `data` where there is some."""
    return [EvidenceForm(data, input=input) for input in inputs]
