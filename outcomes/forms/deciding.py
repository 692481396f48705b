"""What is typed where somebody decides: reasons, corrected texts, and answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from outcomes.forms.fields import LONGEST_REASON, StatementField, TextField, TitleField, lines


class ReasonForm(forms.Form):
    """A reason for an act, needed or not; `hint` says who will read it."""

    reason = TextField(label=_("Reason"), max_length=LONGEST_REASON, widget=lines(3))

    def __init__(self, *args: Any, needed: bool = True, hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = needed
        self.fields["reason"].help_text = hint


class RevisionForm(forms.Form):
    """Which revision of a text somebody read before they wrote."""

    revision = forms.IntegerField(min_value=1)


class CorrectionForm(forms.Form):
    """The corrected text of a concluded outcome."""

    title = TitleField()
    statement = StatementField()
    reason = TextField(
        label=_("Why it is corrected"),
        max_length=LONGEST_REASON,
        widget=lines(3),
        help_text=_("It is published beside the new text."),
    )


class FlagForm(forms.Form):
    """What a desk decides about a text that was corrected or withdrawn where it came from."""

    is_taken = forms.TypedChoiceField(
        label=_("What do you do?"),
        choices=[("yes", _("take the change")), ("no", _("keep what we have"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = TextField(
        label=_("Why"),
        required=False,
        max_length=LONGEST_REASON,
        widget=lines(2),
        help_text=_("Needed if you keep what you have."),
    )


class AnswerForm(forms.Form):
    """What the rapporteurs answer to a factual correction."""

    is_accepted = forms.TypedChoiceField(
        label=_("Is it right?"),
        choices=[("yes", _("accept it, and mend the text")), ("no", _("decline it"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    answer = TextField(
        label=_("Answer"),
        required=False,
        max_length=LONGEST_REASON,
        widget=lines(2),
        help_text=_("Who gave the correction reads it. Needed if you decline."),
    )
