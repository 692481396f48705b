"""“I cannot come, ask my colleague instead”: somebody names a colleague, and the organisers decide."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from consultations import invitations
from consultations.lifecycle import lock
from consultations.models import Answer, ColleagueProposal, Participation
from stakeholders.models import Person
from stakeholders.refusals import Refused


def decline_for(participation: Participation, *, reason: str, name: str, email: str, at: datetime) -> None:
    """Take the answer “I cannot come” with a colleague to ask instead; without a name it is just that answer.

    Nobody writes to the colleague before an organiser has said so. A new proposal takes the place of an open one.
    Raises Refused as `invitations.decline` does, and for the person's own address.
    """
    name, email = name.strip(), email.strip().lower()
    if email and email == (participation.person.email or "").lower():
        raise Refused(_("This is your own address. Give that of your colleague."))
    with transaction.atomic():
        invitations.decline(participation, reason=reason, at=at)
        if name and email:
            ColleagueProposal.objects.update_or_create(
                participation=participation,
                decided_at=None,
                defaults={"name": name, "email": email, "proposed_at": at},
            )


def invite_colleague(proposal: ColleagueProposal, *, by: Person, at: datetime) -> Participation:
    """Put the colleague on the list, with the organisation and type of who named them, and invite them.

    Somebody with that address in the address book is that person, under the name that stands there. Raises Refused
    when it has been decided, when they are on the list and have been invited, and as `invitations.invite` does.
    """
    with transaction.atomic():
        proposal = _hold(proposal)
        instead_of = proposal.participation
        person = Person.objects.filter(email__iexact=proposal.email).first() or Person.objects.create(
            name=proposal.name,
            email=proposal.email,
            organisation=instead_of.organisation,
            stakeholder_type=instead_of.stakeholder_type,
            country=instead_of.person.country,
        )
        try:
            with transaction.atomic():
                participation, _is_new = Participation.objects.get_or_create(
                    consultation=instead_of.consultation,
                    person=person,
                    defaults={
                        "organisation": instead_of.organisation,
                        "stakeholder_type": instead_of.stakeholder_type,
                        "capacity": instead_of.capacity,
                    },
                )
        except IntegrityError as fault:
            raise Refused(_("Somebody else has just put this person on the list. Load the page again.")) from fault
        if participation.answer != Answer.NOT_INVITED:
            raise Refused(_("Somebody with this address is on the list already and has been invited. Set it aside."))
        invitations.invite([participation], by=by, at=at)
        _decide(proposal, by=by, at=at, invited=participation)
    participation.refresh_from_db()
    return participation


def set_aside(proposal: ColleagueProposal, *, by: Person, at: datetime) -> None:
    """Ask nobody, and forget name and address. Raises Refused when it has been decided."""
    with transaction.atomic():
        _decide(_hold(proposal), by=by, at=at, invited=None)


def _hold(proposal: ColleagueProposal) -> ColleagueProposal:
    lock(proposal.participation.consultation)
    rows = ColleagueProposal.objects.select_related(
        "participation__consultation", "participation__organisation", "participation__person"
    )
    open_one = rows.filter(pk=proposal.pk, decided_at=None).first()
    if open_one is None:
        raise Refused(_("Somebody else has decided this already."))
    return open_one


def _decide(proposal: ColleagueProposal, *, by: Person, at: datetime, invited: Participation | None) -> None:
    proposal.name = proposal.email = ""
    proposal.decided_at, proposal.decided_by, proposal.invited = at, by, invited
    proposal.save()
