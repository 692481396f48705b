"""The life of a consultation: planned, announced, in synthesis, in validation, concluded; or cancelled."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from consultations.models import Consultation, ConsultationState
from consultations.notices import tell_cancelled
from stakeholders.models import Person
from stakeholders.refusals import Refused

State = ConsultationState

TRANSITIONS: dict[str, tuple[frozenset[State], State]] = {
    "announce": (frozenset({State.PLANNED}), State.ANNOUNCED),
    "close_inputs": (frozenset({State.ANNOUNCED}), State.IN_SYNTHESIS),
    "open_validation": (frozenset({State.IN_SYNTHESIS}), State.IN_VALIDATION),
    "conclude": (frozenset({State.IN_VALIDATION}), State.CONCLUDED),
    "cancel": (
        frozenset({State.PLANNED, State.ANNOUNCED, State.IN_SYNTHESIS, State.IN_VALIDATION}),
        State.CANCELLED,
    ),
}
"""Every arrow of the life: the act, the states it starts from, and the one it leads to (domain.md)."""


def announce(consultation: Consultation, *, by: Person, at: datetime) -> None:
    """Make a planned consultation public and open the way for invitations.

    Freezes the series' rule for levels of agreement here. Raises Refused with every part of the plan that is missing.
    """
    with following(consultation, "announce", announced_at=at, announced_by=by) as changed:
        if missing := missing_to_announce(consultation):
            raise Refused(missing)
        changed["agreement_rule"] = consultation.series.agreement_rule


def missing_to_announce(consultation: Consultation) -> list[str]:
    """Name each part of the plan that an announcement still needs, as sentences; empty when nothing is missing."""
    needs = [
        (consultation.starts_on and consultation.ends_on, _("The first and the last day are missing.")),
        (consultation.city, _("The place is missing: fill in the city.")),
        (consultation.time_zone, _("The time zone is missing.")),
        (consultation.host_id, _("The host is missing.")),
        (consultation.areas.exists(), _("Choose the cooperation areas that it works on.")),
        (
            consultation.inputs_open_at and consultation.inputs_close_at,
            _("The input window is missing: say from when until when inputs are taken."),
        ),
        (consultation.languages, _("Name at least one language.")),
        (consultation.default_attribution, _("Say how inputs may be quoted if their authors say nothing else.")),
        (consultation.series.agreement_rule, _("The series has no rule for levels of agreement.")),
    ]
    return [sentence for given, sentence in needs if not given]


def extend_window(consultation: Consultation, *, closes_at: datetime, by: Person, at: datetime) -> None:
    """Let inputs in until a later moment. Raises Refused unless announced and `closes_at` is later than that."""
    with transaction.atomic():
        consultation = lock(consultation)
        if consultation.state != State.ANNOUNCED:
            raise Refused(_("The input window can only be extended while the consultation is announced."))
        closes_before = consultation.inputs_close_at
        if closes_at <= at or (closes_before and closes_at <= closes_before):
            raise Refused(_("Choose a moment that lies in the future and after the present end of the window."))
        consultation.inputs_close_at = closes_at
        consultation.save(update_fields=["inputs_close_at"])


def close_inputs(consultation: Consultation, *, by: Person, at: datetime) -> None:
    """Close the input window and begin the synthesis. A window that is still open ends at this moment."""
    with following(consultation, "close_inputs") as changed:
        if consultation.inputs_open_at and at <= consultation.inputs_open_at:
            raise Refused(
                _("The input window has not opened yet: it opens on %(moment)s.")
                % {"moment": local_moment(consultation.inputs_open_at, consultation)}
            )
        if consultation.inputs_close_at and at < consultation.inputs_close_at:
            changed["inputs_close_at"] = at


def begin_validation(consultation: Consultation, *, closes_at: datetime, by: Person, at: datetime) -> None:
    """The lower half of `outcomes.conclusion.open_validation`: move the state and set the date until which it runs."""
    with following(consultation, "open_validation", validation_closes_at=closes_at):
        if closes_at <= at:
            raise Refused(_("Choose a closing date for the validation that lies in the future."))


def call_off(consultation: Consultation, *, reason: str, by: Person, at: datetime) -> None:
    """The lower half of `outcomes.conclusion.cancel`: move the state, keep the reason and tell who was invited."""
    reason = reason.strip()
    if not reason:
        raise Refused(_("Say why the consultation is cancelled: those who were invited will read it."))
    with following(consultation, "cancel", cancelled_at=at, cancelled_by=by, cancellation_reason=reason):
        tell_cancelled(consultation, at=at)


@contextmanager
def following(consultation: Consultation, act: str, **fields: Any) -> Iterator[dict[str, Any]]:
    """Take one arrow of TRANSITIONS in a transaction; the block checks the guards and may add fields to change.

    The arrow is a conditional update, so of two who try at once one wins, and the row stays locked until the end.
    `consultation` is read afresh at the start, and again when the block refuses. Raises Refused when the consultation
    is in another state than the arrow starts from.
    """
    sources, target = TRANSITIONS[act]
    try:
        with transaction.atomic():
            own = Consultation.objects.filter(pk=consultation.pk)
            moved = own.filter(state__in=sources).update(state=target, **fields)
            consultation.refresh_from_db()
            if not moved:
                raise Refused(
                    _(
                        "%(code)s is %(state)s, so this cannot be done now. "
                        "Perhaps somebody was faster: load the page again."
                    )
                    % {"code": consultation.code, "state": consultation.get_state_display()}
                )
            changed: dict[str, Any] = {}
            yield changed
            for name, value in changed.items():
                setattr(consultation, name, value)
            # Saved, not only updated, so that the history has it.
            consultation.save(update_fields=["state", *fields, *changed])
    except Refused:
        consultation.refresh_from_db()
        raise


def lock(consultation: Consultation) -> Consultation:
    """Read the consultation afresh, keeping its row from changing until the transaction ends.

    PostgreSQL locks the row. SQLite has no locks of rows and ignores the wish, but lets one transaction in at a time:
    ours begin IMMEDIATE (config/settings.py).
    """
    return Consultation.objects.select_for_update().get(pk=consultation.pk)


def local_moment(moment: datetime, consultation: Consultation) -> str:
    """Tell a moment in the event's own time zone: “24 June 2011, 17:00 (Africa/Johannesburg)”."""
    local = moment.astimezone(consultation.zone)
    return f"{date_format(local, 'j F Y, H:i')} ({consultation.time_zone})"
