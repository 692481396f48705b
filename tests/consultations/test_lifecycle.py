from datetime import UTC, date, datetime, timedelta

import pytest

from consultations import lifecycle
from consultations.models import Consultation, ConsultationState
from outcomes import conclusion
from stakeholders.refusals import Refused
from tests.factories import CLOSES, NOW, OPENS, SYNTHESIS, VALIDATION, bring_to, make_series, make_staff, plan

pytestmark = pytest.mark.django_db

ACTS = {
    "announce": lambda it, by, at: lifecycle.announce(it, by=by, at=at),
    "close_inputs": lambda it, by, at: lifecycle.close_inputs(it, by=by, at=at),
    "open_validation": lambda it, by, at: conclusion.open_validation(
        it, closes_at=at + timedelta(days=9), by=by, at=at
    ),
    "conclude": lambda it, by, at: conclusion.conclude(it, seen=conclusion.texts_as_they_stand(it), by=by, at=at),
    "cancel": lambda it, by, at: conclusion.cancel(it, reason="No venue.", by=by, at=at),
}
ARROWS = {
    ("planned", "announce"): "announced",
    ("announced", "close_inputs"): "in_synthesis",
    ("in_synthesis", "open_validation"): "in_validation",
    ("in_validation", "conclude"): "concluded",
    ("planned", "cancel"): "cancelled",
    ("announced", "cancel"): "cancelled",
    ("in_synthesis", "cancel"): "cancelled",
    ("in_validation", "cancel"): "cancelled",
}


@pytest.fixture
def staff():
    return make_staff()


@pytest.mark.parametrize("state", ConsultationState)
@pytest.mark.parametrize("act", ACTS)
def test_every_act_in_every_state(staff, state, act):
    consultation = plan(make_series())
    if state == ConsultationState.CANCELLED:
        conclusion.cancel(consultation, reason="No venue.", by=staff, at=NOW)
    else:
        bring_to(consultation, state, by=staff)
    at = datetime(2011, 8, 1, tzinfo=UTC)
    if (state, act) in ARROWS:
        ACTS[act](consultation, staff, at)
        assert Consultation.objects.get().state == ARROWS[state, act]
    else:
        with pytest.raises(Refused):
            ACTS[act](consultation, staff, at)
        assert Consultation.objects.get().state == state
    assert consultation.state == Consultation.objects.get().state


def test_the_table_of_transitions_is_the_one_of_the_domain():
    told = {(source, act): target for act, (sources, target) in lifecycle.TRANSITIONS.items() for source in sources}
    assert told == ARROWS


def test_announcing_names_everything_that_is_missing(staff):
    series = make_series()
    consultation = Consultation.objects.create(series=series, code="TOR", title="Toronto", languages=[])
    with pytest.raises(Refused) as refusal:
        lifecycle.announce(consultation, by=staff, at=NOW)
    assert refusal.value.reasons == [
        "The first and the last day are missing.",
        "The place is missing: fill in the city.",
        "The time zone is missing.",
        "The host is missing.",
        "Choose the cooperation areas that it works on.",
        "The input window is missing: say from when until when inputs are taken.",
        "Name at least one language.",
    ]
    assert Consultation.objects.get().announced_at is None


def test_announcing_freezes_the_rule_for_levels_of_agreement(staff):
    series = make_series()
    consultation = plan(series)
    lifecycle.announce(consultation, by=staff, at=OPENS)
    series.agreement_rule = {**series.agreement_rule, "consensus_from": 0.1}
    series.save()
    stored = Consultation.objects.get()
    assert (stored.announced_at, stored.announced_by) == (OPENS, staff)
    assert stored.agreement_rule["consensus_from"] == 0.75


def test_a_form_opened_before_a_transition_does_not_turn_the_state_back(staff):
    consultation = plan(make_series())
    stale = Consultation.objects.get()
    lifecycle.announce(consultation, by=staff, at=OPENS)
    stale.venue = "Library"
    stale.save()
    stored = Consultation.objects.get()
    assert (stored.state, stored.announced_at, stored.venue) == ("announced", OPENS, "Library")


def test_of_two_who_announce_one_is_told(staff):
    consultation = plan(make_series())
    stale = Consultation.objects.get()
    lifecycle.announce(consultation, by=staff, at=OPENS)
    with pytest.raises(Refused, match="JHB11 is announced, so this cannot be done now. Perhaps somebody was faster"):
        lifecycle.announce(stale, by=staff, at=OPENS)


def test_the_window_is_half_open(staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED, by=staff)
    a_moment = timedelta(microseconds=1)
    assert [consultation.window_is_open(at=at) for at in [OPENS - a_moment, OPENS, CLOSES - a_moment, CLOSES]] == [
        False,
        True,
        True,
        False,
    ]


def test_extending_the_window(staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED, by=staff)
    later = CLOSES + timedelta(days=2)
    lifecycle.extend_window(consultation, closes_at=later, by=staff, at=CLOSES + timedelta(hours=1))
    assert Consultation.objects.get().inputs_close_at == later
    with pytest.raises(Refused, match="after the present end of the window"):
        lifecycle.extend_window(consultation, closes_at=later, by=staff, at=NOW)
    assert Consultation.objects.get().inputs_close_at == later


def test_closing_inputs_early_ends_the_window_now(staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED, by=staff)
    lifecycle.close_inputs(consultation, by=staff, at=NOW)
    assert Consultation.objects.get().inputs_close_at == NOW


def test_closing_inputs_after_the_window_keeps_its_end(staff):
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED, by=staff)
    lifecycle.close_inputs(consultation, by=staff, at=SYNTHESIS)
    assert Consultation.objects.get().inputs_close_at == CLOSES


def test_closing_inputs_before_the_window_opens_is_refused(staff):
    consultation = plan(make_series())
    lifecycle.announce(consultation, by=staff, at=OPENS - timedelta(days=9))
    with pytest.raises(Refused, match=r"opens on 1 May 2011, 02:00 \(Africa/Johannesburg\)"):
        lifecycle.close_inputs(consultation, by=staff, at=OPENS - timedelta(days=1))


def test_validation_needs_a_date_to_come(staff):
    consultation = bring_to(plan(make_series()), ConsultationState.IN_SYNTHESIS, by=staff)
    with pytest.raises(Refused, match="lies in the future"):
        conclusion.open_validation(consultation, closes_at=VALIDATION, by=staff, at=VALIDATION)
    assert Consultation.objects.get().validation_closes_at is None


def test_cancelling_needs_a_reason(staff):
    consultation = plan(make_series())
    with pytest.raises(Refused, match="Say why the consultation is cancelled"):
        conclusion.cancel(consultation, reason="  ", by=staff, at=NOW)
    conclusion.cancel(consultation, reason=" No venue. ", by=staff, at=NOW)
    stored = Consultation.objects.get()
    assert (stored.state, stored.cancellation_reason, stored.cancelled_by) == ("cancelled", "No venue.", staff)


def test_every_transition_is_in_the_history(staff):
    consultation = bring_to(plan(make_series()), ConsultationState.CONCLUDED, by=staff)
    states = list(consultation.history.order_by("history_id").values_list("state", flat=True))
    assert list(dict.fromkeys(states)) == ["planned", "announced", "in_synthesis", "in_validation", "concluded"]


def test_moments_are_told_in_the_events_own_time_zone():
    consultation = Consultation(time_zone="America/Toronto", starts_on=date(2011, 9, 1))
    told = lifecycle.local_moment(datetime(2011, 11, 6, 5, 30, tzinfo=UTC), consultation)
    assert told == "6 November 2011, 01:30 (America/Toronto)"
