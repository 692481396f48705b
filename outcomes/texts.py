"""Every text that an outcome ever had, by the event at which it was made."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from outcomes.comparison import Changes, changes_between
from outcomes.lineage import Lineage, Text
from outcomes.models import Flag, Outcome


@dataclass(frozen=True)
class MadeText:
    """One text, the day on which it was made final, and what it changed; None in the first.

    A correction changes the text that its event had before, every other the text that came to the event.
    """

    text: Text
    made_on: date | None
    is_correction: bool
    changes: Changes | None


@dataclass(frozen=True)
class Decision:
    """What an event that had worked on a text made of its later correction: took it, or kept its own with a reason."""

    corrected_at: str
    is_taken: bool
    reason: str


def texts_of(outcome: Outcome, lineage: Lineage, *, with_drafts: bool = False) -> dict[str, list[MadeText]]:
    """Give the texts by the codes of their events, in the order of their numbers, in one query.

    Only final ones, unless `with_drafts`. Nothing is told of who wrote or signed them.
    """
    versions = outcome.versions.filter(discarded_at__isnull=True).select_related("consultation").order_by("number")
    if not with_drafts:
        versions = versions.filter(frozen_at__isnull=False)
    found: dict[str, list[MadeText]] = defaultdict(list)
    came = {step.code: step.before for step in lineage.steps}
    for version in versions:
        text = Text(version.number, version.title, version.statement, version.change_note)
        made_on = version.frozen_at.astimezone(version.consultation.zone).date() if version.frozen_at else None
        made_here = found[version.consultation.code]
        before = made_here[-1].text if version.is_correction and made_here else came.get(version.consultation.code)
        made_here.append(MadeText(text, made_on, version.is_correction, changes_between(before, text)))
    return dict(found)


def decisions_of(outcome: Outcome) -> dict[str, list[Decision]]:
    """Give what concluded events decided about corrections of an outcome, by their codes, in one query."""
    flags = Flag.objects.filter(
        consideration__outcome=outcome,
        consideration__consultation__concluded_at__isnull=False,
        correction__version__isnull=False,
        is_taken__isnull=False,
    ).order_by("pk")
    found: dict[str, list[Decision]] = defaultdict(list)
    columns = ["consideration__consultation__code", "correction__consultation__code", "is_taken", "reason"]
    for code, corrected_at, is_taken, reason in flags.values_list(*columns):
        found[code].append(Decision(corrected_at, is_taken, reason))
    return dict(found)
