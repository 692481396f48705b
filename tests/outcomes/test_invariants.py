"""The invariants of the roll-forward (domain.md) over random series and random acts."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.outcomes.machine.aftermath import Aftermath

pytestmark = pytest.mark.django_db


def test_every_invariant_holds_over_random_series_and_acts() -> None:
    run_state_machine_as_test(
        Aftermath,
        settings=settings(
            max_examples=10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
