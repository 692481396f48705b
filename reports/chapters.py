"""From the plain data of a snapshot to the chapters of a dossier (domain.md, “The dossier, chapter by chapter”).

Plain data in, plain data out: no query, no HTML. Paragraphs are numbered through the whole document, so that people can
cite them in the room, and every sentence about an outcome carries its reference.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.models import Disposition, OutcomeKind

Data = dict[str, Any]
FOR_DECISION = {OutcomeKind.RECOMMENDATION, OutcomeKind.COMMITMENT}


@dataclass(frozen=True)
class Paragraph:
    """One numbered paragraph."""

    number: int
    text: str
    block: str = "paragraph"


@dataclass(frozen=True)
class Table:
    """A table; the first cell of each row names the row. `empty` is said where there are no rows."""

    caption: str
    headers: list[str]
    rows: list[list[str]]
    empty: str = ""
    block: str = "table"


@dataclass(frozen=True)
class Entry:
    """One outcome in full, under the number of its paragraph."""

    number: int
    outcome: Data
    way: list[str]
    addressees: str
    reservations: list[str]
    positions: str
    block: str = "outcome"


@dataclass(frozen=True)
class Said:
    """One input in full, under the line that its author allowed."""

    input: Data
    note: str
    block: str = "said"


@dataclass(frozen=True)
class Listing:
    """A plain list; each item is a text."""

    items: list[str]
    block: str = "listing"


@dataclass(frozen=True)
class Chart:
    """The way of outcomes through events: a column for each event, a row for each outcome."""

    title: str
    events: list[str]
    rows: list[Data]
    block: str = "chart"


@dataclass
class Section:
    id: str
    title: str
    blocks: list[Any] = field(default_factory=list)


@dataclass
class Chapter:
    """One chapter; `area` is the place of its cooperation area (1, 2, ...) for its colour, 0 without one."""

    id: str
    title: str
    sections: list[Section] = field(default_factory=list)
    area: int = 0
    is_annex: bool = False


def compose(data: Data) -> list[Chapter]:
    """Give the chapters of a dossier in their order. Every chapter is there; empty ones say so."""
    return Composer(data).chapters()


def quantifier(part: int, whole: int) -> str:
    """Bind a quantity to its word (domain.md): most ≥ 75 %, many 50-74 %, some 25-49 %, few < 25 %, with the numbers.

    >>> quantifier(3, 4)
    'most (3 of 4)'
    """
    numbers = {"part": part, "whole": whole}
    if not part:
        return _("none (of %(whole)s)") % numbers
    if part == whole:
        return _("all (%(whole)s)") % numbers
    share = part / whole
    if share >= 0.75:
        return _("most (%(part)s of %(whole)s)") % numbers
    if share >= 0.5:
        return _("many (%(part)s of %(whole)s)") % numbers
    if share >= 0.25:
        return _("some (%(part)s of %(whole)s)") % numbers
    return _("few (%(part)s of %(whole)s)") % numbers


class Composer:
    """Holds what all chapters look up, and the count of the paragraphs."""

    def __init__(self, data: Data) -> None:
        self.data = data
        self.numbers = count(1)
        self.events: dict[str, Data] = {event["code"]: event for event in data["events"]}
        self.held = [event for event in data["events"] if event["concluded_on"]]
        self.types: dict[str, Data] = {row["slug"]: row for row in data["types"]}
        self.outcomes: dict[str, Data] = {outcome["reference"]: outcome for outcome in data["outcomes"]}
        self.live = [outcome for outcome in data["outcomes"] if outcome["is_live"]]
        self.hearing = self.events[data["hearing"]]

    def chapters(self) -> list[Chapter]:
        found = [self.how_to_read(), self.summary(), self.the_series()]
        found += [self.area(place, area) for place, area in enumerate(self.data["areas"], start=1)]
        found += [self.for_decision(), self.not_taken_up(), self.register()]
        return [*found, *self.annexes()]

    def paragraph(self, text: str) -> Paragraph:
        return Paragraph(next(self.numbers), text)

    def how_to_read(self) -> Chapter:
        chapter = Chapter("how-to-read", _("How to read this"))
        says = self.paragraph
        chapter.sections = [
            Section(
                "references",
                _("References"),
                [
                    says(
                        _(
                            "Every outcome has a reference such as JHB11-KT-03: the consultation where it was born, "
                            "its cooperation area, and a number. It stays the same through all consultations. "
                            "Inputs have references such as JHB11-I-042. The paragraphs are numbered so that they "
                            "can be cited."
                        )
                    )
                ],
            ),
            Section(
                "attribution",
                _("Who is named"),
                [
                    says(
                        _(
                            "Each input is quoted as its author allowed: by name and organisation, by organisation, by "
                            "stakeholder type only (the Chatham House Rule: neither identity nor affiliation), or not "
                            "at all; the last are counted and nothing more."
                        )
                    )
                ],
            ),
            Section(
                "agreement",
                _("How much agreement there was"),
                [
                    says(
                        _(
                            "What a consultation made of an outcome is its disposition: proposed (born there), "
                            "reaffirmed, refined, contested, merged, split, retired or not considered. “Not "
                            "considered” changes nothing: silence is not support. Positions of single participants "
                            "were not recorded, so no level of agreement is given."
                        )
                    )
                ],
            ),
            Section(
                "quantities",
                _("Quantities"),
                [
                    says(_("Words for quantities are bound to numbers, which stand beside them.")),
                    Table(
                        _("Words for quantities"),
                        [_("Word"), _("Share")],
                        [
                            [_("most"), _("75 % and more")],
                            [_("many"), _("50 to 74 %")],
                            [_("some"), _("25 to 49 %")],
                            [_("few"), _("less than 25 %")],
                        ],
                    ),
                ],
            ),
        ]
        return chapter

    def summary(self) -> Chapter:
        chapter = Chapter("summary", _("Summary"))
        says = self.paragraph
        inputs = self._inputs_in_all()
        given = sum(inputs.values())
        overview = Section("in-brief", _("In brief"))
        overview.blocks = [
            says(self.data["series"]["central_question"]),
            says(
                ngettext(
                    "%(count)s consultation has been concluded: %(which)s.",
                    "%(count)s consultations have been concluded: %(which)s.",
                    len(self.held),
                )
                % {"count": len(self.held), "which": ", ".join(event["title"] for event in self.held)}
                if self.held
                else _("No consultation has been concluded yet, so this edition has no outcomes.")
            ),
        ]
        if given:
            overview.blocks.append(
                says(
                    _(
                        "Participants gave %(given)s inputs. Of these, %(used)s became evidence of an outcome, "
                        "%(aside)s were set aside with a reason, and %(withdrawn)s were withdrawn by their authors."
                    )
                    % {
                        "given": given,
                        "used": quantifier(inputs["used"], given),
                        "aside": quantifier(inputs["set_aside"], given),
                        "withdrawn": quantifier(inputs["withdrawn"], given),
                    }
                )
            )
        if total := len(self.outcomes):
            contested = [row for row in self.live if row["standing"] == Disposition.CONTESTED]
            overview.blocks.append(
                says(
                    _(
                        "The consultations stand by %(live)s of the outcomes ever concluded; %(contested)s of those "
                        "that stand are contested."
                    )
                    % {
                        "live": quantifier(len(self.live), total),
                        "contested": quantifier(len(contested), len(self.live)) if self.live else _("none"),
                    }
                )
            )
        chapter.sections = [overview, self._changes()]
        for area in self.data["areas"]:
            first = [row for row in self.live if row["area"] == area["code"]]
            section = Section(f"summary-{area['code']}", area["title"])
            section.blocks = [
                Listing([f"{row['reference']}: {row['title']}" for row in first])
                if first
                else says(_("No outcome stands in this area yet."))
            ]
            chapter.sections.append(section)
        return chapter

    def _changes(self) -> Section:
        section = Section("changes", _("What changed since the last edition"))
        changes = self.data["changes"]
        if changes is None:
            section.blocks = [self.paragraph(_("This is the first edition."))]
            return section
        lines = [
            (_("New outcomes: %(which)s."), changes["new"]),
            (_("Outcomes with a new text: %(which)s."), changes["new_text"]),
            (_("Outcomes that stand differently: %(which)s."), changes["new_standing"]),
        ]
        told = [self.paragraph(line % {"which": ", ".join(names)}) for line, names in lines if names]
        since = {"number": changes["since"]}
        section.title = _("What changed since edition %(number)s") % since
        section.blocks = told or [self.paragraph(_("No outcome changed since edition %(number)s.") % since)]
        return section

    def the_series(self) -> Chapter:
        chapter = Chapter("series", _("The series as planned and as held"))
        series = self.data["series"]
        about = Section("about", series["title"])
        about.blocks = [self.paragraph(text) for text in [series["summary"], series["background"]] if text]
        meetings = series["earlier_meetings"]
        if meetings:
            about.blocks.append(self.paragraph(_("The series builds on earlier meetings:")))
            about.blocks.append(Listing([f"{meeting['title']}, {meeting['place']}" for meeting in meetings]))
        plan = Section("plan", _("Consultations"))
        plan.blocks = [
            Table(
                _("The consultations of the series in the order of the plan"),
                [_("Consultation"), _("Place"), _("Dates"), _("State"), _("Feeds into")],
                [
                    [
                        f"{event['title']} ({event['code']})",
                        event["place"] or _("open"),
                        dates(event),
                        event["state_label"],
                        event["feeds_into"] or "–",
                    ]
                    for event in self.data["events"]
                ],
            )
        ]
        chapter.sections = [about, plan, *(self._balance(event) for event in self.held)]
        if not self.held:
            none = Section("who-took-part", _("Who took part"))
            none.blocks = [self.paragraph(_("No consultation has been concluded yet."))]
            chapter.sections.append(none)
        return chapter

    def _balance(self, event: Data) -> Section:
        section = Section(f"balance-{event['code']}", _("Who took part: %(event)s") % {"event": event["title"]})
        missing = [row for row in event["balance"] if row["target"] and row["accepted"] < row["target"]]
        if missing:
            told = ", ".join(
                _("%(type)s (%(came)s of %(target)s)")
                % {"type": self._type_name(row["type"]), "came": row["accepted"], "target": row["target"]}
                for row in missing
            )
            section.blocks.append(
                self.paragraph(_("Who was missing, by those who accepted against the target: %(who)s.") % {"who": told})
            )
        absent = [
            row["plural"]
            for row in self.data["types"]
            if not any(line["type"] == row["slug"] and line["accepted"] for line in event["balance"])
        ]
        if absent:
            section.blocks.append(
                self.paragraph(_("Nobody accepted from these stakeholder types: %(who)s.") % {"who": ", ".join(absent)})
            )
        section.blocks.append(
            Table(
                _("People by stakeholder type at %(event)s") % {"event": event["code"]},
                [_("Type"), _("Target"), _("Invited"), _("Accepted"), _("Attended"), _("Contributed"), _("Quoted")],
                [
                    [
                        self._type_name(row["type"]),
                        "–" if row["target"] is None else str(row["target"]),
                        *(str(row[name]) for name in ["invited", "accepted", "attended", "contributed", "quoted"]),
                    ]
                    for row in event["balance"]
                ],
                empty=_("Nobody was invited through this site."),
            )
        )
        return section

    def area(self, place: int, area: Data) -> Chapter:
        chapter = Chapter(f"area-{area['code']}", area["title"], area=place)
        rows = [row for row in self.data["outcomes"] if area["code"] in {row["area"], *row["further_areas"]}]
        live = [row for row in rows if row["is_live"] and row["area"] == area["code"]]
        questions = Section(f"{area['code']}-questions", _("Guiding questions"))
        if area["description"]:
            questions.blocks.append(self.paragraph(area["description"]))
        questions.blocks.append(
            Listing(area["questions"]) if area["questions"] else self.paragraph(_("No guiding questions were set."))
        )
        way = Section(f"{area['code']}-lineage", _("The way of the outcomes through the consultations"))
        way.blocks = [self._chart(area, rows) if rows else self.paragraph(_("No outcome was concluded in this area."))]
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
            section.blocks = [self._entry(row) for row in entries] or [self.paragraph(empty)]
            chapter.sections.append(section)
        return chapter

    def _entry(self, outcome: Data) -> Entry:
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
            number=next(self.numbers),
            outcome=outcome,
            way=steps,
            addressees=", ".join(self.types[slug]["plural"] for slug in outcome["addressees"] if slug in self.types),
            reservations=reservations,
            positions=_("Positions were not recorded."),
        )

    def _chart(self, area: Data, rows: list[Data]) -> Chart:
        events = [event["code"] for event in self.held]
        lines = []
        for row in rows:
            labels = {step["event"]: step["label"] for step in row["steps"]}
            marks = {step["event"]: step["disposition"] for step in row["steps"]}
            kin = [child["reference"] for child in row["children"]]
            lines.append(
                {
                    "reference": row["reference"],
                    "cells": [{"label": labels.get(code, ""), "mark": marks.get(code, "")} for code in events],
                    "children": ", ".join(kin),
                }
            )
        title = _("%(area)s: what each consultation made of each outcome") % {"area": area["title"]}
        return Chart(title=title, events=events, rows=lines)

    def for_decision(self) -> Chapter:
        chapter = Chapter("for-decision", _("For decision"))
        asked = [row for row in self.live if row["kind"] in FOR_DECISION]
        intro = Section("decision-asked", _("What the hearing is asked to adopt"))
        intro.blocks = [
            self.paragraph(
                ngettext(
                    "The consultations lay %(count)s recommendation or commitment before the hearing.",
                    "The consultations lay %(count)s recommendations and commitments before the hearing.",
                    len(asked),
                )
                % {"count": len(asked)}
                if asked
                else _("There is nothing to decide yet.")
            )
        ]
        chapter.sections = [intro]
        by_addressee: dict[str, list[Data]] = defaultdict(list)
        for row in asked:
            for slug in row["addressees"] or [""]:
                by_addressee[slug].append(row)
        for slug in [*self.types, ""]:
            if rows := by_addressee.get(slug):
                name = self.types[slug]["plural"] if slug else _("Everybody")
                section = Section(f"decision-{slug or 'all'}", _("Addressed to: %(whom)s") % {"whom": name})
                section.blocks = [
                    self.paragraph(
                        f"{row['reference']}: {row['statement']}"
                        + (" " + _("(contested)") if row["standing"] == Disposition.CONTESTED else "")
                    )
                    for row in rows
                ]
                chapter.sections.append(section)
        return chapter

    def not_taken_up(self) -> Chapter:
        chapter = Chapter("not-taken-up", _("What was said and not taken up, and why"))
        aside = Section("set-aside", _("Inputs that were set aside"))
        aside.blocks = [
            Said(row, _("Not taken up: %(reason)s") % {"reason": row["reason"]})
            for row in self.data["inputs"]
            if row["fate"] == "set_aside"
        ] or [self.paragraph(_("No quotable input was set aside."))]
        ended = Section("ended", _("Outcomes that ended"))
        lines = []
        for row in self.data["outcomes"]:
            if row["standing"] in {Disposition.RETIRED, Disposition.NOT_ADOPTED}:
                reason = next((step["reason"] for step in reversed(row["steps"]) if step["reason"]), "")
                lines.append(
                    self.paragraph(f"{row['reference']}: {row['title']} – {row['standing_label']}. {reason}".strip())
                )
        ended.blocks = lines or [self.paragraph(_("No outcome was retired."))]
        chapter.sections = [aside, ended]
        return chapter

    def register(self) -> Chapter:
        chapter = Chapter("register", _("Register of all outcomes"))
        section = Section("register-all", _("Every outcome ever concluded, and where it stands"))
        section.blocks = [
            Table(
                _("All outcomes"),
                [_("Reference"), _("Title"), _("Kind"), _("Stands as")],
                [
                    [
                        row["reference"],
                        row["title"],
                        row["kind_label"],
                        self._where_it_stands(row),
                    ]
                    for row in self.data["outcomes"]
                ],
                empty=_("No outcome has been concluded yet."),
            )
        ]
        chapter.sections = [section]
        return chapter

    def annexes(self) -> list[Chapter]:
        return [
            self._events_and_agendas(),
            self._participants(),
            self._statistics(),
            self._all_inputs(),
            self._simple("corrections", _("Corrections"), _("No concluded text has been corrected.")),
            self._glossary(),
        ]

    def _simple(self, name: str, title: str, text: str) -> Chapter:
        return Chapter(name, title, [Section(f"{name}-all", title, [self.paragraph(text)])], is_annex=True)

    def _events_and_agendas(self) -> Chapter:
        chapter = Chapter("events", _("Consultations and agendas"), is_annex=True)
        for event in self.data["events"]:
            section = Section(f"event-{event['code']}", f"{event['code']}: {event['title']}")
            hosted = [event["place"], event["venue"], dates(event)]
            section.blocks = [self.paragraph(", ".join(filter(None, hosted)) + ".")]
            if event["host"]:
                partners = ", ".join(event["partners"])
                host = _("Host: %(host)s.") % {"host": event["host"]}
                with_partners = f"{host} " + _("Partners: %(partners)s.") % {"partners": partners}
                section.blocks.append(self.paragraph(with_partners if partners else host))
            if event["cancellation_reason"]:
                reason = {"reason": event["cancellation_reason"]}
                section.blocks.append(self.paragraph(_("Cancelled: %(reason)s") % reason))
            section.blocks.append(
                Table(
                    _("Agenda of %(event)s") % {"event": event["code"]},
                    [_("Session"), _("Kind"), _("Begins"), _("Area")],
                    [
                        [row["title"], row["kind"], row["starts_at"].replace("T", " "), row["area"] or "–"]
                        for row in event["sessions"]
                    ],
                    empty=_("No agenda was published."),
                )
            )
            chapter.sections.append(section)
        return chapter

    def _participants(self) -> Chapter:
        chapter = Chapter("participants", _("Participants who agreed to be listed"), is_annex=True)
        for event in self.data["events"]:
            if not event["participants"]:
                continue
            section = Section(f"participants-{event['code']}", f"{event['code']}: {event['title']}")
            section.blocks = [
                Table(
                    _("Participants of %(event)s") % {"event": event["code"]},
                    [_("Name"), _("Organisation"), _("Stakeholder type"), _("Role")],
                    [
                        [row["name"], row["organisation"] or "–", row["type"], row["role"]]
                        for row in event["participants"]
                    ],
                )
            ]
            chapter.sections.append(section)
        if not chapter.sections:
            return self._simple("participants", chapter.title, _("Nobody has agreed to be listed."))
        return chapter

    def _statistics(self) -> Chapter:
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
                    for event in self.held
                ],
                empty=_("No consultation has been concluded yet."),
            )
        ]
        chapter.sections = [section]
        return chapter

    def _all_inputs(self) -> Chapter:
        chapter = Chapter("inputs", _("All inputs that may be published"), is_annex=True)
        titles = {area["code"]: area["title"] for area in self.data["areas"]}
        for event in self.held:
            for code, title in titles.items():
                rows = [row for row in self.data["inputs"] if row["event"] == event["code"] and row["area"] == code]
                if rows:
                    section = Section(f"inputs-{event['code']}-{code}", f"{event['code']}: {title}")
                    section.blocks = [Said(row, self._fate(row)) for row in rows]
                    chapter.sections.append(section)
        if not chapter.sections:
            return self._simple("inputs", chapter.title, _("There are no inputs that may be published yet."))
        return chapter

    def _glossary(self) -> Chapter:
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

    def _fate(self, row: Data) -> str:
        if row["used_in"]:
            return _("Evidence of %(outcomes)s.") % {"outcomes": ", ".join(row["used_in"])}
        return _("Not taken up: %(reason)s") % {"reason": row["reason"]} if row["reason"] else ""

    def _where_it_stands(self, row: Data) -> str:
        children = ", ".join(child["reference"] for child in row["children"])
        return f"{row['standing_label']} → {children}" if children else row["standing_label"]

    def _type_name(self, slug: str) -> str:
        return self.types[slug]["plural"] if slug in self.types else slug

    def _inputs_in_all(self) -> dict[str, int]:
        fates = ["used", "set_aside", "withdrawn", "open"]
        return {fate: sum(event["inputs"][fate] for event in self.held) for fate in fates}


def dates(event: Data) -> str:
    """“28 June 2011 – 29 June 2011”, one date, or that they are open."""
    first, last = day(event["starts_on"]), day(event["ends_on"])
    if not first:
        return _("dates still open")
    return first if first == last or not last else f"{first} – {last}"


def day(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "j F Y") if iso else ""


def month(iso: str) -> str:
    return date_format(date.fromisoformat(iso), "F Y") if iso else ""
