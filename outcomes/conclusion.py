"""Bringing a consultation to its end: validation, signatures, conclusion; or cancelling it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations import lifecycle
from consultations.models import Consultation, ConsultationState, Input
from outcomes.corrections import open_flags
from outcomes.models import Consideration, RollForward, Version
from outcomes.notices import ask_for_positions
from outcomes.plan import Plan
from outcomes.positions import disputed
from outcomes.queries import is_set_aside, is_used
from outcomes.replanning import change_plan
from outcomes.rollforward import queue_roll_forward
from outcomes.synthesis import lock_for_synthesis
from stakeholders.models import Person
from stakeholders.refusals import Refused

NAMED_AT_MOST = 5


class Where(StrEnum):
    """The place on the desk where an obstacle is mended."""

    BEFORE = "before"
    INPUTS = "inputs"
    FLAGS = "flags"
    POSITIONS = "positions"
    SIGNATURES = "signatures"


@dataclass(frozen=True)
class Obstacle:
    """One thing that keeps a consultation from being concluded, and where it is mended."""

    sentence: str
    where: Where


def open_validation(consultation: Consultation, *, closes_at: datetime, by: Person, at: datetime) -> None:
    """Lay the drafts open to the participants until `closes_at`, and ask them where they stand.

    Raises Refused unless in synthesis.
    """
    with transaction.atomic():
        lifecycle.begin_validation(consultation, closes_at=closes_at, by=by, at=at)
        ask_for_positions(consultation, at=at)


def extend_validation(consultation: Consultation, *, closes_at: datetime, by: Person, at: datetime) -> None:
    """Take answers until a later moment. Raises Refused unless in validation and `closes_at` is later than that."""
    with transaction.atomic():
        consultation = lock_for_synthesis(consultation)
        before = consultation.validation_closes_at
        if consultation.state != ConsultationState.IN_VALIDATION:
            raise Refused(_("Only a validation that has begun can be given more time."))
        if closes_at <= at or (before and closes_at <= before):
            raise Refused(_("Choose a moment that lies in the future and after the present end."))
        consultation.validation_closes_at = closes_at
        consultation.save(update_fields=["validation_closes_at"])


def obstacles(consultation: Consultation, *, by: Person) -> list[str]:
    """Say what keeps this person from concluding the consultation: sentences on what to mend; empty when nothing does.

    domain.md, “concluded”: every outcome before it has a disposition, every input a fate, and somebody other than the
    drafter signs each text.
    """
    if consultation.state != ConsultationState.IN_VALIDATION:
        return [
            _("%(code)s is %(state)s. A consultation is concluded from validation.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        ]
    return [obstacle.sentence for obstacle in unfinished(consultation, by=by)]


def inputs_without_fate(consultation: Consultation) -> QuerySet[Input]:
    """The submitted inputs that are neither evidence of an outcome nor set aside, in the order of their numbers."""
    submitted = Input.objects.submitted().filter(consultation=consultation)
    return submitted.exclude(is_used()).exclude(is_set_aside()).order_by("number")


def texts_as_they_stand(consultation: Consultation) -> dict[int, int]:
    """The revision of each text of this event that can still change, by the version's primary key."""
    return dict(_texts_of(consultation).values_list("pk", "revision"))


def sign(consultation: Consultation, *, seen: Mapping[int, int], by: Person, at: datetime) -> int:
    """Sign the texts of this event that somebody else wrote; returns how many got their signature now.

    `seen` are the texts as `texts_as_they_stand` gave them to the page that `by` read. Raises Refused unless the
    consultation is in validation, and for texts that were changed since.
    """
    with transaction.atomic():
        consultation = lock_for_synthesis(consultation)
        if consultation.state != ConsultationState.IN_VALIDATION:
            raise Refused(_("Texts are signed in validation, when the participants have seen them."))
        return _sign(consultation, seen=seen, by=by, at=at)


def conclude(consultation: Consultation, *, seen: Mapping[int, int], by: Person, at: datetime) -> RollForward:
    """Sign, freeze and publish what the event stands by, and have it carried to the next one.

    Signs what `by` did not write, makes every text of the event final, and queues the roll-forward, which is returned.
    `seen` is as for `sign`. Raises Refused with all obstacles, for texts that were changed since they were seen, and
    where somebody was faster; nothing is changed then.
    """
    try:
        with transaction.atomic():
            with lifecycle.following(consultation, "conclude", concluded_at=at, concluded_by=by):
                if found := unfinished(consultation, by=by):
                    raise Refused([obstacle.sentence for obstacle in found])
                _sign(consultation, seen=seen, by=by, at=at)
                _texts_of(consultation).update(frozen_at=at)
            return queue_roll_forward(consultation, at=at)
    except Refused as refusal:
        if consultation.concluded_by is None:
            raise
        raise Refused(
            _("%(name)s has concluded %(code)s already. You have changed nothing, and nothing is left to do here.")
            % {"name": consultation.concluded_by.name, "code": consultation.code}
        ) from refusal


