"""What changed between two editions: two snapshots in, one account of their differences out; no query, no words.

Everything is told by references and codes, so that the account can be put into any language later on. Snapshots of
older forms are compared as far as their data goes: what one of the two does not tell is listed under `untold`, and is
never taken for something that came or went.
"""

from collections.abc import Iterable
from typing import Any

from outcomes.models import Disposition

Data = dict[str, Any]

ENDED = {Disposition.RETIRED.value, Disposition.NOT_ADOPTED.value}


def changes_between(earlier: Data, later: Data) -> Data:
    """Give what the later snapshot says otherwise than the earlier one.

    `new`, `refined` (another title or statement), `contested`, `retired` and `withdrawn` are references of outcomes;
    `merged` and `split` say also `into` what; `standing` goes `from` one disposition `to` another, for every outcome
    that stands in another way. `evidence` and `positions` are told of the outcomes that both have: the inputs that
    came and went and how many more are counted only; and the level of agreement at one event before and after, with
    the number of answers, and of reservations and dissents that are printed. `corrections` and `inputs` are those that
    the earlier one does not have; `gone` are inputs that the later one does not print any more. Everything is in the
    order of its references.
    """
    then, now = _by_reference(earlier, "outcomes"), _by_reference(later, "outcomes")
    both = [(name, then[name], now[name]) for name in sorted(then.keys() & now.keys())]
    moved = [(name, before, after) for name, before, after in both if before["standing"] != after["standing"]]
    return {
        "since": earlier.get("number"),
        "new": sorted(now.keys() - then.keys()),
        "refined": [name for name, before, after in both if _text(before) != _text(after)],
        "standing": [
            {"reference": name, "from": before["standing"], "to": after["standing"]} for name, before, after in moved
        ],
        "contested": [name for name, _before, after in moved if after["standing"] == Disposition.CONTESTED],
        "merged": _made_into_others(moved, Disposition.MERGED),
        "split": _made_into_others(moved, Disposition.SPLIT),
        "retired": [name for name, _before, after in moved if after["standing"] in ENDED],
        "withdrawn": [name for name, before, after in both if _is_withdrawn(after) and not _is_withdrawn(before)],
        "evidence": [told for name, before, after in both if (told := _evidence(name, before, after))],
        "positions": [told for name, before, after in both for told in _positions(name, before, after)],
        "corrections": _corrections(earlier, later),
        "inputs": sorted(_references(later, "inputs") - _references(earlier, "inputs")) if "inputs" in earlier else [],
        "gone": sorted(_references(earlier, "inputs") - _references(later, "inputs")) if "inputs" in later else [],
        "untold": _untold(earlier, later),
    }


def is_nothing(changes: Data) -> bool:
    """Whether two snapshots tell the same."""
    return not any(value for name, value in changes.items() if name not in {"since", "untold"})


def _made_into_others(moved: Iterable[tuple[str, Data, Data]], disposition: Disposition) -> list[Data]:
    return [
        {"reference": name, "into": [child["reference"] for child in after.get("children", [])]}
        for name, _before, after in moved
        if after["standing"] == disposition
    ]


def _evidence(name: str, before: Data, after: Data) -> Data | None:
    """The inputs that an outcome itself rests on; what it inherits is told of the ancestor."""
    if "evidence" not in before or "evidence" not in after:
        return None
    old, new = ({line["input"] for line in row["evidence"]} for row in (before, after))
    counted = after.get("counted_only", 0) - before.get("counted_only", 0)
    if old == new and not counted:
        return None
    return {"reference": name, "came": sorted(new - old), "went": sorted(old - new), "counted_only": counted}


def _positions(name: str, before: Data, after: Data) -> list[Data]:
    if "results" not in before or "results" not in after:
        return []
    old = {row["event"]: row for row in before["results"] if row["level"]}
    new = {row["event"]: row for row in after["results"] if row["level"]}
    events = [*new, *(event for event in old if event not in new)]
    return [
        {
            "reference": name,
            "event": event,
            "from": old[event]["level"] if event in old else "",
            "to": new[event]["level"] if event in new else "",
            "answers": [_answers(old.get(event)), _answers(new.get(event))],
            "reasons": [len(_reasons(old.get(event))), len(_reasons(new.get(event)))],
        }
        for event in events
        if _said(old.get(event)) != _said(new.get(event))
    ]


def _said(result: Data | None) -> tuple[Any, ...]:
    return (result["level"], result["total"], _reasons(result)) if result else ()


def _reasons(result: Data | None) -> list[tuple[str, str]]:
    """The reservations and dissent that are printed, with who is told to have said them."""
    return sorted((voice["reason"], voice["source"]) for voice in result.get("voices", [])) if result else []


def _answers(result: Data | None) -> int | None:
    """How many answered; None where that is not to be shown."""
    return sum(result["total"].values()) if result and result["total"] else None


def _corrections(earlier: Data, later: Data) -> list[Data]:
    if "corrections" not in earlier or "corrections" not in later:
        return []
    known = {_key(row) for row in earlier["corrections"]}
    return [
        {"reference": row["outcome"], "event": row["event"], "is_withdrawal": row["version"] is None}
        for row in later["corrections"]
        if _key(row) not in known
    ]


def _key(correction: Data) -> tuple[Any, ...]:
    return tuple(correction[name] for name in ("outcome", "event", "made_on", "version", "reason"))


def _untold(earlier: Data, later: Data) -> list[str]:
    """Name the parts that one of the two does not tell, where it has anything that they could be told of."""
    parts = [part for part in ("corrections", "inputs") if (part in earlier) != (part in later)]
    peopled = [snapshot["outcomes"] for snapshot in (earlier, later) if snapshot.get("outcomes")]
    for name, part in [("evidence", "evidence"), ("results", "positions")]:
        if len({all(name in row for row in outcomes) for outcomes in peopled}) == 2:
            parts.append(part)
    return sorted(parts)


def _by_reference(snapshot: Data, part: str) -> dict[str, Data]:
    return {row["reference"]: row for row in snapshot.get(part, [])}


def _references(snapshot: Data, part: str) -> set[str]:
    return set(_by_reference(snapshot, part))


def _text(outcome: Data) -> tuple[str, str]:
    return outcome["title"], outcome["statement"]


def _is_withdrawn(outcome: Data) -> bool:
    return bool(outcome.get("withdrawal_reason"))
