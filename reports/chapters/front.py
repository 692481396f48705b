"""What stands first: how to read the document, the summary, the series as planned and as held."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.models import Disposition
from reports.chapters.blocks import Chapter, Data, Listing, Paragraph, Section, Table
from reports.chapters.changes import what_changed
from reports.chapters.grouping import is_by_themes
from reports.chapters.material import Material
from reports.chapters.pictures import map_picture, timeline_picture, turnout_picture
from reports.chapters.themes import by_themes_section
from reports.chapters.wording import dates, listed, quantifier


def how_to_read(material: Material) -> Chapter:
    """Say what references, source lines, dispositions and words for quantities mean."""
    chapter, data = Chapter("how-to-read", _("How to read this")), material.data
    sections = [_on_references, _on_attribution, _on_agreement, _on_quantities]
    if is_by_themes(data):
        sections.insert(0, by_themes_section)
    if len({data["language"], *_languages_of(data)}) > 1:
        sections.append(_on_languages)
    chapter.sections = [section(material) for section in sections]
    return chapter


def _on_references(material: Material) -> Section:
    text = _(
        "Every outcome has a reference such as JHB11-KT-03: the consultation where it was born, its cooperation area, "
        "and a number. It stays the same through all consultations. Inputs have references such as JHB11-I-042. The "
        "paragraphs are numbered so that they can be cited."
    )
    return Section("references", _("References"), [material.paragraph(text)])


def _on_attribution(material: Material) -> Section:
    text = _(
        "Each input is quoted as its author allowed: by name and organisation, by organisation, by stakeholder type "
        "only (the Chatham House Rule: neither identity nor affiliation), or not at all; the last are counted and "
        "nothing more."
    )
    return Section("attribution", _("Who is named"), [material.paragraph(text)])


def _on_agreement(material: Material) -> Section:
    texts = [
        _(
            "What a consultation made of an outcome is its disposition: proposed (born there), reaffirmed, refined, "
            "contested, merged, split, retired or not considered. “Not considered” changes nothing: silence is not "
            "support."
        ),
        _(
            "Participants said where they stand on each text. What their positions amount to follows the rule that was "
            "frozen when the consultation was announced; usually: fewer than 5 answers, or fewer than two stakeholder "
            "types with 3, are too few; nobody against is full consensus; three quarters for it, and no type against "
            "it, is consensus; more than half is broad support with significant opposition; all else is divergence. "
            "Abstentions are shown and not counted. Positions of two consultations are never added up. Where fewer "
            "than 3 of a type answered their answers are not shown by type; dissent is printed in full as its authors "
            "allowed."
        ),
    ]
    return Section("agreement", _("How much agreement there was"), [material.paragraph(text) for text in texts])


def _on_quantities(material: Material) -> Section:
    words = Table(
        _("Words for quantities"),
        [_("Word"), _("Share")],
        [
            [_("most"), _("75 % and more")],
            [_("many"), _("50 to 74 %")],
            [_("some"), _("25 to 49 %")],
            [_("few"), _("less than 25 %")],
        ],
    )
    text = _("Words for quantities are bound to numbers, which stand beside them.")
    return Section("quantities", _("Quantities"), [material.paragraph(text), words])


def _on_languages(material: Material) -> Section:
    text = _(
        "Titles and statements of outcomes, inputs, reasons and quotations, names, and what the series says of itself "
        "stand here in the language in which they were written. Nothing of that was translated for this document."
    )
    return Section("languages", _("Languages"), [material.paragraph(text)])


def _languages_of(data: Data) -> set[str]:
    """Those in which what a document tells was written."""
    return {row["language"] for row in [data["series"], *data["outcomes"], *data["inputs"]]}


def summary(material: Material) -> Chapter:
    """Tell the whole on two pages: counts, what changed since the last edition, and the outcomes of each chapter."""
    chapter = Chapter("summary", _("Summary"))
    says = material.paragraph
    overview = Section("in-brief", _("In brief"))
    overview.blocks = [
        says(material.data["series"]["central_question"], language=material.of_series),
        says(
            ngettext(
                "%(count)s consultation has been concluded: %(which)s.",
                "%(count)s consultations have been concluded: %(which)s.",
                len(material.held),
            )
            % {"count": len(material.held), "which": listed(event["title"] for event in material.held)}
            if material.held
            else _("No consultation has been concluded yet, so this edition has no outcomes.")
        ),
    ]
    overview.blocks += what_was_given(material)
    if total := len(material.outcomes):
        contested = [row for row in material.live if row["standing"] == Disposition.CONTESTED]
        overview.blocks.append(
            says(
                _(
                    "The consultations stand by %(live)s of the outcomes ever concluded; %(contested)s of those "
                    "that stand are contested."
                )
                % {
                    "live": quantifier(len(material.live), total),
                    "contested": quantifier(len(contested), len(material.live)) if material.live else _("none"),
                }
            )
        )
    chapter.sections = [overview, what_changed(material)]
    for group in material.groups:
        language = material.of_series if group.areas else ""
        section = Section(f"summary-{group.key}", group.title, language=language)
        section.blocks = [titles_of(group.told) if group.told else says(_("No outcome stands here yet."))]
        chapter.sections.append(section)
    return chapter


def what_was_given(material: Material) -> list[Paragraph]:
    """Tell how many inputs there were, and what became of them; nothing where there were none."""
    fates = material.inputs_in_all()
    given = sum(fates.values())
    if not given:
        return []
    text = _(
        "Participants gave %(given)s inputs. Of these, %(used)s became evidence of an outcome, %(aside)s were set "
        "aside with a reason, and %(withdrawn)s were withdrawn by their authors."
    )
    numbers = {
        "given": given,
        "used": quantifier(fates["used"], given),
        "aside": quantifier(fates["set_aside"], given),
        "withdrawn": quantifier(fates["withdrawn"], given),
    }
    return [material.paragraph(text % numbers)]


def titles_of(outcomes: list[Data]) -> Listing:
    """List outcomes by their references and titles, each in its own language."""
    return Listing([f"{row['reference']}: {row['title']}" for row in outcomes], [row["language"] for row in outcomes])


def the_series(material: Material) -> Chapter:
    """Tell what was planned and held, who took part, and who was missing."""
    chapter = Chapter("series", _("The series as planned and as held"))
    series = material.data["series"]
    language = material.of_series
    about = Section("about", series["title"], language=language)
    texts = [series["summary"], series["background"]]
    about.blocks = [material.paragraph(text, language=language) for text in texts if text]
    meetings = series["earlier_meetings"]
    if meetings:
        about.blocks.append(material.paragraph(_("The series builds on earlier meetings:")))
        told = [f"{meeting['title']}, {meeting['place']}" for meeting in meetings]
        about.blocks.append(Listing(told, [language] * len(told)))
    plan = Section("plan", _("Consultations"))
    plan.blocks = [
        timeline_picture(material),
        *map_picture(material),
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
                for event in material.data["events"]
            ],
        ),
    ]
    chapter.sections = [about, plan, *(balance_section(material, event) for event in material.held)]
    if not material.held:
        none = Section("who-took-part", _("Who took part"))
        none.blocks = [material.paragraph(_("No consultation has been concluded yet."))]
        chapter.sections.append(none)
    return chapter


def balance_section(material: Material, event: Data) -> Section:
    """Tell who took part in one consultation, and who was missing, by stakeholder type and region."""
    section = Section(f"balance-{event['code']}", _("Who took part: %(event)s") % {"event": event["title"]})
    balance = event["balance"]
    came = balance["came"]
    was_missing, nobody = {
        "attended": (
            _("Who was missing, by those who attended against the target: %(who)s."),
            _("Nobody attended from these stakeholder types: %(who)s."),
        ),
        "accepted": (
            _("Who was missing, by those who accepted against the target: %(who)s."),
            _("Nobody accepted from these stakeholder types: %(who)s."),
        ),
    }[came]
    for rows, name in [(balance["types"], _type_name(material)), (balance["regions"], _region_name)]:
        missing = [row for row in rows if row["target"] and row[came] < row["target"]]
        if missing:
            who = listed(
                _("%(name)s (%(came)s of %(target)s)") % {"name": name(row), "came": row[came], "target": row["target"]}
                for row in missing
            )
            section.blocks.append(material.paragraph(was_missing % {"who": who}))
    absent = [material.type_name(row["type"]) for row in balance["types"] if not row[came]]
    if absent:
        section.blocks.append(material.paragraph(nobody % {"who": listed(absent)}))
    code = {"event": event["code"]}
    section.blocks += turnout_picture(
        f"turnout-types-{event['code']}",
        _("People against targets by stakeholder type at %(event)s") % code,
        balance["types"],
        came=came,
        name=_type_name(material),
    )
    section.blocks.append(
        _people(_("People by stakeholder type at %(event)s") % code, _("Type"), balance["types"], _type_name(material))
    )
    if balance["regions"]:
        section.blocks += turnout_picture(
            f"turnout-regions-{event['code']}",
            _("People against targets by region at %(event)s") % code,
            balance["regions"],
            came=came,
            name=_region_name,
        )
        section.blocks.append(
            _people(_("People by region at %(event)s") % code, _("Region"), balance["regions"], _region_name)
        )
    return section


def _people(title: str, head: str, rows: list[Data], name: Callable[[Data], str]) -> Table:
    return Table(
        title,
        [head, _("Target"), _("Invited"), _("Accepted"), _("Attended"), _("Contributed"), _("Quoted")],
        [
            [
                name(row),
                "–" if row["target"] is None else str(row["target"]),
                *(str(row[stage]) for stage in ["invited", "accepted", "attended", "contributed", "quoted"]),
            ]
            for row in rows
        ],
        empty=_("Nobody was invited through this site."),
    )


def _type_name(material: Material) -> Callable[[Data], str]:
    return lambda row: material.type_name(row["type"])


def _region_name(row: Data) -> str:
    name: str = row["region"]
    return name
