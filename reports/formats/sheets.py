"""What stands in the tables of an edition: plain rows from its snapshot, a list for each sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from outcomes.markup import as_text
from reports.chapters.blocks import Data
from reports.chapters.cover import cover_of
from reports.chapters.wording import listed
from reports.references import addresses_in
from reports.snapshot import canonical, sha256

Row = list[str | int | None]
STANCES = ["support", "reservations", "abstain", "disagree", "object"]
STAGES = ["invited", "accepted", "attended", "contributed", "quoted"]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its columns as (head, width in characters), and its rows. Texts are texts, counts are numbers."""

    title: str
    columns: list[tuple[str, int]]
    rows: list[Row]


def sheets_of(data: Data) -> list[Sheet]:
    """Give all sheets of an edition, in their order. Empty ones have their heads alone."""
    return [
        _about(data),
        _outcomes(data),
        _texts(data),
        _dispositions(data),
        _evidence(data),
        _positions(data),
        _dissent(data),
        _participation(data),
        _inputs(data),
        _corrections(data),
        _themes(data),
    ]


def _about(data: Data) -> Sheet:
    cover = cover_of(data)
    rows: list[Row] = [
        [_("Document"), cover.name],
        [_("Series"), cover.title],
        [_("Central question"), cover.question],
        [_("Edition"), cover.edition],
        [
            _("Who is named"),
            _(
                "Each input and each reason is told as its author allowed: by name and organisation, by organisation, "
                "by stakeholder type only, or not at all; the last are counted and nothing more."
            ),
        ],
        [
            _("Positions"),
            _(
                "They belong to one consultation and are never added up over several. Where too few of a stakeholder "
                "type answered, their counts are left out, so that nobody can be recognised."
            ),
        ],
        [_("Language"), data["language"]],
        [_("Site"), data["site"]],
        [_("Schema of the frozen data"), data["$schema"]],
        [_("SHA-256 of the frozen data"), sha256(canonical(data))],
    ]
    return Sheet(_("About"), [(_("What"), 28), (_("Says"), 100)], rows)


def _outcomes(data: Data) -> Sheet:
    plural = {row["slug"]: row["plural"] for row in data["types"]}
    addresses = addresses_in(data)
    columns = [
        (_("Reference"), 16), (_("Area"), 8), (_("Further areas"), 12), (_("Themes"), 12), (_("Kind"), 18),
        (_("Title"), 40), (_("Statement"), 70), (_("Addressed to"), 28), (_("Born at"), 10),
        (_("Stands as"), 18), (_("Goes on"), 10),
        (_("Came out of"), 22), (_("Went on in"), 22), (_("Inputs counted only"), 12), (_("Why withdrawn"), 40),
        (_("Address"), 50),
    ]  # fmt: skip
    rows: list[Row] = [
        [
            row["reference"],
            row["area"],
            listed(row["further_areas"]),
            listed(
                theme["code"] for theme in data["themes"] if {row["area"], *row["further_areas"]} & set(theme["areas"])
            ),
            row["kind_label"],
            row["title"],
            as_text(row["statement"]),
            listed(plural.get(slug, slug) for slug in row["addressees"]),
            row["born_at"],
            row["standing_label"],
            _("yes") if row["is_live"] else _("no"),
            listed(kin["reference"] for kin in row["parents"]),
            listed(kin["reference"] for kin in row["children"]),
            row["counted_only"],
            row["withdrawal_reason"],
            addresses[row["reference"]],
        ]
        for row in data["outcomes"]
    ]
    return Sheet(_("Outcomes"), columns, rows)


def _texts(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Text"), 8), (_("Made at"), 10), (_("Title"), 40), (_("Statement"), 80),
        (_("What changed and why"), 50), (_("Correction"), 12),
    ]  # fmt: skip
    rows: list[Row] = [
        [
            outcome["reference"],
            text["number"],
            text["event"],
            text["title"],
            as_text(text["statement"]),
            text["change_note"],
            _("yes") if text["is_correction"] else _("no"),
        ]
        for outcome in data["outcomes"]
        for text in outcome["versions"]
    ]
    return Sheet(_("Texts"), columns, rows)


def _dispositions(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Consultation"), 13), (_("Held on"), 12), (_("Disposition"), 20), (_("Why"), 60),
        (_("Text before"), 12), (_("Text after"), 12),
    ]  # fmt: skip
    rows: list[Row] = [
        [
            outcome["reference"],
            step["event"],
            step["held_on"],
            step["label"],
            step["reason"],
            step["version_before"],
            step["version_after"],
        ]
        for outcome in data["outcomes"]
        for step in outcome["steps"]
    ]
    return Sheet(_("Dispositions"), columns, rows)


def _evidence(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Input"), 16), (_("Relation"), 14), (_("Title of the input"), 40),
        (_("Quoted passage"), 70), (_("Source"), 40), (_("Through"), 16),
    ]  # fmt: skip
    rows: list[Row] = [
        [
            outcome["reference"],
            line["input"],
            line["relation_label"],
            line["title"],
            line["quote"],
            line["source"],
            line["through"],
        ]
        for outcome in data["outcomes"]
        for line in [*outcome["evidence"], *outcome["inherited"]]
    ]
    return Sheet(_("Evidence"), columns, rows)


