"""How much agreement there was on an outcome at each event, and who dissents, in sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.chapters.blocks import Data
from reports.chapters.material import Material
from reports.chapters.wording import capital, listed


def agreement(material: Material, outcome: Data) -> list[str]:
    """Say for each event how many answered and the level that this amounts to, then by stakeholder type.

    Events are never added up. What is too small to be shown was left out of the snapshot.
    """
    told = []
    for result in outcome["results"]:
        if not result["level"]:
            continue
        event = {"event": result["event"], "level": result["level_label"]}
        if result["total"] is None:
            told.append(_("%(event)s: %(level)s.") % event)
            continue
        answered = {**event, "answered": sum(result["total"].values()), "asked": result["asked"]}
        lines = [
            ngettext(
                "%(event)s: %(level)s. %(answered)s of %(asked)s who was asked answered:",
                "%(event)s: %(level)s. %(answered)s of %(asked)s who were asked answered:",
                result["asked"],
            )
            % answered,
            _counts(result["total"]) + ".",
        ]
        lines += [
            _("%(type)s: more against than for.") % {"type": material.types[slug]["plural"]}
            for slug in result["against"]
        ]
        lines += [_of_type(material, cell) for cell in result["types"]]
        told.append(" ".join(lines))
    return told


def dissent(outcome: Data) -> list[str]:
    """Give every reservation and dissent in full under the line that its author allowed, and what is only counted."""
    told = []
    for result in outcome["results"]:
        told += [_voice(voice, result["event"]) for voice in result["voices"]]
        if result["counted_only"]:
            told.append(
                ngettext(
                    "%(event)s: %(count)s more gave a reason that is not to be published.",
                    "%(event)s: %(count)s more gave reasons that are not to be published.",
                    result["counted_only"],
                )
                % {"event": result["event"], "count": result["counted_only"]}
            )
    return told + [_voice(voice, voice["through"]) for voice in outcome["inherited_objections"]]


def _of_type(material: Material, cell: Data) -> str:
    name = {"type": material.types[cell["type"]]["plural"]}
    if cell["counts"] is None:
        return _("%(type)s: not shown, so that nobody can be recognised.") % name
    answered = {**name, "answered": sum(cell["counts"].values()), "asked": cell["asked"]}
    if not answered["answered"]:
        return _("%(type)s: none of %(asked)s.") % answered
    return _("%(type)s, %(answered)s of %(asked)s: %(counts)s.") % {**answered, "counts": _counts(cell["counts"])}


def _counts(counts: Data) -> str:
    """“7 support, 2 with reservations, 1 objects”: what nobody said is left out."""
    words = [
        ("support", _("%(count)s in support")),
        ("reservations", _("%(count)s in support with reservations")),
        ("abstain", _("%(count)s abstaining")),
        ("disagree", _("%(count)s disagreeing")),
        ("object", _("%(count)s objecting")),
    ]
    return listed(text % {"count": counts[name]} for name, text in words if counts[name])


def _voice(voice: Data, where: str) -> str:
    line = _("%(stance)s: “%(reason)s” (%(source)s, %(where)s)") % {
        "stance": capital(voice["stance_label"]),
        "reason": voice["reason"],
        "source": voice["source"],
        "where": where,
    }
    return f"{line} " + _("It was said on the text before it was changed.") if voice["on_earlier_text"] else line
