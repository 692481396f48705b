"""What people type at the desk, and the filters of the lists."""

import re
from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Exists, Model, OuterRef, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from consultations.models import Attribution, Consultation, CooperationArea, Input, InputKind, Series
from consultations.queries import ConsultationQuerySet, InputQuerySet
from outcomes.drafting import NewEvidence
from outcomes.fates import FateKind, types_on_the_list
from outcomes.models import Disposition, Holds, Outcome, OutcomeKind, Relation, Stance, Tag, Tagging
from outcomes.models.outcomes import LONGEST_STATEMENT, LONGEST_TITLE
from outcomes.positions import Seen
from outcomes.queries import OutcomeQuerySet, is_set_aside, is_used
from outcomes.search import LONGEST_QUERY, Search
from stakeholders.models import StakeholderType

LONGEST_REASON = 2000
OUTCOME_FOR_INPUT = {
    InputKind.CHALLENGE: OutcomeKind.FINDING,
    InputKind.OPPORTUNITY: OutcomeKind.FINDING,
    InputKind.GOOD_PRACTICE: OutcomeKind.GOOD_PRACTICE,
    InputKind.PROPOSAL: OutcomeKind.RECOMMENDATION,
    InputKind.COMMITMENT: OutcomeKind.COMMITMENT,
    InputKind.QUESTION: OutcomeKind.OPEN_QUESTION,
}
"""The kind of outcome that a draft from an input of each kind begins with; the rapporteur may choose another."""


def lines(number: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": number})


class TextField(forms.CharField):
    """Longer text, its line ends as they are stored."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class OneOfField(forms.TypedChoiceField):
    """One of rows that are there already: neither to show them nor to find what was chosen is a query made."""

    def __init__(self, *, none: Any = "", **options: Any) -> None:
        super().__init__(empty_value=None, **options)
        self.none = none
        self.offer([])

    def offer(self, rows: Iterable[Model]) -> None:
        """Let people choose among these, after `none` of them where it may be left open."""
        known = {str(row.pk): row for row in rows}
        choices: list[tuple[str, Any]] = [(key, str(row)) for key, row in known.items()]
        self.choices = [("", self.none or "---------"), *choices]
        self.coerce = known.__getitem__

    def prepare_value(self, value: Any) -> Any:
        return value.pk if isinstance(value, Model) else value


class TitleField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(label=_("Title"), max_length=LONGEST_TITLE, **options)


class StatementField(TextField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            label=_("Statement"),
            help_text=_(
                "What the consultation stands by, so that it can be read on its own. A blank line starts a paragraph; "
                "“- ” or “1. ” before a line makes it an item of a list, “> ” a quote. Write **strong**, *emphasis*, "
                "and [words](https://…) for a link."
            ),
            max_length=LONGEST_STATEMENT,
            widget=lines(7),
            **options,
        )


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


def numbers_in(typed: Iterable[str]) -> list[int]:
    """Give the numbers of inputs that somebody has sent; what is none is left out."""
    return [int(number) for number in typed if number.isdecimal() and len(number) < 9]


class NumbersField(forms.Field):
    """The numbers of some inputs, from the address."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        return numbers_in(value or [])


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


def evidence_forms(inputs: Iterable[Input], data: Any = None) -> list[EvidenceForm]:
    """One form for each input, bound to `data` where there is some."""
    return [EvidenceForm(data, input=input) for input in inputs]
