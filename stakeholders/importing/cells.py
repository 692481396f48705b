"""Cleaning what stands in the cells of a table, and comparing names however they are written."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from stakeholders.spreadsheets import STARTS_A_FORMULA

LONGEST_CELL = 1000
JOINERS = "\u200c\u200d"
"""They are invisible, and belong to the spelling of Persian and of Indian languages."""
WITHOUT_MARKS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
AN_ADDRESS = re.compile(r"[^\s;,/|<>()\[\]{}\"'“”‘’:]+@[^\s;,/|<>()\[\]{}\"'“”‘’:]+")
ERRORS = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!"}
"""What spreadsheet programs write where a formula went wrong."""


def clean(text: str) -> str:
    """Give the text composed (NFC), on one line, with single spaces, without marks that nobody sees.

    The apostrophe that keeps a spreadsheet from taking a text for a formula is taken off.
    """
    composed = unicodedata.normalize("NFC", text)
    visible = "".join(
        " " if character.isspace() or unicodedata.category(character) == "Cc" else character
        for character in composed
        if character in JOINERS or unicodedata.category(character) != "Cf"
    )
    cleaned = " ".join(visible.split()).strip(JOINERS)
    if cleaned.startswith("'") and cleaned[1:].lstrip().startswith(STARTS_A_FORMULA):
        return cleaned[1:].lstrip()
    return cleaned


def fold(text: str) -> str:
    """Give the text for comparing: small letters and digits, without accents and punctuation."""
    small = unicodedata.normalize("NFKD", text).casefold()
    decomposed = unicodedata.normalize("NFKD", small).translate(WITHOUT_MARKS)
    letters = "".join(
        character if character.isalnum() else " " for character in decomposed if not unicodedata.combining(character)
    )
    return " ".join(letters.split())


def is_same_name(one: str, other: str) -> bool:
    """Whether two names may be one person's: the same words in any order, or one with a title or middle name more."""
    words, others = set(fold(one).split()), set(fold(other).split())
    shared = words & others
    return bool(shared) and (shared in (words, others)) and (len(shared) > 1 or words == others)


def differs_by_order_only(one: str, other: str) -> bool:
    """Whether both have the same words, letter by letter: “Jansen, Jan” and “Jan Jansen”."""
    return sorted(re.findall(r"\w+", one)) == sorted(re.findall(r"\w+", other))


def addresses_in(text: str) -> list[str]:
    """Give the e-mail addresses that stand in a cell, in small letters, each once.

    Raises ValueError with a sentence where something stands there and is none.
    """
    if not text:
        return []
    found = list(dict.fromkeys(address.strip(".").lower() for address in AN_ADDRESS.findall(text)))
    if not found:
        raise ValueError(_("“%(text)s” is not an e-mail address.") % {"text": text})
    for address in found:
        try:
            validate_email(address)
        except ValidationError as fault:
            raise ValueError(_("“%(text)s” is not an e-mail address.") % {"text": address}) from fault
    return found
