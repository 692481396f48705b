"""The pictures of a dossier, each with a title and a description; words or tables beside them say the same."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from consultations.models import ConsultationState
from reports.chapters.blocks import Data, Picture
from reports.chapters.material import Material
from reports.pictures.participation import Turnout, participation
from reports.pictures.sheet import Sheet
from reports.pictures.support import Answers, Round, support
from reports.pictures.timeline import Meeting, timeline
from reports.pictures.world import Place, world


def turnout_picture(id: str, title: str, rows: list[Data], *, came: str, name: Callable[[Data], str]) -> list[Any]:
    """Draw who was invited and who came against the targets; nothing where nobody was invited.

    `came` is the stage of the balance that the targets are about.
    """
    if not rows:
        return []
    drawing = participation(
        [Turnout(name(row), row["target"], row["invited"], row[came]) for row in rows], sheet=_sheet()
    )
    description = {
        "attended": _(
            "A bar for each: a frame as long as people were invited, filled as far as they attended. An upright line "
            "marks the target. The table after it says the same."
        ),
        "accepted": _(
            "A bar for each: a frame as long as people were invited, filled as far as they accepted. An upright line "
            "marks the target. The table after it says the same."
        ),
    }[came]
    return [Picture(id, title, description, "participation", drawing)]


def timeline_picture(material: Material) -> Picture:
    """Draw the series in time."""
    meetings = [
        Meeting(
            event["code"],
            event["title"],
            date.fromisoformat(event["starts_on"]) if event["starts_on"] else None,
            _sign(event),
            event["is_hearing"],
            event["feeds_into"],
        )
        for event in material.data["events"]
    ]
    return Picture(
        "picture-time",
        _("The series in time"),
        _(
            "A row for each consultation, with a sign on its date: filled where it was held, hollow where it is "
            "planned, a cross where it was cancelled, square for the hearing. Arrows show what feeds into what. Signs "
            "without a date stand last. The table of consultations says the same."
        ),
        "timeline",
        timeline(meetings, sheet=_sheet()),
    )


def map_picture(material: Material) -> list[Any]:
    """Draw where the consultations are held; nothing where no place is known."""
    rows = [event for event in material.data["events"] if event["place"]]
    drawing = world([Place(row["code"], row["time_zone"], _sign(row), row["is_hearing"]) for row in rows])
    if not drawing.spots:
        return []
    return [
        Picture(
            "picture-map",
            _("Where the consultations are held"),
            _(
                "A map of the world with a sign for each consultation at the principal place of its time zone: filled "
                "where it was held, hollow where it is planned, a cross where it was cancelled, square for the "
                "hearing. The table of consultations names the places."
            ),
            "world",
            drawing,
        )
    ]


def support_picture(material: Material, outcome: Data) -> Picture | None:
    """Draw the answers on an outcome by stakeholder type and event; None where nobody answered."""
    rounds = [
        Round(
            _("%(event)s: %(level)s") % {"event": result["event"], "level": result["level_label"]},
            [
                Answers(_("All"), result["total"]),
                *(Answers(material.type_name(cell["type"]), cell["counts"]) for cell in result["types"]),
            ],
        )
        for result in outcome["results"]
        if result["total"]
    ]
    if not rounds:
        return None
    words = {
        "support": _("support"),
        "reservations": _("with reservations"),
        "abstain": _("abstention"),
        "disagree": _("disagreement"),
        "object": _("objection"),
    }
    return Picture(
        f"support-{outcome['reference']}",
        _("Support for %(outcome)s by stakeholder type") % {"outcome": outcome["reference"]},
        _(
            "A bar for each stakeholder type at each consultation, as long as people answered, in five textures: "
            "support, support with reservations, abstention, disagreement, objection. The list of the answers says "
            "the same."
        ),
        "support",
        support(rounds, words=words, sheet=_sheet()),
    )


def _sheet() -> Sheet:
    return Sheet(is_mirrored=get_language_bidi())


def _sign(event: Data) -> str:
    if event["state"] == ConsultationState.CANCELLED:
        return "cancelled"
    return "held" if event["state"] in {*ConsultationState.in_work(), ConsultationState.CONCLUDED} else "planned"
