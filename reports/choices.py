"""What somebody chooses when they ask for a document; it is part of what an edition freezes."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Paper(models.TextChoices):
    A4 = "a4", _("A4")
    LETTER = "letter", _("US Letter")


class Annex(models.TextChoices):
    """The annexes that one may leave out; the index of references always stands."""

    EVENTS = "events", _("consultations and agendas")
    PARTICIPANTS = "participants", _("participants who agreed to be listed")
    STATISTICS = "statistics", _("statistics")
    INPUTS = "inputs", _("all inputs that may be published")
    CORRECTIONS = "corrections", _("corrections")
    GLOSSARY = "glossary", _("glossary")


class Arrangement(models.TextChoices):
    """By what the chapters of a dossier go; an event report always goes by areas."""

    AREAS = "areas", _("a chapter for each cooperation area")
    THEMES = "themes", _("a chapter for each theme of the hearing")


@dataclass(frozen=True)
class Choices:
    """`language` is one of settings.DOCUMENT_LANGUAGES, `paper` a Paper, `annexes` the Annexes that are wanted,
    `arrangement` an Arrangement.

    A working draft says on every page that it is one, and is never published.
    """

    language: str = "en"
    paper: str = Paper.A4.value
    annexes: tuple[str, ...] = tuple(Annex.values)
    arrangement: str = Arrangement.AREAS.value
    is_draft: bool = False

    @property
    def paper_label(self) -> str:
        return str(Paper(self.paper).label)

    @property
    def arrangement_label(self) -> str:
        return str(Arrangement(self.arrangement).label)

    @property
    def left_out(self) -> list[str]:
        """What the annexes are called that are not wanted."""
        return [str(annex.label) for annex in Annex if annex not in self.annexes]

    def as_data(self) -> dict[str, Any]:
        """Give it as plain data, annexes in their order."""
        return asdict(self) | {"annexes": [annex for annex in Annex.values if annex in self.annexes]}

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Choices":
        """Read what `as_data` gave; what is missing is as it is by default."""
        known = {name.name: data[name.name] for name in fields(cls) if name.name in data}
        return cls(**(known | ({"annexes": tuple(known["annexes"])} if "annexes" in known else {})))
