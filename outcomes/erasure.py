"""What erasing somebody's words means for the evidence that quotes them."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from consultations.models import Attribution, Input
from outcomes.models import Evidence, FactualCorrection, Position, SettingAside
from outcomes.wordindex import forget_deleted_words
from stakeholders.erasure import GONE, Traces, scrub_own
from stakeholders.models import Person


def forget_quotes(inputs: Iterable[Input], *, by: Person, at: datetime) -> int:
    """Take the passages out of all evidence from these inputs; that they bear on the outcomes stays.

    Of several passages for one outcome one link is left, and the others are withdrawn. Returns how many were changed.
    """
    # The plain QuerySet: evidence is kept for good, and only the words that their author takes away go.
    rows: QuerySet[Evidence] = QuerySet(Evidence)
    quoting = rows.filter(input__in=[input.pk for input in inputs]).exclude(quote="")
    seen = set(
        rows.filter(input__in=[input.pk for input in inputs], quote="", withdrawn_at=None).values_list(
            "outcome", "input"
        )
    )
    for evidence in quoting.order_by("pk"):
        fields: dict[str, object] = {"quote": ""}
        link = (evidence.outcome_id, evidence.input_id)
        if evidence.withdrawn_at is None and link in seen:
            fields |= {
                "withdrawn_at": at,
                "withdrawn_by": by,
                "withdrawal_reason": _("The author's words were removed; another link to this input is left."),
            }
        seen.add(link)
        rows.filter(pk=evidence.pk).update(**fields)
    return len(quoting)


def erase_positions(person: Person, traces: Traces, *, removes_texts: bool) -> None:
    """Take what somebody said with their positions and corrections under the stakeholder type, or its words.

    The positions themselves are counted as before. Call it in a transaction.
    """
    plain: QuerySet[Position] = QuerySet(Position)
    said = plain.filter(participation__person=person)
    corrections: QuerySet[FactualCorrection] = QuerySet(FactualCorrection)
    given = corrections.filter(participation__person=person)
    if removes_texts:
        said.exclude(reason="").update(reason=GONE)
        said.update(wording="", own_evidence="", attribution=Attribution.UNPUBLISHED)
        given.update(text=GONE)
    else:
        said.filter(attribution__in=[Attribution.NAMED, Attribution.ORGANISATION]).update(attribution=Attribution.TYPE)
        scrub_own(said, ["reason", "wording", "own_evidence"], traces)
        scrub_own(given, ["text", "answer"], traces)


def scrub_what_is_said_of(inputs: Iterable[Input], traces: Traces) -> None:
    """Take the author's names out of quotes and reasons, as they went from the texts, so that a quote stays a part.

    What their texts lost leaves the index of words as well.
    """
    pks = [input.pk for input in inputs]
    evidence: QuerySet[Evidence] = QuerySet(Evidence)
    scrub_own(evidence.filter(input__in=pks), ["quote", "note", "withdrawal_reason"], traces)
    scrub_own(SettingAside.objects.filter(input__in=pks), ["reason"], traces)
    forget_deleted_words()
