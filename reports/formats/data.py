"""The snapshot itself, as canonical JSON."""

from collections.abc import Callable
from typing import Any

from reports.formats.written import Written
from reports.snapshot import canonical


def write(data: dict[str, Any], progress: Callable[[float, str], None]) -> Written:
    return Written(canonical(data).encode())
