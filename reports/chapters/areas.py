"""A chapter for each cooperation area, with every outcome that stands in it."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.markup import as_text
from outcomes.models import Disposition, OutcomeKind
from reports.chapters.agreement import agreement, dissent
from reports.chapters.blocks import Chapter, Data, Entry, Listing, Quote, Section
from reports.chapters.lineage import lineage_blocks
from reports.chapters.material import Material
from reports.chapters.pictures import support_picture
from reports.chapters.wording import month


def area_chapter(material: Material, place: int, area: Data) -> Chapter:
    """Tell one area: its questions, its chart, and its live outcomes by kind; `place` (1, 2, ...) gives its colour."""
    chapter = Chapter(f"area-{area['code']}", area["title"], area=place)
    rows = [row for row in material.data["outcomes"] if area["code"] in {row["area"], *row["further_areas"]}]
    live = [row for row in material.told if row["area"] == area["code"]]
    questions = Section(f"{area['code']}-questions", _("Guiding questions"))
    if area["description"]:
        questions.blocks.append(material.paragraph(area["description"]))
    questions.blocks.append(
        Listing(area["questions"]) if area["questions"] else material.paragraph(_("No guiding questions were set."))
    )
    way = Section(f"{area['code']}-lineage", _("The way of the outcomes through the consultations"))
    if not material.is_report:
        way.blocks = lineage_blocks(material, area, rows) or [
            material.paragraph(_("No outcome was concluded in this area."))
        ]
    contested = [row for row in live if row["standing"] == Disposition.CONTESTED]
    of_kind = {
        kind: [row for row in live if row["kind"] == kind and row not in contested]
        for kind in (OutcomeKind.GOOD_PRACTICE, OutcomeKind.OPEN_QUESTION)
    }
    others = [row for row in live if row not in contested and row["kind"] not in of_kind]
    stands = _("What the consultation stands by") if material.is_report else _("What the consultations stand by")
    parts = [
        ("outcomes", stands, others, _("No outcome stands here yet.")),
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
    chapter.sections = [questions] if material.is_report else [questions, way]
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
    if material.is_report and (earlier := _text_before(outcome)):
        steps.append(_("The text that was laid before it: “%(text)s”") % {"text": earlier})
    evidence = [*outcome["evidence"], *outcome["inherited"]]
    reservations = [
        _("%(relation)s: “%(quote)s” (%(source)s, %(input)s)")
        % {
            "relation": line["relation_label"].capitalize(),
            "quote": line["quote"] or line["title"],
            "source": line["source"],
            "input": line["input"],
        }
        for line in evidence
        if line["relation"] != "supports"
    ]
    number = next(material.numbers)
    return Entry(
        number=number,
        outcome=outcome,
        facts=_facts(material, outcome),
        way=steps,
        quotes=[
            Quote(f"p{number}-{place}", line, material.language_of(line["input"]))
            for place, line in enumerate(evidence, start=1)
        ],
        reservations=[*reservations, *dissent(outcome)],
        support=support_picture(material, outcome),
        positions=agreement(material, outcome) or [_("Nobody was asked for a position on it.")],
        unquoted=_unquoted(outcome),
    )


def _facts(material: Material, outcome: Data) -> str:
    """What kind of outcome it is, whom it is addressed to, where it stands and what it came out of."""
    kind, known = outcome["kind_label"], [slug for slug in outcome["addressees"] if slug in material.types]
    whom = ", ".join(material.types[slug]["plural"] for slug in known)
    told = [
        _("%(kind)s, addressed to %(whom)s.") % {"kind": capfirst(kind), "whom": whom}
        if whom
        else f"{capfirst(kind)}.",
        _("Stands as: %(standing)s.") % {"standing": outcome["standing_label"]},
        *(_("Out of %(reference)s (%(kind)s, %(event)s).") % parent for parent in outcome["parents"]),
    ]
    return " ".join(told)


def _unquoted(outcome: Data) -> str:
    """How many inputs it rests on that are only counted, or that it rests on none."""
    count = outcome["counted_only"]
    if count:
        return ngettext(
            "%(count)s more input supports the picture; its author did not want it published.",
            "%(count)s more inputs support the picture; their authors did not want them published.",
            count,
        ) % {"count": count}
    return "" if outcome["evidence"] or outcome["inherited"] else _("No input is linked as evidence.")


def _text_before(outcome: Data) -> str:
    """The statement that was laid before the consultation of a report, where it left with another one."""
    step = outcome["steps"][-1]
    texts = {row["number"]: row["statement"] for row in outcome["versions"]}
    before = texts.get(step["version_before"], "")
    return as_text(before) if before != outcome["statement"] else ""
