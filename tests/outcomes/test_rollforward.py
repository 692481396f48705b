from datetime import timedelta

import pytest
from django.utils import timezone

from consultations.models import ConsultationState
from outcomes import conclusion, dispositions, rollforward
from outcomes.models import Consideration, Outcome, RollForward, Version
from outcomes.tasks import roll_forward as task
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, SYNTHESIS, bring_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def worked(chain) -> dict[str, Outcome]:
    """Toronto concluded, with one outcome of each disposition that an expert consultation can give."""
    chain.in_synthesis("JHB11")
    names = ["reaffirmed", "refined", "contested", "retired", "not_considered", "merged", "merged too", "split"]
    made = {name: chain.draft("JHB11", name) for name in names}
    chain.conclude("JHB11")
    chain.in_synthesis("TOR")
    who = {"by": chain.rapporteur, "at": SYNTHESIS}
    at_toronto = {name: chain.before("TOR", outcome) for name, outcome in made.items()}
    dispositions.reaffirm(at_toronto["reaffirmed"], **who)
    dispositions.refine(at_toronto["refined"], title="Refined", statement="Finer.", change_note="Why.", **who)
    dispositions.contest(at_toronto["contested"], reason="No.", **who)
    dispositions.retire(at_toronto["retired"], reason="Done.", **who)
    made["child"] = dispositions.merge(
        [at_toronto["merged"], at_toronto["merged too"]],
        area=made["merged"].area, kind="finding", title="Child", statement="Child.", addressees=[], **who,
    )  # fmt: skip
    parts = [dispositions.Part("Left", "Left."), dispositions.Part("Right", "Right.")]
    made["left"], made["right"] = dispositions.split(at_toronto["split"], parts=parts, **who)
    made["proposed"] = chain.draft("TOR", "proposed")
    bring_to(chain["TOR"], ConsultationState.IN_SYNTHESIS)
    dispositions.leave_unconsidered(at_toronto["not_considered"], **who)
    bring_to(chain["TOR"], ConsultationState.CONCLUDED, by=chain.staff)
    return made


LIVE = ["reaffirmed", "refined", "contested", "not_considered", "child", "left", "right", "proposed"]


def test_exactly_the_live_outcomes_go_on_pinned_to_their_last_text(chain, worked):
    versions = Version.objects.count()
    run = rollforward.roll_forward(chain["TOR"], at=CONCLUSION)
    assert chain.references_before("IST") == sorted(worked[name].reference for name in LIVE)
    pinned = {row.outcome_id: row for row in Consideration.objects.filter(consultation=chain["IST"])}
    for name in LIVE:
        row = pinned[worked[name].pk]
        assert row.version_before == worked[name].versions.order_by("number").last()
        assert (row.disposition, row.version_after, row.laid_from, row.roll_forward, row.laid_at) == (
            "", None, chain["TOR"], run, CONCLUSION,
        )  # fmt: skip
    assert Version.objects.count() == versions
    assert (run.receiver, run.carried, run.already_there, run.skipped, run.skipped_reasons) == (
        chain["IST"], 8, 0, 4, {"merged": 2, "retired": 1, "split": 1},
    )  # fmt: skip


def test_running_it_again_changes_nothing(chain, worked):
    rollforward.roll_forward(chain["TOR"], at=CONCLUSION)
    before = list(Consideration.objects.order_by("pk").values())
    again = rollforward.roll_forward(chain["TOR"], at=CONCLUSION + timedelta(days=1))
    assert list(Consideration.objects.order_by("pk").values()) == before
    assert (again.carried, again.already_there, again.skipped) == (0, 8, 4)


def test_the_task_runs_twice_and_carries_once(clock, chain, worked):
    run = rollforward.queue_roll_forward(chain["TOR"], at=timezone.now())
    for _ in range(2):
        task(pk=run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.carried, run.already_there) == ("done", 1, 8, 0)


