"""What the imprint of a document tells of the data that it was made from."""

from typing import Any

from django import template

from reports.snapshot import canonical, sha256

register = template.Library()

DIGITS = 16


@register.filter
def fingerprint(data: dict[str, Any]) -> str:
    """The first digits of the SHA-256 of a snapshot, in groups of four that people can compare."""
    hash = sha256(canonical(data))
    return " ".join(hash[start : start + 4] for start in range(0, DIGITS, 4))
