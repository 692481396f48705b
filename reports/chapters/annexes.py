"""The annexes: consultations and agendas, participants, statistics, inputs, corrections, glossary."""

from collections.abc import Callable, Collection

from django.utils.translation import gettext as _

from reports.chapters.blocks import Chapter, Data, Said, Section, Table
from reports.chapters.material import Material
from reports.chapters.wording import dates, day, listed, minute
from reports.choices import Annex


def annex_writers(wanted: Collection[str]) -> list[Callable[[Material], Chapter]]:
    """Give what writes each of the Annexes that were chosen, in their order; the document makes the index itself."""
    writers = {
        Annex.EVENTS: _events_and_agendas,
        Annex.PARTICIPANTS: _participants,
        Annex.STATISTICS: _statistics,
        Annex.INPUTS: _all_inputs,
        Annex.CORRECTIONS: _corrections,
        Annex.GLOSSARY: _glossary,
    }
    return [write for annex, write in writers.items() if annex in wanted]


def _corrections(material: Material) -> Chapter:
    rows = material.data["corrections"]
    if not rows:
        return _simple(material, "corrections", _("Corrections"), _("No concluded text has been corrected."))
    section = Section("corrections-all", _("What was corrected or withdrawn after the conclusion"))
    for row in rows:
        facts = {"outcome": row["outcome"], "event": row["event"], "date": day(row["made_on"]), "reason": row["reason"]}
        happened = (
            _("%(outcome)s, withdrawn at %(event)s on %(date)s: %(reason)s")
            if row["version"] is None
            else _("%(outcome)s, corrected at %(event)s on %(date)s: %(reason)s")
        )
        lines = [happened % facts]
        for decision in row["decisions"]:
            told = _("%(event)s took it.") if decision["is_taken"] else _("%(event)s kept what it had: %(reason)s")
            if decision["is_taken"] is None:
                told = _("%(event)s has not decided yet.")
            lines.append(told % decision)
        section.blocks.append(material.paragraph(" ".join(lines)))
    return Chapter("corrections", _("Corrections"), [section], is_annex=True)


def _simple(material: Material, name: str, title: str, text: str) -> Chapter:
    return Chapter(name, title, [Section(f"{name}-all", title, [material.paragraph(text)])], is_annex=True)


def _events_and_agendas(material: Material) -> Chapter:
    chapter = Chapter("events", _("Consultations and agendas"), is_annex=True)
    for event in material.data["events"]:
        section = Section(f"event-{event['code']}", f"{event['code']}: {event['title']}", language=material.of_series)
        hosted = [event["place"], event["venue"], dates(event)]
        section.blocks = [material.paragraph(listed(filter(None, hosted)) + ".")]
        if event["host"]:
            partners = listed(event["partners"])
            host = _("Host: %(host)s.") % {"host": event["host"]}
            with_partners = f"{host} " + _("Partners: %(partners)s.") % {"partners": partners}
            section.blocks.append(material.paragraph(with_partners if partners else host))
        if event["cancellation_reason"]:
            reason = {"reason": event["cancellation_reason"]}
            section.blocks.append(material.paragraph(_("Cancelled: %(reason)s") % reason))
        section.blocks.append(
            Table(
                _("Agenda of %(event)s") % {"event": event["code"]},
                [_("Session"), _("Kind"), _("Begins"), _("Area")],
                [
                    [row["title"], row["kind"], minute(row["starts_at"]), row["area"] or "–"]
                    for row in event["sessions"]
                ],
                empty=_("No agenda was published."),
            )
        )
        chapter.sections.append(section)
    return chapter


def _participants(material: Material) -> Chapter:
    chapter = Chapter("participants", _("Participants who agreed to be listed"), is_annex=True)
    for event in material.data["events"]:
        if not event["participants"]:
            continue
        section = Section(
            f"participants-{event['code']}", f"{event['code']}: {event['title']}", language=material.of_series
        )
        section.blocks = [
            Table(
                _("Participants of %(event)s") % {"event": event["code"]},
                [_("Name"), _("Organisation"), _("Stakeholder type"), _("Role")],
                [[row["name"], row["organisation"] or "–", row["type"], row["role"]] for row in event["participants"]],
            )
        ]
        chapter.sections.append(section)
    if not chapter.sections:
        return _simple(material, "participants", chapter.title, _("Nobody has agreed to be listed."))
    return chapter


def _statistics(material: Material) -> Chapter:
    chapter = Chapter("statistics", _("Statistics"), is_annex=True)
    section = Section("statistics-inputs", _("Inputs by consultation and fate"))
    section.blocks = [
        Table(
            _("Inputs by consultation and fate"),
            [_("Consultation"), _("Used"), _("Set aside"), _("Withdrawn"), _("Open"), _("Not to be published")],
            [
                [
                    event["code"],
                    *(str(event["inputs"][name]) for name in ["used", "set_aside", "withdrawn", "open"]),
                    str(event["unpublished_inputs"]),
                ]
                for event in material.held
            ],
            empty=_("No consultation has been concluded yet."),
        )
    ]
    chapter.sections = [section]
    return chapter


def _all_inputs(material: Material) -> Chapter:
    chapter = Chapter("inputs", _("All inputs that may be published"), is_annex=True)
    titles = {area["code"]: area["title"] for area in material.data["areas"]}
    for event in material.held:
        for code, title in titles.items():
            rows = [row for row in material.data["inputs"] if row["event"] == event["code"] and row["area"] == code]
            if rows:
                name = f"inputs-{event['code']}-{code}"
                section = Section(name, f"{event['code']}: {title}", language=material.of_series)
                section.blocks = [Said(next(material.numbers), row, _fate(material, row)) for row in rows]
                chapter.sections.append(section)
    if not chapter.sections:
        return _simple(material, "inputs", chapter.title, _("There are no inputs that may be published yet."))
    return chapter


def _glossary(material: Material) -> Chapter:
    words = [
        (_("Disposition"), _("what a consultation made of an outcome that was before it")),
        (_("Evidence"), _("an input that supports, qualifies or contradicts an outcome")),
        (_("Input"), _("what one participant contributes to one area of one consultation")),
        (_("Lineage"), _("the way of outcomes through texts, merges and splits over all consultations")),
        (_("Outcome"), _("what a consultation stands by; it keeps its reference for good")),
        (_("Roll-forward"), _("laying the outcomes of one consultation before the next")),
    ]
    section = Section("glossary-all", _("Words used in a particular sense"))
    section.blocks = [Table(section.title, [_("Word"), _("Meaning")], [[word, meaning] for word, meaning in words])]
    return Chapter("glossary", _("Glossary"), [section], is_annex=True)


def _fate(material: Material, row: Data) -> str:
    if row["used_in"]:
        return _("Evidence of %(outcomes)s.") % {"outcomes": listed(row["used_in"])}
    return _("Not taken up: %(reason)s") % {"reason": row["reason"]} if row["reason"] else ""
