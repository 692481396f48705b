"""Everything that the domain says must not move by itself, as rows that can be compared and computed with."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from consultations.models import Consultation, Input
from outcomes.models import (
    Consideration,
    Correction,
    Descent,
    Evidence,
    FactualCorrection,
    Flag,
    Outcome,
    Position,
    SettingAside,
    Version,
)
from stakeholders.models import Message

COLUMNS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "consultations": (
        Consultation,
        ("pk", "code", "state", "kind", "feeds_into", "inputs_close_at", "concluded_at", "agreement_rule"),
    ),
    "inputs": (Input, ("pk", "consultation", "state", "number", "text")),
    "outcomes": (
        Outcome,
        ("pk", "reference", "born_at", "created_at", "dropped_at", "withdrawn_at", "withdrawal_reason"),
    ),
    "versions": (
        Version,
        (
            "pk", "outcome", "consultation", "title", "statement", "change_note", "revision", "drafted_by",
            "signed_by", "frozen_at", "is_correction", "discarded_at",
        ),
    ),
    "considerations": (
        Consideration,
        (
            "pk", "outcome", "consultation", "disposition", "reason", "disposed_at", "version_before",
            "version_after", "laid_from",
        ),
    ),
    "evidence": (Evidence, ("pk", "outcome", "input", "quote", "withdrawn_at")),
    "settings_aside": (SettingAside, ("pk", "input", "taken_back_at")),
    "descents": (Descent, ("pk", "parent", "child", "consultation", "kind")),
    "positions": (
        Position,
        (
            "pk", "consideration", "participation", "stance", "reason", "attribution", "version", "revision",
            "superseded_at", "outdated_at", "withdrawn_at",
        ),
    ),
    "facts": (FactualCorrection, ("pk", "consideration", "participation", "text", "is_accepted", "answer")),
    "corrections": (Correction, ("pk", "outcome", "consultation", "version", "made_at", "state")),
    "flags": (Flag, ("pk", "correction", "consideration", "is_taken", "reason")),
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """What is stored at one moment: for each of COLUMNS its rows in the order of their keys, and how many messages."""

    rows: dict[str, list[Any]]
    messages: int

    @classmethod
    def taken(cls) -> "Picture":
        rows = {
            name: list(model.objects.order_by("pk").values_list(*columns, named=True))
            for name, (model, columns) in COLUMNS.items()
        }
        return cls(rows, Message.objects.aggregate(number=Count("pk"))["number"])

    def by_key(self, name: str) -> dict[int, Any]:
        return {row.pk: row for row in self.rows[name]}

    def concluded(self) -> set[int]:
        return {row.pk for row in self.rows["consultations"] if row.state == "concluded"}

    def on_the_table(self) -> list[Any]:
        """The considerations of outcomes that were not dropped."""
        dropped = {row.pk for row in self.rows["outcomes"] if row.dropped_at}
        return [row for row in self.rows["considerations"] if row.outcome not in dropped]

    def ancestors(self, *, at: set[int] | None = None) -> dict[int, set[int]]:
        """The ancestors of each outcome that has some, over the merges and splits of these events, or of all."""
        parents: dict[int, set[int]] = defaultdict(set)
        for row in self.rows["descents"]:
            if at is None or row.consultation in at:
                parents[row.child].add(row.parent)
        found: dict[int, set[int]] = {}
        for child in parents:
            reached: set[int] = set()
            waiting = [child]
            while waiting:
                new = parents.get(waiting.pop(), set()) - reached
                reached |= new
                waiting += new
            found[child] = reached
        return found
