"""What erasing somebody means for their participations, inputs and files."""

from typing import Any

from django.db.models import Q

from consultations.attachments import forget
from consultations.models import Attachment, Attribution, ColleagueProposal, Input, Needs, Participation
from stakeholders.erasure import GONE, Traces
from stakeholders.models import Person

MORE_THAN_TYPE = [Attribution.NAMED, Attribution.ORGANISATION]


def erase_participations(person: Person, traces: Traces, *, removes_texts: bool) -> list[Input]:
    """Take the organisation, what they said of themselves and all files from whatever they took part in.

    Their inputs stay under the stakeholder type; with `removes_texts` their words go, and they are counted only.
    Drafts, which nobody else has read, are deleted. Returns the inputs that are left. Call it in a transaction.
    """
    participations = Participation.objects.filter(person=person)
    pks = list(participations.values_list("pk", flat=True))
    of_them = Q(participation__in=pks)
    Needs.objects.filter(of_them).delete()
    named = Q(email__in=traces.addresses)
    ColleagueProposal.objects.filter((of_them | named) & Q(decided_at=None)).delete()
    blank: dict[str, Any] = {"organisation": None, "decline_reason": ""}
    participations.update(**blank, may_be_listed=False, may_be_photographed=False, may_be_asked_again=False)
    Participation.history.filter(id__in=pks).update(**blank, history_change_reason=None)
    forget(list(Attachment.objects.filter(input__in=Input.objects.filter(of_them))))
    drafts = Input.objects.filter(of_them, submitted_at=None)
    Input.history.filter(id__in=list(drafts.values_list("pk", flat=True))).delete()
    drafts.delete()
    own = Input.objects.filter(of_them)
    earlier = Input.history.filter(id__in=list(own.values_list("pk", flat=True)))
    if removes_texts:
        gone = {"title": GONE, "text": GONE, "attribution": Attribution.UNPUBLISHED}
        own.update(**gone)
        earlier.update(**gone)
    else:
        own.filter(attribution__in=MORE_THAN_TYPE).update(attribution=Attribution.TYPE)
        earlier.filter(attribution__in=MORE_THAN_TYPE).update(attribution=Attribution.TYPE)
    return list(own)