def test_the_receiver_is_the_first_that_has_not_ended(chain, worked):
    conclusion.cancel(chain["IST"], reason="No venue.", by=chain.staff, at=CONCLUSION)
    assert rollforward.receiver_of(chain["TOR"]) == chain["HEAR"]
    rollforward.roll_forward(chain["TOR"], at=CONCLUSION)
    assert (len(chain.references_before("IST")), len(chain.references_before("HEAR"))) == (0, 8)


def test_without_a_receiver_nothing_is_lost_and_it_waits(chain, worked):
    tor = chain["TOR"]
    following, tor.feeds_into = tor.feeds_into, None
    tor.save()
    run = rollforward.roll_forward(tor, at=CONCLUSION)
    assert (run.receiver, run.carried, run.skipped, run.skipped_reasons) == (
        None, 0, 12, {"merged": 2, "no_receiver": 8, "retired": 1, "split": 1},
    )  # fmt: skip
    assert rollforward.roll_waiting(at=CONCLUSION) == 0
    tor.feeds_into = following
    tor.save()
    assert rollforward.roll_waiting(at=CONCLUSION) == 1
    waiting = RollForward.objects.latest("pk")
    assert rollforward.roll_forward(tor, at=CONCLUSION, run=waiting).carried == 8
    assert rollforward.roll_waiting(at=CONCLUSION) == 0


@pytest.mark.parametrize("state", ["planned", "announced", "in_synthesis", "in_validation"])
def test_only_what_is_concluded_is_carried(chain, state):
    bring_to(chain["JHB11"], ConsultationState(state), by=chain.staff)
    with pytest.raises(Refused, match="Outcomes are carried forward once it is concluded"):
        rollforward.roll_forward(chain["JHB11"], at=CONCLUSION)


def test_after_the_hearing_only_what_it_decided_goes_on(chain):
    chain.in_synthesis("JHB11")
    names = ["adopted", "adopted_as_amended", "referred", "not_adopted", "passed over"]
    made = {name: chain.draft("JHB11", name) for name in names}
    for code in ["JHB11", "TOR", "IST"]:
        chain.conclude(code)
    chain.in_synthesis("HEAR")
    for name in names[:4]:
        new_text = {"title": "T", "statement": "S"} if name == "adopted_as_amended" else {}
        dispositions.decide(
            chain.before("HEAR", made[name]),
            disposition=name, reason="So.", by=chain.rapporteur, at=SYNTHESIS, **new_text,
        )  # fmt: skip
    chain.conclude("HEAR")
    carried = {name for name in names if made[name].reference in chain.references_before("AFTER")}
    assert carried == {"adopted", "adopted_as_amended", "referred", "passed over"}


@pytest.mark.parametrize("number", [20, 2000])
def test_the_number_of_queries_does_not_depend_on_the_number_of_outcomes(chain, number, django_assert_num_queries):
    chain.in_synthesis("JHB11")
    template = chain.draft("JHB11", "Skills")
    area = template.area
    Outcome.objects.bulk_create(
        Outcome(
            born_at=chain["JHB11"], area=area, number=place, reference=f"JHB11-KT-{place:02}", kind="finding",
            created_at=SYNTHESIS,
        )
        for place in range(2, number + 1)
    )  # fmt: skip
    rows = list(Outcome.objects.exclude(pk=template.pk))
    texts = Version.objects.bulk_create(
        Version(
            outcome=row, number=1, consultation=chain["JHB11"], title="T", statement="S",
            drafted_at=SYNTHESIS, drafted_by=chain.rapporteur,
        )
        for row in rows
    )  # fmt: skip
    Consideration.objects.bulk_create(
        Consideration(
            outcome=row, consultation=chain["JHB11"], version_after=text, disposition="proposed",
            disposed_at=SYNTHESIS, disposed_by=chain.rapporteur, laid_at=SYNTHESIS,
        )
        for row, text in zip(rows, texts, strict=True)
    )  # fmt: skip
    johannesburg = bring_to(chain["JHB11"], ConsultationState.CONCLUDED, by=chain.staff)
    with django_assert_num_queries(7):
        run = rollforward.roll_forward(johannesburg, at=CONCLUSION)
    assert (run.carried, len(chain.references_before("TOR"))) == (number, number)
