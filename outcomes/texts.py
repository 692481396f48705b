"""Every text that an outcome ever had, by the event at which it was made."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from outcomes.comparison import Changes, changes_between
from outcomes.lineage import Text
from outcomes.models import Outcome


@dataclass(frozen=True)
class MadeText:
    """One text, the day on which it was made final, and what it changed in the one before it; None in the first."""

    text: Text
    made_on: date | None
    is_correction: bool
    changes: Changes | None


def texts_of(outcome: Outcome, *, with_drafts: bool = False) -> dict[str, list[MadeText]]:
    """Give the texts by the codes of their events, in the order of their numbers, in one query.

    Only final ones, unless `with_drafts`. Nothing is told of who wrote or signed them.
    """
    versions = outcome.versions.select_related("consultation").order_by("number")
    if not with_drafts:
        versions = versions.filter(frozen_at__isnull=False)
    found: dict[str, list[MadeText]] = defaultdict(list)
    before: Text | None = None
    for version in versions:
        text = Text(version.number, version.title, version.statement, version.change_note)
        made_on = version.frozen_at.astimezone(version.consultation.zone).date() if version.frozen_at else None
        made = MadeText(text, made_on, version.is_correction, changes_between(before, text))
        found[version.consultation.code].append(made)
        before = text
    return dict(found)
