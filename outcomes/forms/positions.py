"""Where participants stand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consultations.models import Attribution
from outcomes.forms.fields import LONGEST_REASON, TextField, lines
from outcomes.models import Holds, Stance
from outcomes.models.outcomes import LONGEST_STATEMENT
from outcomes.positions import Seen


class PositionForm(forms.Form):
    """Where somebody stands on one outcome, and what is wrong in its text. All of it may be left empty."""

    stance = forms.ChoiceField(label=_("Where do you stand?"), choices=Stance, widget=forms.RadioSelect, required=False)
    holds = forms.ChoiceField(
        label=_("Does it hold where you are?"), choices=Holds, widget=forms.RadioSelect, required=False
    )
    reason = TextField(
        label=_("Why"),
        required=False,
        max_length=LONGEST_REASON,
        widget=lines(3),
        help_text=_("Needed if you disagree or object. It is printed with the outcome, as you allow below."),
    )
    wording = TextField(
        label=_("A better wording"),
        required=False,
        max_length=LONGEST_STATEMENT,
        widget=lines(3),
        help_text=_("For the rapporteurs. It is not published."),
    )
    own_evidence = TextField(
        label=_("Evidence of your own"),
        required=False,
        max_length=LONGEST_STATEMENT,
        widget=lines(3),
        help_text=_("A figure, a case, a document from where you are. For the rapporteurs."),
    )
    facts = TextField(
        label=_("A fact that is wrong"),
        required=False,
        max_length=LONGEST_REASON,
        widget=lines(2),
        help_text=_("Say what is wrong and what is right. The rapporteurs answer you."),
    )
    attribution = forms.ChoiceField(
        label=_("How your words may be quoted"), choices=Attribution, help_text=_("Your position is always counted.")
    )
    seen = forms.RegexField(r"^\d{1,18}\.\d{1,9}\Z", widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        said = [cleaned.get(name) for name in ["holds", "reason", "wording", "own_evidence"]]
        if any(said) and not cleaned.get("stance") and "stance" not in self.errors:
            self.add_error("stance", forms.ValidationError(_("Choose where you stand."), code="no_stance"))
        if cleaned.get("stance") in Stance.dissenting() and not cleaned.get("reason"):
            reason = _("Say why: a dissent is printed with its reason.")
            self.add_error("reason", forms.ValidationError(reason, code="no_reason"))
        return cleaned

    @property
    def position(self) -> dict[str, Any] | None:
        """What `take_position` takes; None where nothing was chosen."""
        names = ["stance", "holds", "reason", "wording", "own_evidence", "attribution"]
        return {name: self.cleaned_data[name] for name in names} if self.cleaned_data["stance"] else None

    def text_seen(self) -> Seen:
        version, revision = self.cleaned_data["seen"].split(".")
        return Seen(int(version), int(revision))
