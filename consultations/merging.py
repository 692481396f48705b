"""Merging two records of the address book: what happens where both took part in the same consultation.

The rule, which staff read before they merge: one participation is left, with the inputs of both. The later answer to
the invitation counts, and with it whether the person may be named in the list; where only one was answered, the person
may be named if either record says so. They were there if either record says so, and hold the role with more duties.
Organisation, stakeholder type and capacity are those of the record that stays.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from consultations.models import Answer, ColleagueProposal, ConsentKind, Input, Needs, Participation, Role
from consultations.models.inputs import new_form_key
from stakeholders import merging
from stakeholders.merging import Merger, Rule
from stakeholders.models import ErasureRequest, Organisation, Person

BY_DUTIES = (Role.ORGANISER, Role.RAPPORTEUR, Role.MODERATOR, Role.SPEAKER, Role.PARTICIPANT)


def merge_people(kept: Person, other: Person, *, fields: Mapping[str, Any], by: Person, at: datetime) -> None:
    """Make `kept` stand for both, with `fields` as its values; `other` is gone. Raises Refused as the lower one."""
    merging.merge_people(kept, other, fields=fields, rules=RULES, by=by, at=at)


def merge_organisations(
    kept: Organisation, other: Organisation, *, fields: Mapping[str, Any], by: Person, at: datetime
) -> None:
    """Make `kept` stand for both, with `fields` as its values; `other` is gone. Raises Refused."""
    merging.merge_organisations(kept, other, fields=fields, rules=RULES, by=by, at=at)


def combined(one: Participation, other: Participation) -> dict[str, Any]:
    """Give the values of the participation that is left of two of one person at one consultation."""
    last = max([one, other], key=_weight)
    both_answered = {one.answer, other.answer} <= Answer.told()
    attended = {one.attended, other.attended}
    came = min([one, other], key=lambda row: (row.checked_in_at is None, row.checked_in_at or row.pk))
    more_time = max([one, other], key=lambda row: (row.more_time_until is not None, row.more_time_until or row.pk))
    values: dict[str, Any] = {
        "organisation": one.organisation or other.organisation,
        "stakeholder_type": one.stakeholder_type,
        "capacity": one.capacity,
        "role": min(one.role, other.role, key=[role.value for role in BY_DUTIES].index),
        "answer": last.answer,
        "invited_at": min((row.invited_at for row in [one, other] if row.invited_at), default=None),
        "answered_at": last.answered_at,
        "decline_reason": last.decline_reason if last.answer == Answer.DECLINED else "",
        "attended": True if True in attended else (False if False in attended else None),
        "checked_in_at": came.checked_in_at,
        "checked_in_by": came.checked_in_by,
        **{
            kind.value: getattr(last, kind) if both_answered else getattr(one, kind) or getattr(other, kind)
            for kind in ConsentKind
        },
        "link_number": one.link_number,
        "more_time_until": more_time.more_time_until,
        "more_time_at": more_time.more_time_at,
        "more_time_by": more_time.more_time_by,
    }
    return values


def told_of(one: Participation, other: Participation) -> str:
    """Say in one sentence what is left of two participations."""
    values = combined(one, other)
    facts: list[Any] = [Role(values["role"]).label, Answer(values["answer"]).label]
    if values["attended"] is not None:
        facts.append(_("was there") if values["attended"] else _("was not there"))
    facts.append(_("may be named in the list") if values["may_be_listed"] else _("may not be named in the list"))
    return ", ".join(str(fact) for fact in facts)


def _combine_participations(merger: Merger, own: Participation, double: Participation) -> None:
    values = combined(own, double)
    merger.move(own, double)
    merger.delete(double, into=own)
    merger.save(own, values)


def _renew_form_key(merger: Merger, own: Input, double: Input) -> None:
    """Both are kept: the key only keeps one copy of a form from being sent twice, long ago."""
    double.form_key = new_form_key()
    merger.save(double, {})


def _weight(participation: Participation) -> tuple[bool, float, bool]:
    """Sort by how much the answer says: an answer over none, the later one over the earlier, asked over not asked."""
    answered_at = participation.answered_at
    return (
        answered_at is not None,
        answered_at.timestamp() if answered_at else 0,
        participation.answer != Answer.NOT_INVITED,
    )


def _keep_later_proposal(merger: Merger, own: ColleagueProposal, double: ColleagueProposal) -> None:
    """Only one colleague can wait to be asked; the other was named for the same chair, and nobody has been asked."""
    later = max([own, double], key=lambda proposal: (proposal.proposed_at, proposal.pk))
    values = {name: getattr(later, name) for name in ["name", "email", "proposed_at"]}
    double.delete()
    ColleagueProposal.objects.filter(pk=own.pk).update(**values)


def _keep_earlier_wish(merger: Merger, own: ErasureRequest, double: ErasureRequest) -> None:
    """One wish is enough for both records; it goes as far as the further of the two, and is as old as the older."""
    values = {
        "asked_at": min(own.asked_at, double.asked_at),
        "removes_texts": own.removes_texts or double.removes_texts,
    }
    double.delete()
    ErasureRequest.objects.filter(pk=own.pk).update(**values)


def _keep_later_needs(merger: Merger, own: Needs, double: Needs) -> None:
    """What was said last is what the organisers have to know."""
    later = max([own, double], key=lambda needs: needs.said_at)
    values = {name: getattr(later, name) for name in ["dietary", "access", "visa", "said_at"]}
    double.delete()
    Needs.objects.filter(pk=own.pk).update(**values)


RULES: dict[type, Rule] = {
    Participation: _combine_participations,
    Input: _renew_form_key,
    ColleagueProposal: _keep_later_proposal,
    ErasureRequest: _keep_earlier_wish,
    Needs: _keep_later_needs,
}
"""For each model of which two rows cannot both be kept, how one is made of them. An app above adds its own."""
