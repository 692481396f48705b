"""Putting people of the address book on the list of a consultation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.lifecycle import lock
from consultations.models import Consultation, ConsultationState, Participation
from stakeholders.models import Person, StakeholderType
from stakeholders.refusals import Refused

ADDRESS = re.compile(r"[^\s,;<>()\"]+@[^\s,;<>()\"]+")
NAMED_AT_MOST = 10


@dataclass(frozen=True)
class FoundByAddress:
    """The people whom a pasted list of addresses names, and the addresses that nobody in the address book has."""

    people: list[Person]
    unknown: list[str]


def people_by_address(text: str) -> FoundByAddress:
    """Find people by the e-mail addresses in a text, whatever else stands around them."""
    addresses = list(dict.fromkeys(address.lower() for address in ADDRESS.findall(text)))
    people = {
        person.lowered: person
        for person in Person.objects.annotate(lowered=Lower("email")).filter(lowered__in=addresses)
    }
    return FoundByAddress(list(people.values()), [address for address in addresses if address not in people])


def not_on_list(consultation: Consultation) -> QuerySet[Person]:
    """Give the people of the address book who are not on the list of a consultation."""
    return Person.objects.exclude(participations__consultation=consultation)


def put_on_list(consultation: Consultation, people: Iterable[Person], *, by: Person, at: datetime) -> int:
    """Put people on the list as what they are in the address book now; returns how many were not on it yet.

    Nobody is invited by that. Raises Refused after the end, and for people without a stakeholder type (naming them).
    """
    with transaction.atomic():
        consultation = lock(consultation)
        if consultation.state in ConsultationState.ended():
            raise Refused(_("This consultation has ended, so nobody can be put on its list any more."))
        chosen = not_on_list(consultation).filter(pk__in=[person.pk for person in people])
        new = list(chosen.select_related("organisation__stakeholder_type", "stakeholder_type").order_by("pk"))
        if without_type := [str(person) for person in new if _type_of(person) is None]:
            named = ", ".join(without_type[:NAMED_AT_MOST]) + ("…" if len(without_type) > NAMED_AT_MOST else "")
            raise Refused(
                ngettext(
                    "The address book names no stakeholder type for %(names)s. Add it there first.",
                    "The address book names no stakeholder type for these: %(names)s. Add it there first.",
                    len(without_type),
                )
                % {"names": named}
            )
        for person in new:
            Participation.objects.create(
                consultation=consultation,
                person=person,
                organisation=person.organisation,
                stakeholder_type=_type_of(person),  # type: ignore[misc]  # those without are refused above
            )
    return len(new)


def _type_of(person: Person) -> StakeholderType | None:
    """A person's own stakeholder type, else that of their organisation."""
    return person.stakeholder_type or (person.organisation.stakeholder_type if person.organisation else None)
