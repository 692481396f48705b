"""What organisers choose when they ask for a document."""

from typing import cast

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from reports.choices import Annex, Arrangement, Choices, Paper


class EditionForm(forms.Form):
    """Language, paper, chapters and annexes of a new edition, and whether it is a working draft.

    By what the chapters go is asked where the hearing has themes.
    """

    language = forms.ChoiceField(
        label=_("Language"),
        help_text=_("Titles, statements, inputs and names stay in the language in which they were written."),
    )
    paper = forms.ChoiceField(label=_("Paper"), choices=Paper.choices, initial=Paper.A4)
    arrangement = forms.ChoiceField(
        label=_("Chapters"),
        help_text=_("By themes, the areas that no theme takes up have a chapter of their own: no outcome is left out."),
        choices=Arrangement.choices,
        initial=Arrangement.AREAS,
        widget=forms.RadioSelect,
    )
    annexes = forms.MultipleChoiceField(
        label=_("Annexes"),
        help_text=_("The index of references always stands."),
        choices=Annex.choices,
        initial=Annex.values,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    is_draft = forms.BooleanField(
        label=_("Working draft"),
        help_text=_("It says so on its cover and at the foot of every page, and can never be published."),
        required=False,
    )

    def __init__(self, *args: object, has_themes: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = settings.DOCUMENT_LANGUAGES
        language.initial = settings.LANGUAGE_CODE
        if not has_themes:
            del self.fields["arrangement"]

    def chosen(self) -> Choices:
        """Give what was chosen, once the form is valid."""
        return Choices(**(self.cleaned_data | {"annexes": tuple(self.cleaned_data["annexes"])}))
