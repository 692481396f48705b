"""How an input may be named: the only place that turns an input into the line under a quote."""

import re
import unicodedata
from typing import Protocol

from django.utils.translation import gettext as _

from consultations.models import Attribution, Input, Participation
from stakeholders.erasure import UNSPACED

SHORTEST = 3
"""Letters that a part of a name, or initials, need to be looked for alone."""


class NotQuotable(Exception):
    """The author allowed the input to be counted, and nothing else."""


class Attributed(Protocol):
    """Words that somebody said at a consultation, with how they may be quoted: an input, or a position."""

    pk: int
    attribution: str
    table: str
    participation: Participation


def attribution_line(input: Attributed) -> str:
    """Give the source line of words as their author allowed it.

    “Name, Organisation”, “Organisation”, or the name of the stakeholder type (the Chatham House Rule: neither
    identity nor affiliation), always as they were at that event. Who allowed the organisation and has none is named
    by type. What a whole table gave is said by nobody alone, however its spokesperson may be quoted. Needs the input
    loaded `with_author()`. Raises NotQuotable for an input that is not to be published.
    """
    participation = input.participation
    if input.table and input.attribution != Attribution.UNPUBLISHED:
        return _("Several participants at one table")
    organisation = participation.organisation.name if participation.organisation else ""
    match Attribution(input.attribution):
        case Attribution.NAMED:
            return ", ".join(filter(None, [participation.person.name, organisation]))
        case Attribution.ORGANISATION:
            return organisation or participation.stakeholder_type.name
        case Attribution.TYPE:
            return participation.stakeholder_type.name
        case Attribution.UNPUBLISHED:
            raise NotQuotable(input.pk)


def lines_allowed(input: Input) -> set[str]:
    """Give every source line that tells no more than the author allows; none for what is not to be published.

    Needs the input loaded `with_author()`.
    """
    order = list(Attribution)
    stricter = order[order.index(Attribution(input.attribution)) :]
    told = Input(participation=input.participation, table=input.table)
    lines = set()
    for told.attribution in stricter:
        if told.attribution in Attribution.quotable():
            lines.add(attribution_line(told))
    return lines if input.attribution in Attribution.quotable() else set()


def line_on_the_desk(input: Attributed, *, sees_author: bool) -> str:
    """Give the line under words on the desk: the full name to those who may see it, else as the author allowed.

    An unpublished input is read there too, under its stakeholder type alone.
    """
    participation = input.participation
    if sees_author:
        names = [participation.person.name, participation.organisation.name if participation.organisation else ""]
        author = ", ".join(filter(None, names))
        return (
            _("%(table)s (%(author)s spoke for it)") % {"table": input.table, "author": author}
            if input.table
            else author
        )
    if input.attribution == Attribution.UNPUBLISHED:
        return participation.stakeholder_type.name
    return attribution_line(input)


def names_given_away(text: str, *, participation: Participation, attribution: str) -> list[str]:
    """Find the names in a text by which readers would know more of its author than `attribution` tells them.

    Looks for the organisation's name and its initials where the author is quoted by stakeholder type, and for the
    person's where that is hidden, in any script, however it is capitalised and accented. A single part of a person's
    name counts where it is written as a name, so that “grace” is no Grace. Returns the names as the address book has
    them, without remarks in brackets. Needs the participation loaded with person and organisation.
    """
    person = _without_remark(participation.person.name)
    organisation = _without_remark(participation.organisation.name) if participation.organisation else ""
    found = []
    if attribution in {Attribution.TYPE, Attribution.ORGANISATION} and _names(person, text, _parts(person)):
        found.append(person)
    if attribution == Attribution.TYPE and organisation and _names(organisation, text, _initials(organisation)):
        found.append(organisation)
    return found


def _names(name: str, text: str, short_forms: list[str]) -> bool:
    """Whether the text has the name, or a short form of it as it is written or in capitals."""
    name, text = _unaccented(name), _unaccented(text)
    if _stands_in(name.casefold(), text.casefold()):
        return True
    return any(_stands_in(form, text) for short in short_forms for form in {short, short.upper()})


def _parts(name: str) -> list[str]:
    """The parts of a person's name that are telling by themselves; “van” and “de” are not."""
    return [part for part in _unaccented(name).split() if len(part) >= SHORTEST and not part[0].islower()]


def _initials(name: str) -> list[str]:
    initials = "".join(word[0] for word in _unaccented(name).split() if word[0].isupper())
    return [initials] if len(initials) >= SHORTEST else []


def _without_remark(name: str) -> str:
    return " ".join(re.sub(r"\([^)]*\)", " ", name).split())


def _unaccented(text: str) -> str:
    """The text without accents, with single spaces."""
    letters = unicodedata.normalize("NFKD", " ".join(text.split()))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _stands_in(name: str, text: str) -> bool:
    pattern = re.escape(name) if UNSPACED.search(name) else rf"(?<!\w){re.escape(name)}(?!\w)"
    return re.search(pattern, text) is not None