def cancel(consultation: Consultation, *, reason: str, by: Person, at: datetime) -> None:
    """Cancel a consultation; what was laid before it and not yet worked on moves along “feeds into”.

    Raises Refused without a reason, once concluded, or where outcomes before it have been worked on (naming them).
    """
    with transaction.atomic():
        plan = Plan.locked(consultation.series_id)
        lifecycle.call_off(consultation, reason=reason, by=by, at=at)
        try:
            change_plan(plan, plan.cancelling(consultation.code), at=at)
        except Refused:
            consultation.refresh_from_db()
            raise


def unfinished(consultation: Consultation, *, by: Person) -> list[Obstacle]:
    """Say what is still to be done before this person can conclude, in whatever state the consultation is."""
    found = []
    undisposed = Consideration.objects.filter(consultation=consultation).undisposed()
    undecided = list(undisposed.order_by("outcome__reference").values_list("outcome__reference", flat=True))
    if count := len(undecided):
        found.append(
            Obstacle(
                ngettext(
                    "%(count)s outcome before this consultation has no disposition yet: %(which)s. "
                    "Say what became of it on the desk, under “Outcomes before us”.",
                    "%(count)s outcomes before this consultation have no disposition yet: %(which)s. "
                    "Say what became of them on the desk, under “Outcomes before us”.",
                    count,
                )
                % {"count": count, "which": _some(undecided)},
                Where.BEFORE,
            )
        )
    without_fate = list(inputs_without_fate(consultation).values_list("number", flat=True))
    if count := len(without_fate):
        first = without_fate[: NAMED_AT_MOST + 1]
        references = [Input(consultation=consultation, number=number).reference for number in first]
        found.append(
            Obstacle(
                ngettext(
                    "%(count)s input is neither used nor set aside: %(which)s. Decide on the desk, under “Inputs”.",
                    "%(count)s inputs are neither used nor set aside: %(which)s. Decide on the desk, under “Inputs”.",
                    count,
                )
                % {"count": count, "which": _some(references)},
                Where.INPUTS,
            )
        )
    if flags := open_flags(consultation):
        references = [flag.consideration.outcome.reference for flag in flags]
        found.append(
            Obstacle(
                ngettext(
                    "%(which)s was corrected or withdrawn where it came from. Take the change or keep what you have.",
                    "%(count)s outcomes were corrected or withdrawn where they came from: %(which)s. "
                    "Take the changes or keep what you have.",
                    len(flags),
                )
                % {"count": len(flags), "which": _some(references)},
                Where.FLAGS,
            )
        )
    if count := disputed(consultation).count():
        found.append(
            Obstacle(
                ngettext(
                    "%(count)s factual correction waits for an answer. Answer it on the desk, under “Positions”.",
                    "%(count)s factual corrections wait for an answer. Answer them on the desk, under “Positions”.",
                    count,
                )
                % {"count": count},
                Where.POSITIONS,
            )
        )
    own = _unsigned(consultation).filter(drafted_by=by)
    written = list(own.order_by("outcome__reference").values_list("outcome__reference", flat=True))
    if count := len(written):
        found.append(
            Obstacle(
                ngettext(
                    "You wrote %(which)s yourself, so somebody else must sign it: "
                    "another organiser, or programme staff.",
                    "You wrote %(count)s texts yourself, so somebody else must sign them (%(which)s): "
                    "another organiser, or programme staff.",
                    count,
                )
                % {"count": count, "which": _some(written)},
                Where.SIGNATURES,
            )
        )
    return found


def _texts_of(consultation: Consultation) -> QuerySet[Version]:
    """The versions made at this event that can still change, those of dropped drafts left out."""
    return Version.objects.made_at(consultation).filter(frozen_at__isnull=True)


def _unsigned(consultation: Consultation) -> QuerySet[Version]:
    return _texts_of(consultation).filter(signed_at__isnull=True)


def _sign(consultation: Consultation, *, seen: Mapping[int, int], by: Person, at: datetime) -> int:
    to_sign = _unsigned(consultation).exclude(drafted_by=by)
    rows = to_sign.order_by("outcome__reference").values_list("pk", "revision", "outcome__reference")
    if changed := [reference for pk, revision, reference in rows if seen.get(pk) != revision]:
        raise Refused(
            ngettext(
                "%(which)s was changed after you opened the page, so nothing is signed or concluded. "
                "Read it under “Drafts”, and sign again.",
                "These texts were changed after you opened the page, so nothing is signed or concluded: %(which)s. "
                "Read them under “Drafts”, and sign again.",
                len(changed),
            )
            % {"which": _some(changed)}
        )
    return to_sign.update(signed_at=at, signed_by=by)


def _some(references: list[str]) -> str:
    """Name up to five, and say so when there are more."""
    if len(references) > NAMED_AT_MOST:
        return _("%(some)s and more") % {"some": ", ".join(references[:NAMED_AT_MOST])}
    return ", ".join(references)
