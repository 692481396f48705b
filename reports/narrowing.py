"""From what a dossier tells of an outcome to what the report of one consultation tells of it; plain data throughout."""

from typing import Any

from outcomes.models import Disposition

Data = dict[str, Any]


def narrow_to(event: str, outcome: Data) -> Data:
    """Tell an outcome as one consultation, named by its code, had it before it and left it.

    Its texts are the one that was laid before the consultation and those made there, its standing is what it was when
    the consultation ended, and what later consultations made of it is left out. That it was withdrawn since stays.
    The outcome must have been before that consultation.
    """
    so_far = outcome["steps"][: 1 + next(place for place, row in enumerate(outcome["steps"]) if row["event"] == event)]
    here = so_far[-1]
    texts = {row["number"]: row for row in outcome["versions"]}
    left_with = texts[here["version_after"] or here["version_before"]]
    decided = [row for row in so_far if row["disposition"] not in {"", Disposition.NOT_CONSIDERED}]
    standing = Disposition(decided[-1]["disposition"] if decided else outcome["standing"])
    return {
        **outcome,
        "language": left_with["language"],
        "title": left_with["title"],
        "statement": left_with["statement"],
        "standing": standing.value,
        "standing_label": str(standing.label),
        "is_live": standing in Disposition.live() and not outcome["withdrawal_reason"],
        "steps": [here],
        "versions": [
            row for row in outcome["versions"] if row["event"] == event or row["number"] == here["version_before"]
        ],
        "children": [row for row in outcome["children"] if row["event"] == event],
        "results": [row for row in outcome["results"] if row["event"] == event],
    }
