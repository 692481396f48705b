"""What the hearing is asked to decide, what was not taken up and why, and the register of all outcomes."""

from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.models import Disposition, OutcomeKind
from reports.chapters.blocks import Asked, Chapter, Data, Said, Section, Table
from reports.chapters.material import Material
from reports.chapters.wording import became

FOR_DECISION = {OutcomeKind.RECOMMENDATION, OutcomeKind.COMMITMENT}


def for_decision(material: Material) -> Chapter:
    """List what the hearing is asked to adopt, by addressee."""
    chapter = Chapter("for-decision", _("For decision"))
    asked = [row for row in material.live if row["kind"] in FOR_DECISION]
    intro = Section("decision-asked", _("What the hearing is asked to adopt"))
    intro.blocks = [
        material.paragraph(
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
    for slug in [*material.types, ""]:
        if rows := by_addressee.get(slug):
            name = material.types[slug]["plural"] if slug else _("Everybody")
            section = Section(f"decision-{slug or 'all'}", _("Addressed to: %(whom)s") % {"whom": name})
            section.blocks = [
                Asked(next(material.numbers), row, is_contested=row["standing"] == Disposition.CONTESTED)
                for row in rows
            ]
            chapter.sections.append(section)
    return chapter


def not_taken_up(material: Material) -> Chapter:
    """List what was said and set aside, and outcomes that ended, each with its reason."""
    chapter = Chapter("not-taken-up", _("What was said and not taken up, and why"))
    aside = Section("set-aside", _("Inputs that were set aside"))
    aside.blocks = [
        Said(next(material.numbers), row, _("Not taken up: %(reason)s") % {"reason": row["reason"]})
        for row in material.data["inputs"]
        if row["fate"] == "set_aside"
    ] or [material.paragraph(_("No quotable input was set aside."))]
    ended = Section("ended", _("Outcomes that ended"))
    lines = []
    for row in material.data["outcomes"]:
        if row["standing"] in {Disposition.RETIRED, Disposition.NOT_ADOPTED}:
            reason = next((step["reason"] for step in reversed(row["steps"]) if step["reason"]), "")
            lines.append(
                material.paragraph(f"{row['reference']}: {row['title']} – {row['standing_label']}. {reason}".strip())
            )
    ended.blocks = lines or [material.paragraph(_("No outcome was retired."))]
    chapter.sections = [aside, ended]
    return chapter


def register(material: Material) -> Chapter:
    """List every outcome ever concluded, and where it stands."""
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
                    _where_it_stands(row),
                ]
                for row in material.data["outcomes"]
            ],
            empty=_("No outcome has been concluded yet."),
            widest=2,
            anchors=[f"register-{row['reference']}" for row in material.data["outcomes"]],
        )
    ]
    chapter.sections = [section]
    return chapter


def _where_it_stands(row: Data) -> str:
    standing: str = row["standing_label"]
    children = [child["reference"] for child in row["children"]]
    return became(standing, children) if children else standing
