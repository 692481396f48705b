"""The JSON Schema of a snapshot: published with the editions, and asked before anything is made from one."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from jobs.running import JobFailed

FILE = Path(__file__).with_name("dossier-3.json")
FAULTS_TOLD = 3


def schema_address() -> str:
    """The address at which this site publishes the schema."""
    return settings.SITE_URL + reverse("reports:schema")


def faults_of(data: dict[str, Any]) -> list[str]:
    """Say what in a snapshot is not as the schema has it, each with its place; nothing where all is."""
    faults = sorted(_validator().iter_errors(data), key=lambda fault: fault.json_path)
    return [f"{fault.json_path}: {fault.message}" for fault in faults]


def require_valid(data: dict[str, Any]) -> None:
    """Raise JobFailed, naming places alone and no content, where a snapshot is not as the schema has it."""
    places = sorted({fault.json_path for fault in _validator().iter_errors(data)})
    if places:
        told = ", ".join(places[:FAULTS_TOLD]) + (" ..." if len(places) > FAULTS_TOLD else "")
        raise JobFailed(
            _(
                "What was gathered does not fit the published schema, so nothing was made of it: %(places)s. "
                "Tell whoever keeps this site."
            )
            % {"places": told}
        )


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8")))
