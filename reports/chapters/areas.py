"""A chapter for each cooperation area, and every outcome in full."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.markup import as_text
from outcomes.models import Disposition, OutcomeKind
from reports.chapters.agreement import agreement, dissent
from reports.chapters.blocks import Chapter, Data, Entry, Listing, Pointer, Quote, Section
from reports.chapters.grouping import Group
from reports.chapters.lineage import lineage_blocks
from reports.chapters.material import Material
from reports.chapters.pictures import support_picture
from reports.chapters.wording import capital, listed, month


def area_chapter(material: Material, group: Group) -> Chapter:
    """Tell one area: its questions, its chart, and its live outcomes by kind."""
    (area,) = group.areas
    chapter = Chapter(group.id, group.title, area=group.place, language=material.of_series)
    rows = [row for row in material.data["outcomes"] if area["code"] in {row["area"], *row["further_areas"]}]
    questions = Section(f"{area['code']}-questions", _("Guiding questions"))
    if area["description"]:
        questions.blocks.append(material.paragraph(area["description"], language=material.of_series))
    questions.blocks.append(
        Listing(area["questions"], [material.of_series] * len(area["questions"]))
        if area["questions"]
        else material.paragraph(_("No guiding questions were set."))
    )
    way = Section(f"{area['code']}-lineage", _("The way of the outcomes through the consultations"))
    if not material.is_report:
        way.blocks = lineage_blocks(material, area, rows) or [
            material.paragraph(_("No outcome was concluded in this area."))
        ]
    chapter.sections = [questions] if material.is_report else [questions, way]
    chapter.sections += outcome_sections(material, group)
    return chapter


def outcome_sections(material: Material, group: Group) -> list[Section]:
    """Tell the outcomes of a group in a section for each sort: first those in full, then those that are only named."""
    stands = _("What the consultation stands by") if material.is_report else _("What the consultations stand by")
    of_sort = {
        "outcomes": (stands, _("No outcome stands here yet.")),
        "practices": (_("Good practices"), _("No good practice was concluded.")),
        "divergence": (_("Divergence"), _("No outcome that stands here is contested.")),
        "questions-open": (_("Open questions"), _("No question was left open.")),
    }
    sections = []
    for sort, (title, empty) in of_sort.items():
        section = Section(f"{group.key}-{sort}", title)
        section.blocks = [_entry(material, row) for row in group.told if _sort_of(row) == sort]
        section.blocks += [_pointer(material, row) for row in group.named if _sort_of(row) == sort]
        section.blocks = section.blocks or [material.paragraph(empty)]
        sections.append(section)
    return sections


def _sort_of(outcome: Data) -> str:
    if outcome["standing"] == Disposition.CONTESTED:
        return "divergence"
    sorts = {OutcomeKind.GOOD_PRACTICE.value: "practices", OutcomeKind.OPEN_QUESTION.value: "questions-open"}
    return sorts.get(outcome["kind"], "outcomes")


def _pointer(material: Material, outcome: Data) -> Pointer:
    """Name an outcome that the chapter of another group tells in full."""
    home = material.home_of(outcome["area"])
    return Pointer(
        next(material.numbers),
        f"{outcome['reference']} {outcome['title']}:",
        _("told in full in chapter %(number)s") % {"number": material.chapter_numbers[home.id]},
        anchor=outcome["reference"],
        heading=home.id,
        language=outcome["language"],
    )


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
            "relation": capital(line["relation_label"]),
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
    whom = listed(material.types[slug]["plural"] for slug in known)
    told = [
        _("%(kind)s, addressed to %(whom)s.") % {"kind": capital(kind), "whom": whom} if whom else f"{capital(kind)}.",
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
