"""The address book as tables for spreadsheet programs, with headers under which they can be imported again."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stakeholders.models import Organisation, Person

Table = Iterator[Sequence[Any]]
"""The headers and then the rows, each cell a text or None."""
KEY = gettext_lazy("Address book key")
"""Under this header an import finds the very record that a row is about, whatever else is changed in it."""


def people_table(people: QuerySet[Person]) -> Table:
    """Give the people in the order of the query, which is asked once."""
    yield [_("Name"), _("E-mail address"), _("Organisation"), _("Stakeholder type"), _("City"), _("Country"), KEY]
    yield from people.values_list(
        "name", "email", "organisation__name", "stakeholder_type__name", "organisation__city", "country", "key"
    )


def organisations_table(organisations: QuerySet[Organisation]) -> Table:
    """Give the organisations in the order of the query, which is asked once."""
    yield [_("Organisation"), _("Stakeholder type"), _("City"), _("Country"), KEY]
    yield from organisations.values_list("name", "stakeholder_type__name", "city", "country", "key")
