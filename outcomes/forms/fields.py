"""What the forms of the desk are made of."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from outcomes.models.outcomes import LONGEST_STATEMENT, LONGEST_TITLE

LONGEST_REASON = 2000


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


def numbers_in(typed: Iterable[str]) -> list[int]:
    """Give the numbers of inputs that somebody has sent; what is none is left out."""
    return [int(number) for number in typed if number.isdecimal() and len(number) < 9]


class NumbersField(forms.Field):
    """The numbers of some inputs, from the address."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[int]:
        return numbers_in(value or [])
