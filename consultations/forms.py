"""What participants type: the answer to an invitation, and an input."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.attribution import attribution_line, names_given_away
from consultations.consents import WORDINGS
from consultations.inputs import InputFields
from consultations.models import (
    AgendaSession,
    Attribution,
    ConsentKind,
    Consultation,
    CooperationArea,
    Input,
    InputKind,
    Needs,
    Participation,
)
from consultations.models.inputs import LONGEST_DRAFT, LONGEST_TEXT, LONGEST_TITLE, new_form_key
from stakeholders.languages import language_name
from stakeholders.models import StakeholderType

NOT_TYPED = {"form_key", "revision", "table"}
"""Fields of a form that say which copy it is, or who gave the input, and nothing of the input itself."""
LONGEST_REASON = 1000
LONGEST_NEED = 500
MEANINGS = {
    InputKind.CHALLENGE: gettext_lazy("what stands in the way"),
    InputKind.OPPORTUNITY: gettext_lazy("what could be gained"),
    InputKind.GOOD_PRACTICE: gettext_lazy("what works already, and where"),
    InputKind.PROPOSAL: gettext_lazy("what should be done, and by whom"),
    InputKind.COMMITMENT: gettext_lazy("what you or your organisation will do"),
    InputKind.QUESTION: gettext_lazy("what should be asked or found out"),
}


class TypedText(forms.CharField):
    """Longer text, counted as its author counts it: a line break is one character, whatever the browser sends.

    The browser is not told the limit, because it would silently cut what is pasted; we say by how much it is over.
    """

    widget = forms.Textarea

    def __init__(self, *, longest: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest = longest

    def to_python(self, value: Any) -> str:
        typed: str = super().to_python(value) or ""
        return typed.replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        super().validate(value)
        over = len(value) - self.longest
        if over > 0:
            raise forms.ValidationError(
                ngettext(
                    "This is %(over)d character too long: there is room for %(longest)d. "
                    "What you typed is still here; shorten it.",
                    "This is %(over)d characters too long: there is room for %(longest)d. "
                    "What you typed is still here; shorten it.",
                    over,
                ),
                code="too_long",
                params={"over": over, "longest": self.longest},
            )


class ConsentsForm(forms.Form):
    """Each is asked apart, in the words that are kept with the answer."""

    may_be_listed = forms.BooleanField(
        label=WORDINGS[ConsentKind.LISTING],
        help_text=gettext_lazy("It has nothing to do with how your inputs are quoted."),
        required=False,
    )
    may_be_photographed = forms.BooleanField(label=WORDINGS[ConsentKind.PHOTOGRAPHS], required=False)
    may_be_asked_again = forms.BooleanField(
        label=WORDINGS[ConsentKind.FOLLOW_UP],
        help_text=gettext_lazy("You can take back each of these at any time, on the page of your invitation."),
        required=False,
    )

    @classmethod
    def of(cls, participation: Participation) -> "ConsentsForm":
        """Give the form as it was answered last."""
        return cls(initial={kind.value: getattr(participation, kind) for kind in ConsentKind})


class NeedsForm(forms.Form):
    dietary = TypedText(
        label=gettext_lazy("Food"), longest=LONGEST_NEED, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    access = TypedText(
        label=gettext_lazy("Access: steps, hearing, seeing, company"),
        longest=LONGEST_NEED,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    visa = TypedText(
        label=gettext_lazy("Visa and travel"),
        longest=LONGEST_NEED,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    @classmethod
    def of(cls, participation: Participation) -> "NeedsForm":
        """Give the form as it was filled in last."""
        needs = Needs.objects.filter(participation=participation).first()
        return cls(initial={name: getattr(needs, name, "") for name in cls.base_fields})


class AttributionForm(forms.Form):
    """How one input may be quoted from now on."""

    attribution = forms.ChoiceField(label=gettext_lazy("How it may be quoted"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, input: Input, **kwargs: Any) -> None:
        kwargs["initial"] = {"attribution": input.attribution}
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["attribution"]).choices = quoting_choices(input.participation)


class DeclineForm(forms.Form):
    reason = TypedText(
        label=gettext_lazy("Why you cannot come"),
        help_text=gettext_lazy("The organisers read it."),
        longest=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    colleague_name = forms.CharField(
        label=gettext_lazy("Name of a colleague who could come instead"), required=False, max_length=200
    )
    colleague_email = forms.EmailField(
        label=gettext_lazy("E-mail address of the colleague"),
        help_text=gettext_lazy(
            "The organisers decide whether to ask. Until then nothing is sent; if they do not, it is deleted."
        ),
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        typed: dict[str, Any] = super().clean() or self.cleaned_data
        if typed.get("colleague_name") and not typed.get("colleague_email") and "colleague_email" not in self.errors:
            self.add_error("colleague_email", _("Give the address as well: without it your colleague cannot be asked."))
        if typed.get("colleague_email") and not typed.get("colleague_name"):
            self.add_error("colleague_name", _("Give the name as well, so that the organisers know whom they ask."))
        return typed


class WalkInForm(forms.Form):
    """Somebody who stands at the door and is not on the list."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    type: "forms.ModelChoiceField[StakeholderType]" = forms.ModelChoiceField(
        label=gettext_lazy("Stakeholder type"), queryset=None, empty_label=gettext_lazy("Choose one")
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        help_text=gettext_lazy("With it they can sign in, and give inputs of their own."),
        required=False,
    )

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = consultation.series.stakeholder_types.all()
        self.fields["type"].queryset = types  # type: ignore[attr-defined]


class AttachmentForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("PDF, Word, OpenDocument text, PNG, JPEG or WebP, of at most 10 MB."),
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.odt,.png,.jpg,.jpeg,.webp"}),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )


class ClosingForm(forms.Form):
    """The moment at which something closes, typed as the clock at the event's place shows it."""

    day = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}), initial="17:00")

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = consultation.zone
        self.fields["time"].help_text = _("In the event's own time zone, %(zone)s.") % {"zone": self.zone}

    def moment(self) -> datetime:
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], tzinfo=self.zone)


class InputForm(forms.Form):
    """An input as it is typed. A draft may lack anything; what is submitted may not."""

    area: "forms.ModelChoiceField[CooperationArea]" = forms.ModelChoiceField(
        label=gettext_lazy("Cooperation area"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose the cooperation area that it belongs to."),
            "invalid_choice": gettext_lazy("This consultation does not work on that area. Choose one of those shown."),
        },
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what kind of input it is.")},
    )
    title = TypedText(
        label=gettext_lazy("Title"),
        help_text=format_lazy(
            gettext_lazy("One line that says it all. At most {longest} characters."), longest=LONGEST_TITLE
        ),
        longest=LONGEST_TITLE,
        widget=forms.TextInput,
        error_messages={"required": gettext_lazy("Give it a title, so that it can be found again.")},
    )
    text = TypedText(
        label=gettext_lazy("Text"),
        help_text=format_lazy(
            gettext_lazy(
                "Write as you would say it in the room: whole sentences can be quoted. At most {longest} characters."
            ),
            longest=LONGEST_TEXT,
        ),
        longest=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 12}),
        error_messages={"required": gettext_lazy("Write the text before you submit. A draft can wait for it.")},
    )
    attribution = forms.ChoiceField(
        label=gettext_lazy("How it may be quoted"),
        help_text=gettext_lazy(
            "The organisers and the programme staff see who wrote an input; everybody else sees no more than what you "
            "choose here. Where few people of your kind take part, readers may still guess."
        ),
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(label=gettext_lazy("Language in which you write"))
    session: "forms.ModelChoiceField[AgendaSession]" = forms.ModelChoiceField(
        label=gettext_lazy("Session of the agenda"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("No session in particular"),
    )
    bears_on = forms.CharField(
        label=gettext_lazy("Earlier outcome that it bears on"),
        help_text=gettext_lazy(
            "Rapporteurs read it beside that outcome. It may support it, change it or speak against it."
        ),
        required=False,
        max_length=24,
        widget=forms.HiddenInput,
    )
    """A reference. The page offers those of the outcomes before the consultation, which are not known here."""
    form_key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=32)
    """Names this copy of the form, so that sending it twice gives one input."""
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    """That of the input which this form shows; 0 while there is none."""

    def __init__(self, *args: Any, participation: Participation, input: Input | None = None, **kwargs: Any) -> None:
        self.participation = participation
        consultation = participation.consultation
        given = _given(input) if input else {"attribution": consultation.default_attribution}
        kwargs["initial"] = {"form_key": new_form_key(), "revision": 0} | given | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.is_to_submit = "submit" in self.data
        languages = list(dict.fromkeys([*consultation.languages, *([input.language] if input else [])]))
        offers = {
            "kind": [(kind.value, f"{capfirst(str(kind.label))}: {meaning}") for kind, meaning in MEANINGS.items()],
            "attribution": quoting_choices(participation),
            "language": [(code, language_name(code)) for code in languages],
        }
        for name, choices in offers.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        self.fields["area"].queryset = consultation.areas.all()  # type: ignore[attr-defined]
        self.fields["session"].queryset = consultation.sessions.all()  # type: ignore[attr-defined]
        if len(languages) == 1:
            self.fields["language"].widget = forms.HiddenInput()
            self.initial["language"] = languages[0]
        if not consultation.sessions.exists():
            del self.fields["session"]

    def full_clean(self) -> None:
        """Ask for everything only of what is submitted. The page goes on to show what that will need."""
        if not self.is_to_submit:
            self._need(False, longest=LONGEST_DRAFT)
        super().full_clean()
        self._need(True, longest=LONGEST_TEXT)

    def _need(self, required: bool, *, longest: int) -> None:
        for name in ["area", "kind", "title", "text"]:
            self.fields[name].required = required
        self.fields["text"].longest = longest  # type: ignore[attr-defined]

    def typed(self) -> InputFields:
        """Give what was typed and found valid, as the operations take it."""
        typed: Any = {name: value for name, value in self.cleaned_data.items() if name not in NOT_TYPED}
        return cast(InputFields, typed)

    def names_given_away(self) -> list[str]:
        """Give the names in what is submitted that tell more than its author chose, unless that was seen already."""
        if not self.is_to_submit or self.data["submit"] == "anyway":
            return []
        words = f"{self.cleaned_data['title']}\n{self.cleaned_data['text']}"
        return names_given_away(words, participation=self.participation, attribution=self.cleaned_data["attribution"])

    def chosen_line(self) -> str:
        """The line that would stand under this person's words as they chose to be quoted."""
        chosen = Input(participation=self.participation, attribution=self.cleaned_data["attribution"])
        return attribution_line(chosen)

    def copy_in_hand(self) -> dict[str, Any]:
        """Give which copy of the form this is and what it showed, as the operations take it."""
        return {name: self.cleaned_data[name] for name in ["form_key", "revision"]}

    def take_over(self, revision: int) -> None:
        """Let what was typed stand, now that it is known what was saved elsewhere: the next time it is written over."""
        data = cast(QueryDict, self.data).copy()
        data["revision"] = str(revision)
        self.data = data


class EnteredInputForm(InputForm):
    """An input as staff write it down for somebody, or for a whole table."""

    table = forms.CharField(
        label=gettext_lazy("Table that gave it together"),
        help_text=gettext_lazy(
            "Its name, such as “Table 3”. The input is then quoted as said by several participants at one table, and "
            "the person named above is who spoke for them."
        ),
        required=False,
        max_length=60,
    )


class SheetForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        help_text=gettext_lazy("XLSX or CSV, at most 500 rows."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Choose a file first.")},
    )


def quoting_choices(participation: Participation) -> list[tuple[str, str]]:
    """Give each way to be quoted with the very line that this person's words would get under them."""

    def line(attribution: Attribution) -> str:
        return attribution_line(Input(participation=participation, attribution=attribution))

    choices: list[tuple[TextChoices, str]] = [
        (Attribution.NAMED, _("With my name: “%(line)s”") % {"line": line(Attribution.NAMED)}),
        (
            Attribution.ORGANISATION,
            _("With my organisation, without my name: “%(line)s”") % {"line": line(Attribution.ORGANISATION)},
        ),
        (
            Attribution.TYPE,
            _("“%(line)s”: neither my name nor my organisation") % {"line": line(Attribution.TYPE)},
        ),
        (
            Attribution.UNPUBLISHED,
            _("Not at all: rapporteurs and organisers read it, it is counted, and not a word of it is published"),
        ),
    ]
    if not participation.organisation:
        del choices[1]
    return [(attribution.value, words) for attribution, words in choices]


def _given(input: Input) -> dict[str, Any]:
    return {
        "area": input.area_id,
        "kind": input.kind,
        "title": input.title,
        "text": input.text,
        "attribution": input.attribution,
        "language": input.language,
        "session": input.session_id,
        "bears_on": input.bears_on,
        "form_key": input.form_key,
        "revision": input.revision,
    }
