"""Participations as a table for spreadsheet programs."""

from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from consultations.models import Answer, Capacity, Participation, Role
from stakeholders.exporting import KEY, Table


def participations_table(participations: QuerySet[Participation]) -> Table:
    """Give the participations in the order of the query, which is asked once; moments in the event's own time."""
    yield [
        _("Consultation"), _("Name"), _("E-mail address"), _("Organisation"), _("Stakeholder type"), _("City"),
        _("Country"), _("Capacity"), _("Role"), _("Answer"), _("Invited"), _("Answered"), _("Why declined"),
        _("Was there"), _("May be named in the list"), _("May be seen on photographs"),
        _("May be invited again"), KEY,
    ]  # fmt: skip
    rows = participations.values_list(
        "consultation__code", "person__name", "person__email", "organisation__name", "stakeholder_type__name",
        "organisation__city", "person__country", "capacity", "role", "answer", "decline_reason", "attended",
        "may_be_listed", "may_be_photographed", "may_be_asked_again", "invited_at", "answered_at",
        "consultation__time_zone",
        "person__key",
    )  # fmt: skip
    shown = {None: "", True: _("yes"), False: _("no")}
    for *who, capacity, role, answer, reason, attended, listed, seen, again, invited_at, answered_at, zone, key in rows:
        moments = [
            f"{at.astimezone(ZoneInfo(zone or 'UTC')):%Y-%m-%d %H:%M}" if at else "" for at in (invited_at, answered_at)
        ]
        yield [
            *[value or "" for value in who],
            str(Capacity(capacity).label),
            str(Role(role).label),
            str(Answer(answer).label),
            *moments,
            reason,
            shown[attended],
            shown[listed],
            shown[seen],
            shown[again],
            key,
        ]
