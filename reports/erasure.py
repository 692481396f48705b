"""Erasing somebody in one act, from the record to the drafts of the dossier."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from consultations.erasure import erase_participations, traces_of
from consultations.models import Attachment, Input, Participation
from jobs import running
from jobs.models import JobState
from outcomes.erasure import erase_positions, forget_quotes, scrub_what_is_said_of
from outcomes.models import Evidence
from reports.drafts import delete_drafts
from reports.models import Edition, EditionJob
from reports.pages.making import the_shelf
from stakeholders import erasure
from stakeholders.erasure import Traces, forms_of
from stakeholders.models import ErasureRequest, Message, Person
from stakeholders.refusals import Refused


@dataclass(frozen=True)
class Consequences:
    """What an erasure will do, counted; and the published editions that tell of the person and stay as they are."""

    participations: int
    inputs: int
    quoted: int
    files: int
    messages: int
    drafts: list[Edition]
    published: list[Edition]


def consequences(person: Person) -> Consequences:
    """Look at what erasing somebody will do, before it is done."""
    inputs = Input.objects.filter(participation__person=person)
    telling = _telling_of(traces_of(person))
    return Consequences(
        participations=Participation.objects.filter(person=person).count(),
        inputs=inputs.count(),
        quoted=Evidence.objects.filter(input__in=inputs).values("input").distinct().count(),
        files=Attachment.objects.filter(input__in=inputs).count(),
        messages=Message.objects.filter(person=person).count(),
        drafts=list(telling.filter(published_at=None)),
        published=list(telling.filter(published_at__isnull=False)),
    )


def grant(request: ErasureRequest, *, removes_texts: bool, by: Person, at: datetime) -> None:
    """Erase whoever asked, everywhere but in editions that are published: these are never changed (domain.md).

    Name, address, organisation and account, mail, history, files, drafts of the dossier that tell of them, and all
    drawn pages that are kept go at once, in one transaction; editions in the making begin again. Their inputs stay
    under the stakeholder type, or lose their words with `removes_texts`.
    Raises Refused for programme staff, for one's own record, and when it was answered before.
    """
    person: Person = request.person
    if person.pk == by.pk:
        raise Refused(_("Somebody else grants your own wish."))
    with transaction.atomic():
        erasure.answer(request, is_granted=True, by=by, at=at)
        Person.objects.select_for_update().get(pk=person.pk)
        traces = traces_of(person)
        delete_drafts(_telling_of(traces))
        inputs = erase_participations(person, traces, removes_texts=removes_texts, at=at)
        if removes_texts:
            forget_quotes(inputs, by=by, at=at)
        scrub_what_is_said_of(inputs, traces)
        erase_positions(person, traces, removes_texts=removes_texts)
        erasure.erase_person(person, traces, at=at)
        erasure.scrub(traces, but=[Edition])
        # What was gathered before this is not kept: it would tell of them.
        for job in EditionJob.objects.filter(state__in=JobState.unfinished()):
            running.begin_again(job, at=at)
        transaction.on_commit(the_shelf().empty, robust=True)


def _telling_of(traces: Traces) -> QuerySet[Edition]:
    """Give the editions in whose snapshot a trace stands."""
    condition = Q(pk__in=[])
    for form in {form for trace in traces for form in forms_of(trace)}:
        condition |= Q(snapshot__icontains=form)
    return Edition.objects.filter(condition).select_related("consultation").order_by("pk")
