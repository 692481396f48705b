"""What is printed for the day of a consultation: participants by type, sheets to sign, and badges with a code."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

import qrcode
from django.conf import settings
from django.template.loader import render_to_string

from consultations.attendance import badge_path
from consultations.models import Answer, Consultation, Participation
from reports.rendering import Pdf, render_pdf

SHEETS = {
    "list": "reports/door/list.html",
    "sign-in": "reports/door/sign_in.html",
    "badges": "reports/door/badges.html",
}
"""What there is to print, by the name in its address."""


@dataclass(frozen=True)
class Badge:
    """A name badge; `code` draws the dark parts of its QR code as an SVG path, in a square of `size` parts."""

    participation: Participation
    code: str
    size: int


def door_pdf(consultation: Consultation, what: str) -> Pdf:
    """Print one of SHEETS for everybody who has accepted. Raises JobFailed where this machine cannot make PDFs."""
    coming = list(
        consultation.participations.filter(answer=Answer.ACCEPTED)
        .select_related("person", "organisation", "stakeholder_type", "consultation")
        .order_by("person__name", "pk")
    )
    context: dict[str, Any] = {"consultation": consultation, "coming": coming}
    if what == "badges":
        context["badges"] = [badge_of(participation) for participation in coming]
    if what == "list":
        context["types"] = by_type(coming)
    return render_pdf(render_to_string(SHEETS[what], context))


def by_type(coming: list[Participation]) -> list[tuple[str, list[Participation]]]:
    """Group participations as [(name of the type, those of it)], in the order of the types."""

    def order(participation: Participation) -> tuple[int, int]:
        return participation.stakeholder_type.order, participation.stakeholder_type_id

    groups = groupby(sorted(coming, key=order), key=order)
    return [(rows[0].stakeholder_type.plural, rows) for rows in (list(group) for _order, group in groups)]


def badge_of(participation: Participation) -> Badge:
    code = qrcode.QRCode(border=0, error_correction=qrcode.constants.ERROR_CORRECT_L)
    code.add_data(settings.SITE_URL + badge_path(participation))
    matrix = code.get_matrix()
    return Badge(participation, _outline(matrix), len(matrix))


def _outline(matrix: list[list[bool]]) -> str:
    """Draw each run of dark parts as one stroke through its middle."""
    drawn = []
    for y, row in enumerate(matrix):
        x = 0
        for is_dark, run in groupby(row):
            width = len(list(run))
            if is_dark:
                drawn.append(f"M{x} {y}.5h{width}")
            x += width
    return "".join(drawn)
