"""What changed since the edition before, in sentences that carry their references."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.agreement import Level
from outcomes.models import Disposition
from reports.changes import is_nothing
from reports.chapters.blocks import Data, Section
from reports.chapters.material import Material
from reports.chapters.wording import became, listed

PARTS = ("evidence", "positions", "corrections", "inputs", "untold")
INPUTS_AT_MOST = 20
"""How many new inputs the summary names."""


def what_changed(material: Material) -> Section:
    """Tell what came, changed and ended since the edition before; the first edition says that it is the first."""
    changes = material.data["changes"]
    if changes is None:
        return Section(
            "changes", _("What changed since the last edition"), [material.paragraph(_("This is the first edition."))]
        )
    since = {"number": changes["since"]}
    section = Section("changes", _("What changed since edition %(number)s") % since)
    lines = sentences_of(changes)
    if is_nothing(changes):
        lines = [_("Nothing changed since edition %(number)s.") % since, *lines]
    section.blocks = [material.paragraph(line) for line in lines]
    return section


def sentences_of(changes: Data) -> list[str]:
    """Put an account of `reports.changes` into sentences, in the language that is spoken now."""
    return _of_outcomes(changes) + [line for part in PARTS for line in sentences_on(part, changes)]


def sentences_on(part: str, changes: Data) -> list[str]:
    """Put one of the PARTS of such an account into sentences."""
    match part:
        case "evidence":
            return _of_evidence(changes["evidence"])
        case "positions":
            return [_of_positions(row) for row in changes["positions"]]
        case "corrections":
            return [_of_correction(row) for row in changes["corrections"]] + _of_withdrawals(changes)
        case "inputs":
            return _of_inputs(changes)
        case _:
            return _untold(changes["untold"])


def _of_outcomes(changes: Data) -> list[str]:
    """What happened to the outcomes themselves; how else they stand is told of those that nothing above names."""
    named = {row["reference"] for part in ("merged", "split") for row in changes[part]}
    named |= {*changes["contested"], *changes["retired"]}
    others = [row for row in changes["standing"] if row["reference"] not in named]
    lines = [
        (_("New outcomes: %(which)s."), changes["new"]),
        (_("Outcomes with a new text: %(which)s."), changes["refined"]),
        (_("Outcomes that are contested now: %(which)s."), changes["contested"]),
        (_("Merged: %(which)s."), [_into(row) for row in changes["merged"]]),
        (_("Split: %(which)s."), [_into(row) for row in changes["split"]]),
        (_("Outcomes that were retired or not adopted: %(which)s."), changes["retired"]),
        (_("Outcomes that stand differently: %(which)s."), [_stands(row) for row in others]),
    ]
    return [line % {"which": listed(names)} for line, names in lines if names]


def _into(row: Data) -> str:
    return became(row["reference"], row["into"]) if row["into"] else str(row["reference"])


def _stands(row: Data) -> str:
    labels = {way: Disposition(row[way]).label for way in ("from", "to")}
    return _("%(reference)s (%(from)s before, %(to)s now)") % {"reference": row["reference"], **labels}


def _of_evidence(rows: list[Data]) -> list[str]:
    told = []
    for row in rows:
        parts = []
        if row["came"]:
            parts.append(_count("came", row["came"]))
        if row["went"]:
            parts.append(_count("went", row["went"]))
        if row["counted_only"]:
            parts.append(_counted(row["counted_only"]))
        told.append(
            _("Evidence of %(reference)s: %(what)s.") % {"reference": row["reference"], "what": "; ".join(parts)}
        )
    return told


def _counted(more: int) -> str:
    text = (
        ngettext("%(count)s more is counted and not published", "%(count)s more are counted and not published", more)
        if more > 0
        else ngettext(
            "%(count)s fewer is counted and not published", "%(count)s fewer are counted and not published", -more
        )
    )
    return text % {"count": abs(more)}


def _count(way: str, inputs: list[str]) -> str:
    text = (
        ngettext("%(count)s input came in (%(which)s)", "%(count)s inputs came in (%(which)s)", len(inputs))
        if way == "came"
        else ngettext(
            "%(count)s input is no evidence of it any more (%(which)s)",
            "%(count)s inputs are no evidence of it any more (%(which)s)",
            len(inputs),
        )
    )
    return text % {"count": len(inputs), "which": listed(inputs)}


def _of_positions(row: Data) -> str:
    facts = {
        "reference": row["reference"],
        "event": row["event"],
        "from": _level(row["from"], row["answers"][0], row["reasons"][0]),
        "to": _level(row["to"], row["answers"][1], row["reasons"][1]),
    }
    if not row["from"]:
        return _("Positions on %(reference)s came in at %(event)s: %(to)s.") % facts
    if not row["to"]:
        return _("Positions on %(reference)s at %(event)s are told no more; before: %(from)s.") % facts
    return _("Positions on %(reference)s at %(event)s: %(from)s before, %(to)s now.") % facts


def _level(level: str, answers: int | None, reasons: int) -> str:
    """“consensus (9 answers, 1 reservation or dissent printed)”; answers are left out where they are not shown."""
    if not level:
        return ""
    told = []
    if answers is not None:
        told.append(ngettext("%(count)s answer", "%(count)s answers", answers) % {"count": answers})
    if reasons:
        text = ngettext(
            "%(count)s reservation or dissent printed", "%(count)s reservations and dissents printed", reasons
        )
        told.append(text % {"count": reasons})
    label = str(Level(level).label)
    return f"{label} ({listed(told)})" if told else label


def _of_correction(row: Data) -> str:
    if row["is_withdrawal"]:
        return _("%(reference)s was withdrawn after the conclusion of %(event)s.") % row
    return _("The text of %(reference)s was corrected after the conclusion of %(event)s.") % row


def _of_withdrawals(changes: Data) -> list[str]:
    """Those of which no correction tells, since one of the two editions is of an older form."""
    told = {row["reference"] for row in changes["corrections"] if row["is_withdrawal"]}
    names = [name for name in changes["withdrawn"] if name not in told]
    return [_("Outcomes that were withdrawn: %(which)s.") % {"which": listed(names)}] if names else []


def _of_inputs(changes: Data) -> list[str]:
    lines = []
    if came := changes["inputs"]:
        text = ngettext("%(count)s input is new: %(which)s.", "%(count)s inputs are new: %(which)s.", len(came))
        lines.append(text % {"count": len(came), "which": _some(came)})
    if gone := changes["gone"]:
        text = ngettext(
            "%(count)s input is not printed any more: %(which)s.",
            "%(count)s inputs are not printed any more: %(which)s.",
            len(gone),
        )
        lines.append(text % {"count": len(gone), "which": _some(gone)})
    return lines


def _some(references: list[str]) -> str:
    """The first of many; the annex has them all."""
    told = references[:INPUTS_AT_MOST]
    if more := len(references) - len(told):
        return listed([*told, _("and %(count)s more") % {"count": more}])
    return listed(told)


def _untold(parts: list[str]) -> list[str]:
    """Say what cannot be compared, because one of the two editions is of an older form."""
    names = {
        "corrections": _("corrections"),
        "evidence": _("evidence"),
        "inputs": _("inputs"),
        "positions": _("positions"),
    }
    if not parts:
        return []
    which = {"which": listed(names[part] for part in parts)}
    return [_("One of the two editions is of an older form, so that these cannot be compared: %(which)s.") % which]
