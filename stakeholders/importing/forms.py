"""What staff choose on the way of a file into the address book."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminFileFieldWidget

from stakeholders.importing.columns import FIELDS
from stakeholders.importing.tables import DELIMITERS, ENCODINGS, MOST_BYTES
from stakeholders.models import AddressImport, Decision, StakeholderType

EXAMPLES = 3


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"), widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.xlsx"})
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB. Divide it into several files."),
                code="too_large",
                params={"most": MOST_BYTES // 1024 // 1024},
            )
        return file


class ReadingForm(forms.Form):
    """How the file is to be read; of a workbook the sheet, of a text encoding and delimiter."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=gettext_lazy("Between the columns is a"), choices=list(DELIMITERS.items()))

    def __init__(self, *args: Any, address_import: AddressImport, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(address_import, name) for name in ["encoding", "delimiter"]}
        super().__init__(*args, **kwargs)
        rows = [(number, f"{number}: {' · '.join(cells)[:60]}") for number, cells in address_import.sample[:10]]
        self.fields["header_row"] = forms.TypedChoiceField(
            label=_("The headers are in row"), coerce=int, choices=rows, initial=address_import.header_row
        )
        if address_import.kind == AddressImport.Kind.XLSX:
            del self.fields["encoding"], self.fields["delimiter"]
            sheets = [(name, name) for name in address_import.sheets]
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=sheets, initial=address_import.sheet)


class ColumnField(forms.ChoiceField):
    """What one column is about; `examples` are its first cells."""

    def __init__(self, examples: list[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.examples = examples


class ColumnsForm(forms.Form):
    """What each column is about, one question for each."""

    usual_type = forms.ModelChoiceField(
        StakeholderType.objects,
        label=gettext_lazy("Stakeholder type of rows that name none"),
        required=False,
        empty_label=gettext_lazy("none"),
    )

    def __init__(self, *args: Any, address_import: AddressImport, **kwargs: Any) -> None:
        kwargs["initial"] = {"usual_type": address_import.usual_type_id}
        super().__init__(*args, **kwargs)
        about = {place: name for name, place in address_import.columns.items()}
        rows = [cells for number, cells in address_import.sample if number > address_import.header_row]
        headers = address_import.headers
        choices = [("", _("is not imported")), *FIELDS.items()]
        self.places = range(max((len(cells) for cells in [headers, *rows]), default=0))
        for place in self.places:
            header = headers[place].strip() if place < len(headers) else ""
            self.fields[f"column_{place}"] = ColumnField(
                [cells[place] for cells in rows if place < len(cells) and cells[place].strip()][:EXAMPLES],
                label=header or _("Column %(number)s") % {"number": place + 1},
                choices=choices, required=False, initial=about.get(place, ""),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        matched: dict[str, int] = {}
        for place in self.places:
            if name := cleaned.get(f"column_{place}"):
                if name in matched:
                    other = self.fields[f"column_{matched[name]}"].label
                    told = {"field": FIELDS[name], "other": other}
                    self.add_error(f"column_{place}", _("“%(other)s” is the %(field)s already. Choose one.") % told)
                matched[name] = place
        return cleaned | {"matched": matched}

    def columns(self) -> list[forms.BoundField]:
        return [self[f"column_{place}"] for place in self.places]


class DecisionForm(forms.Form):
    """Who the chosen rows are, or with `all` those that are still to decide."""

    decision = forms.ChoiceField(choices=[choice for choice in Decision.choices if choice[0]])
    all = forms.BooleanField(required=False)
