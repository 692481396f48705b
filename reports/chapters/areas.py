"""A chapter for each cooperation area, with every outcome that stands in it."""

from django.utils.translation import gettext as _

from outcomes.models import Disposition, OutcomeKind
from reports.chapters.agreement import agreement, dissent
from reports.chapters.blocks import Chapter, Data, Entry, Listing, Section
from reports.chapters.lineage import lineage_blocks
from reports.chapters.material import Material
from reports.chapters.wording import month


def area_chapter(material: Material, place: int, area: Data) -> Chapter:
    """Tell one area: its questions, its chart, and its live outcomes by kind; `place` (1, 2, ...) gives its colour."""
    chapter = Chapter(f"area-{area['code']}", area["title"], area=place)
    rows = [row for row in material.data["outcomes"] if area["code"] in {row["area"], *row["further_areas"]}]
    live = [row for row in rows if row["is_live"] and row["area"] == area["code"]]
    questions = Section(f"{area['code']}-questions", _("Guiding questions"))
    if area["description"]:
        questions.blocks.append(material.paragraph(area["description"]))
    questions.blocks.append(
        Listing(area["questions"]) if area["questions"] else material.paragraph(_("No guiding questions were set."))
    )
    way = Section(f"{area['code']}-lineage", _("The way of the outcomes through the consultations"))
    way.blocks = lineage_blocks(material, area, rows) or [
        material.paragraph(_("No outcome was concluded in this area."))
    ]
    contested = [row for row in live if row["standing"] == Disposition.CONTESTED]
    of_kind = {
        kind: [row for row in live if row["kind"] == kind and row not in contested]
        for kind in (OutcomeKind.GOOD_PRACTICE, OutcomeKind.OPEN_QUESTION)
    }
    others = [row for row in live if row not in contested and row["kind"] not in of_kind]
    parts = [
        ("outcomes", _("What the consultations stand by"), others, _("No outcome stands here yet.")),
        (
            "practices",
            _("Good practices"),
            of_kind[OutcomeKind.GOOD_PRACTICE],
            _("No good practice was concluded."),
        ),
        ("divergence", _("Divergence"), contested, _("No outcome of this area is contested.")),
        (
            "questions-open",
            _("Open questions"),
            of_kind[OutcomeKind.OPEN_QUESTION],
            _("No question was left open."),
        ),
    ]
    chapter.sections = [questions, way]
    for name, title, entries, empty in parts:
        section = Section(f"{area['code']}-{name}", title)
        section.blocks = [_entry(material, row) for row in entries] or [material.paragraph(empty)]
        chapter.sections.append(section)
    return chapter


def _entry(material: Material, outcome: Data) -> Entry:
    steps = []
    for step in outcome["steps"]:
        line = _("%(event)s, %(date)s: %(disposition)s") % {
            "event": step["event"],
            "date": month(step["held_on"]) or _("date open"),
            "disposition": step["label"],
        }
        steps.append(f"{line}. {step['reason']}" if step["reason"] else line)
    reservations = [
        _("%(relation)s: “%(quote)s” (%(source)s, %(input)s)")
        % {
            "relation": line["relation_label"].capitalize(),
            "quote": line["quote"] or line["title"],
            "source": line["source"],
            "input": line["input"],
        }
        for line in [*outcome["evidence"], *outcome["inherited"]]
        if line["relation"] != "supports"
    ]
    return Entry(
        number=next(material.numbers),
        outcome=outcome,
        way=steps,
        addressees=", ".join(
            material.types[slug]["plural"] for slug in outcome["addressees"] if slug in material.types
        ),
        reservations=[*reservations, *dissent(outcome)],
        positions=agreement(material, outcome) or [_("Nobody was asked for a position on it.")],
    )