def _positions(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Consultation"), 13), (_("Stakeholder type"), 24), (_("Level of agreement"), 34),
        (_("Asked"), 8), (_("Support"), 9), (_("With reservations"), 12), (_("Abstain"), 9), (_("Disagree"), 9),
        (_("Object"), 9), (_("Remark"), 44),
    ]  # fmt: skip
    return Sheet(_("Positions"), columns, list(_tallies(data)))


def _tallies(data: Data) -> Iterator[Row]:
    """A row for all who were asked about an outcome at a consultation, and one for each stakeholder type."""
    plural = {row["slug"]: row["plural"] for row in data["types"]}
    for outcome in data["outcomes"]:
        for result in outcome["results"]:
            if not result["level"]:
                continue
            own: Row = [outcome["reference"], result["event"]]
            too_few = "" if result["total"] else _("not shown: too few answers")
            yield [*own, _("All"), result["level_label"], result["asked"], *_counts(result["total"]), too_few]
            for cell in result["types"]:
                remark = "" if cell["counts"] else _("not shown, so that nobody can be recognised")
                if cell["type"] in result["against"]:
                    remark = _("more against than for")
                name = plural.get(cell["type"], cell["type"])
                yield [*own, name, "", cell["asked"], *_counts(cell["counts"]), remark]


def _counts(counts: dict[str, int] | None) -> Row:
    return [counts[stance] if counts else None for stance in STANCES]


def _dissent(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Consultation"), 13), (_("Position"), 26), (_("Reason"), 80), (_("Source"), 40),
        (_("On an earlier text"), 12), (_("Through"), 16),
    ]  # fmt: skip

    def line(outcome: Data, event: str, voice: Data) -> Row:
        earlier = _("yes") if voice["on_earlier_text"] else _("no")
        said = [voice["stance_label"], voice["reason"], voice["source"], earlier, voice["through"]]
        return [outcome["reference"], event, *said]

    rows = []
    for outcome in data["outcomes"]:
        rows += [line(outcome, result["event"], voice) for result in outcome["results"] for voice in result["voices"]]
        rows += [line(outcome, "", voice) for voice in outcome["inherited_objections"]]
    return Sheet(_("Dissent"), columns, rows)


def _participation(data: Data) -> Sheet:
    columns = [
        (_("Consultation"), 13), (_("Counted by"), 18), (_("Of"), 28), (_("Target"), 9), (_("Invited"), 9),
        (_("Accepted"), 9), (_("Attended"), 9), (_("Contributed"), 11), (_("Quoted"), 9),
    ]  # fmt: skip
    plural = {row["slug"]: row["plural"] for row in data["types"]}
    rows: list[Row] = []
    for event in data["events"]:
        if balance := event["balance"]:
            named = [
                *((_("stakeholder type"), plural.get(row["type"], row["type"]), row) for row in balance["types"]),
                *((_("region"), row["region"], row) for row in balance["regions"]),
            ]
            rows += [
                [event["code"], by, name, row["target"], *(row[stage] for stage in STAGES)] for by, name, row in named
            ]
    return Sheet(_("Participation"), columns, rows)


def _inputs(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Consultation"), 13), (_("Area"), 8), (_("Kind"), 16), (_("Title"), 40),
        (_("Text"), 80), (_("Language"), 10), (_("Source"), 40), (_("Used in"), 28), (_("Why not taken up"), 50),
    ]  # fmt: skip
    fields = ["reference", "event", "area", "kind", "title", "text", "language", "source"]
    rows: list[Row] = [
        [*(row[field] for field in fields), listed(row["used_in"]), row["reason"]] for row in data["inputs"]
    ]
    return Sheet(_("Inputs"), columns, rows)


def _corrections(data: Data) -> Sheet:
    columns = [
        (_("Reference"), 16), (_("Consultation"), 13), (_("On"), 12), (_("New text"), 10), (_("Why"), 60),
        (_("Later consultations"), 60),
    ]  # fmt: skip
    decided = {True: _("took it"), False: _("kept what it had"), None: _("has not decided yet")}
    rows: list[Row] = [
        [
            row["outcome"],
            row["event"],
            row["made_on"],
            _("withdrawn") if row["version"] is None else row["version"],
            row["reason"],
            "; ".join(
                " ".join(filter(None, [f"{each['event']}:", decided[each["is_taken"]], each["reason"]]))
                for each in row["decisions"]
            ),
        ]
        for row in data["corrections"]
    ]
    return Sheet(_("Corrections"), columns, rows)


def _themes(data: Data) -> Sheet:
    """The crosswalk: a row for each theme of the hearing and each area that it takes up."""
    columns = [
        (_("Theme"), 10), (_("Title"), 40), (_("What it is about"), 70), (_("Area"), 8), (_("Title of the area"), 30),
    ]  # fmt: skip
    titles = {area["code"]: area["title"] for area in data["areas"]}
    rows: list[Row] = [
        [theme["code"], theme["title"], theme["description"], code, titles.get(code, "")]
        for theme in data["themes"]
        for code in theme["areas"] or [""]
    ]
    return Sheet(_("Themes"), columns, rows)


def cells_of(sheet: Sheet) -> Iterator[list[Any]]:
    """Give the head and the rows of a sheet."""
    yield [head for head, _width in sheet.columns]
    yield from sheet.rows
