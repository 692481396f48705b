"""What organisers type to write to many: the words, to whom, and when."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultations.forms import TypedText
from consultations.models import Consultation, Letter, LetterKind
from stakeholders.languages import language_name
from stakeholders.models import StakeholderType

LONGEST_LETTER = 8000
NOW, LATER = "now", "later"


class LetterForm(forms.Form):
    """To whom a letter goes, and its words in each language of the consultation, of which one is enough."""

    to_everybody = forms.TypedChoiceField(
        label=gettext_lazy("To whom"), widget=forms.RadioSelect, coerce=lambda value: value == "yes"
    )

    def __init__(self, *args: Any, letter: Letter, chosen: int, **kwargs: Any) -> None:
        texts = {text.language: text for text in letter.texts.all()}
        initial = {"to_everybody": "yes" if letter.to_everybody else "no"}
        self.languages = list(dict.fromkeys([*letter.consultation.languages, *texts])) or ["en"]
        for language, text in texts.items():
            initial |= {f"subject_{language}": text.subject, f"text_{language}": text.text}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        everybody = (
            _("Everybody on the list who is not invited by then")
            if letter.kind == LetterKind.INVITATION
            else _("Everybody who was invited and has not answered by then")
        )
        field = cast(forms.ChoiceField, self.fields["to_everybody"])
        field.choices = [("yes", everybody), ("no", _("Only those who are chosen (%(number)s)") % {"number": chosen})]
        is_only_one = len(self.languages) == 1
        for language in self.languages:
            self.fields[f"subject_{language}"] = forms.CharField(
                label=_("Subject"),
                required=is_only_one,
                max_length=150,
                widget=forms.TextInput(attrs={"lang": language}),
            )
            self.fields[f"text_{language}"] = TypedText(
                label=_("Text"),
                required=is_only_one,
                longest=LONGEST_LETTER,
                widget=forms.Textarea(attrs={"rows": 12, "lang": language, "dir": "auto"}),
            )

    def by_language(self) -> list[dict[str, Any]]:
        """The questions of each language, for the page."""
        return [
            {"name": language_name(code), "subject": self[f"subject_{code}"], "text": self[f"text_{code}"]}
            for code in self.languages
        ]

    def texts(self) -> dict[str, tuple[str, str]]:
        """Give the words as the operation takes them."""
        typed = self.cleaned_data
        return {code: (typed[f"subject_{code}"], typed[f"text_{code}"]) for code in self.languages}


class SendForm(forms.Form):
    """Now, or at a moment as the clock at the event's place shows it."""

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        widget=forms.RadioSelect,
        choices=[(NOW, gettext_lazy("Now")), (LATER, gettext_lazy("At the moment below"))],
        initial=NOW,
    )
    day = forms.DateField(label=gettext_lazy("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(
        label=gettext_lazy("Time"), required=False, widget=forms.TimeInput(attrs={"type": "time"}), initial="09:00"
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = consultation.zone
        self.fields["time"].help_text = _("In the event's own time zone, %(zone)s.") % {"zone": self.zone}

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("when") == LATER and not self.errors:
            for name, reason in {"day": _("Choose the day."), "time": _("Choose the time.")}.items():
                if not typed.get(name):
                    self.add_error(name, reason)
            if not self.errors and self.moment(at=timezone.now()) <= timezone.now():
                self.add_error("day", _("This moment has passed. Choose a later one, or send the letter now."))
        return typed

    def moment(self, *, at: datetime) -> datetime:
        """Give when it goes; `at` stands for now."""
        typed = self.cleaned_data
        if typed["when"] == NOW:
            return at
        return datetime.combine(typed["day"], typed["time"], tzinfo=self.zone)


class PeopleFilter(forms.Form):
    """Which people to choose from: by type, by words in name or organisation, and by another consultation to which
    they came, if they agreed there to be invited to later ones.
    """

    q = forms.CharField(label=gettext_lazy("Name or organisation"), required=False, max_length=100)
    type: "forms.ModelChoiceField[StakeholderType]" = forms.ModelChoiceField(
        label=gettext_lazy("Stakeholder type"), queryset=None, required=False, empty_label=gettext_lazy("all")
    )
    came_to: "forms.ModelChoiceField[Consultation]" = forms.ModelChoiceField(
        label=gettext_lazy("Who may be asked again after"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("any or none"),
    )

    def __init__(self, *args: Any, consultation: Consultation, sees_others: bool, **kwargs: Any) -> None:
        """`sees_others`: whether who looks may know who came to other consultations than this one."""
        super().__init__(*args, **kwargs)
        others = Consultation.objects.filter(series=consultation.series_id).exclude(pk=consultation.pk)
        self.fields["type"].queryset = StakeholderType.objects.all()  # type: ignore[attr-defined]
        self.fields["came_to"].queryset = others.in_order()  # type: ignore[attr-defined]
        if not sees_others:
            del self.fields["came_to"]

    def of_people(self, *, person: str, as_whom: str) -> Q:
        """Give the condition on rows that have the person's fields behind `person`, and organisation and type behind
        `as_whom` ("" for the row itself). What is not understood narrows nothing.
        """
        self.is_valid()
        typed = self.cleaned_data
        found = Q()
        if words := typed.get("q"):
            found &= Q(**{f"{person}name__icontains": words}) | Q(**{f"{as_whom}organisation__name__icontains": words})
        if type := typed.get("type"):
            found &= Q(**{f"{as_whom}stakeholder_type": type})
        if consultation := typed.get("came_to"):
            agreed = consultation.participations.filter(answer="accepted", may_be_asked_again=True)
            came = agreed.values("person")
            found &= Q(**{f"{person}pk__in": came})
        return found


class AddressesForm(forms.Form):
    """A list of e-mail addresses, pasted from wherever it was kept."""

    addresses = TypedText(
        label=gettext_lazy("Or a list of e-mail addresses"),
        help_text=gettext_lazy("Paste it: one address after the other, parted by commas, blanks or lines."),
        longest=20000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Paste at least one address.")},
    )
