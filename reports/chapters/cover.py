"""What stands on the cover of a document and in its properties, the same in all formats."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.chapters.blocks import Data
from reports.chapters.wording import minute
from reports.models import Document

HOUSE = "The Hague Process on Refugees and Migration"


@dataclass(frozen=True)
class Cover:
    """`name` is what the whole is called in lists of files and windows; the others stand on the cover."""

    name: str
    kind: str
    title: str
    question: str
    edition: str


def cover_of(data: Data) -> Cover:
    """Give what stands on the cover of a dossier or an event report."""
    series, number = data["series"], data["number"]
    event = next(row for row in data["events"] if row["code"] == data["consultation"])
    if data["document"] == Document.REPORT:
        kind = _("Report of %(event)s") % {"event": event["title"]}
        name = _("%(kind)s, edition %(number)s") % {"kind": kind, "number": number}
    else:
        kind = _("Dossier. %(event)s") % {"event": event["title"]}
        name = _("%(series)s: dossier, edition %(number)s") % {"series": series["title"], "number": number}
    known = {"number": number, "moment": minute(data["frozen_at"])}
    edition = _("Edition %(number)s. What was known on %(moment)s (UTC).") % known
    return Cover(name, kind, series["title"], series["central_question"], edition)
