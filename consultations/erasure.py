"""What erasing somebody means for their participations, inputs and files."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from consultations.attachments import forget
from consultations.models import (
    Answer,
    Attachment,
    Attribution,
    ColleagueProposal,
    ConsultationState,
    Input,
    Needs,
    Participation,
)
from consultations.places import fill_places
from consultations.queries import ParticipationQuerySet
from stakeholders import erasure
from stakeholders.erasure import GONE, Traces, forget_log, scrub_own
from stakeholders.models import Organisation, Person

MORE_THAN_TYPE = [Attribution.NAMED, Attribution.ORGANISATION]


def traces_of(person: Person) -> Traces:
    """Find what would tell of somebody, with the organisations that they stood for at consultations."""
    traces = erasure.traces_of(person)
    rows = Participation.objects.filter(person=person)
    stood_for = {*rows.values_list("organisation", flat=True)}
    stood_for |= {*Participation.history.filter(id__in=rows.values("pk")).values_list("organisation", flat=True)}
    names = Organisation.objects.filter(pk__in=stood_for - {None}).values_list("name", flat=True)
    return replace(traces, own=traces.own | set(names))


def erase_participations(person: Person, traces: Traces, *, removes_texts: bool, at: datetime) -> list[Input]:
    """Take the organisation, what they said of themselves and all files from whatever they took part in.

    Their inputs stay under the stakeholder type; with `removes_texts` their words go, and they are counted only.
    Drafts, which nobody else has read, are deleted. Where they are still expected, the place goes to the next who
    waits. Returns the inputs that are left. Call it in a transaction.
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
    forget_log(Participation, pks)
    _give_back_places(participations, at=at)
    forget(list(Attachment.objects.filter(input__in=Input.objects.filter(of_them))))
    drafts = Input.objects.filter(of_them, submitted_at=None)
    gone = list(drafts.values_list("pk", flat=True))
    drafts.delete()
    # After them, for a row that is deleted leaves a last one there.
    Input.history.filter(id__in=gone).delete()
    own = Input.objects.filter(of_them)
    earlier = Input.history.filter(id__in=list(own.values_list("pk", flat=True)))
    if removes_texts:
        wordless = {"title": GONE, "text": GONE, "attribution": Attribution.UNPUBLISHED}
        own.update(**wordless)
        earlier.update(**wordless)
    else:
        own.filter(attribution__in=MORE_THAN_TYPE).update(attribution=Attribution.TYPE)
        earlier.filter(attribution__in=MORE_THAN_TYPE).update(attribution=Attribution.TYPE)
        scrub_own(own, ["title", "text"], traces)
        scrub_own(earlier, ["title", "text"], traces)
    return list(own)


def _give_back_places(participations: ParticipationQuerySet, *, at: datetime) -> None:
    ahead = participations.filter(
        answer__in=Answer.expecting(),
        attended=None,
        consultation__state__in=[ConsultationState.PLANNED, ConsultationState.ANNOUNCED],
    )
    freed = [row.consultation for row in ahead.select_related("consultation")]
    ahead.update(answer=Answer.DECLINED, answered_at=at)
    for consultation in freed:
        fill_places(consultation, at=at)
