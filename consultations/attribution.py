"""How an input may be named: the only place that turns an input into the line under a quote."""

from consultations.models import Attribution, Input


class NotQuotable(Exception):
    """The author allowed the input to be counted, and nothing else."""


def attribution_line(input: Input) -> str:
    """Give the source line of an input as its author allowed it.

    “Name, Organisation”, “Organisation”, or the name of the stakeholder type (the Chatham House Rule: neither
    identity nor affiliation), always as they were at that event. Who allowed the organisation and has none is named
    by type. Needs the input loaded `with_author()`. Raises NotQuotable for an input that is not to be published.
    """
    participation = input.participation
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


def line_on_the_desk(input: Input, *, sees_author: bool) -> str:
    """Give the line under an input on the desk: the full name to those who may see it, else as the author allowed.

    An unpublished input is read there too, under its stakeholder type alone.
    """
    participation = input.participation
    if sees_author:
        names = [participation.person.name, participation.organisation.name if participation.organisation else ""]
        return ", ".join(filter(None, names))
    if input.attribution == Attribution.UNPUBLISHED:
        return participation.stakeholder_type.name
    return attribution_line(input)
