"""The languages in which people are written to and in which they write, by their codes."""

from django.conf.locale import LANG_INFO
from django.utils.text import capfirst
from django.utils.translation import get_language_info

LANGUAGES = ["en", "fr", "es", "pt", "ar", "tr", "nl", "de", "ru", "zh-hans", "hi", "sw"]
"""Those that are offered for a consultation and for a person."""


def language_name(code: str) -> str:
    """The language's own name, “Türkçe”; the code itself where it has none here."""
    try:
        return capfirst(get_language_info(code)["name_local"])
    except KeyError:
        return code


def language_choices() -> list[tuple[str, str]]:
    """Give the languages that are offered, as a field takes them: [(code, own name)]."""
    return [(code, capfirst(LANG_INFO[code]["name_local"])) for code in LANGUAGES]
