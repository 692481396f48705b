import pytest
from django.db import IntegrityError, transaction

from consultations.models import Consultation, ConsultationState
from outcomes import conclusion, dispositions, drafting
from outcomes.models import Consideration, RollForward, Version
from outcomes.rollforward import roll_forward
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, SYNTHESIS, VALIDATION, bring_to, give_input, make_person, take_part

pytestmark = pytest.mark.django_db


def test_concluding_names_every_obstacle(chain):
    chain.in_synthesis("JHB11")
    chain.draft("JHB11", "Skills")
    chain.conclude("JHB11")
    tor = bring_to(chain["TOR"], ConsultationState.ANNOUNCED, by=chain.staff)
    author = take_part(tor)
    for _ in range(6):
        give_input(author)
    chain.in_synthesis("TOR")
    own = chain.draft("TOR", "Homes")
    conclusion.open_validation(tor, closes_at=CONCLUSION, by=chain.rapporteur, at=VALIDATION)
    sentences = [
        "1 outcome before this consultation has no disposition yet: JHB11-KT-01. "
        "Say what became of it on the desk, under “Outcomes before us”.",
        "6 inputs are neither used nor set aside: TOR-I-001, TOR-I-002, TOR-I-003, TOR-I-004, TOR-I-005 and more. "
        "Decide on the desk, under “Inputs”.",
        "You wrote TOR-KT-01 yourself, so somebody else must sign it: another organiser, or programme staff.",
    ]
    assert conclusion.obstacles(tor, by=chain.rapporteur) == sentences
    assert conclusion.obstacles(tor, by=chain.staff) == sentences[:2]
    with pytest.raises(Refused) as refusal:
        conclusion.conclude(tor, seen=conclusion.texts_as_they_stand(tor), by=chain.rapporteur, at=CONCLUSION)
    assert refusal.value.reasons == sentences
    assert chain["TOR"].state == "in_validation"
    assert own.versions.get().signed_at is None
    assert RollForward.objects.filter(consultation=tor).count() == 0


def test_concluding_signs_freezes_and_queues_the_roll_forward(chain, django_capture_on_commit_callbacks):
    chain.in_synthesis("JHB11")
    kept, dropped = chain.draft("JHB11", "Skills"), chain.draft("JHB11", "Dropped")
    drafting.drop_draft(dropped, by=chain.rapporteur, at=SYNTHESIS)
    johannesburg = bring_to(chain["JHB11"], ConsultationState.IN_VALIDATION, by=chain.staff)
    with django_capture_on_commit_callbacks() as bells:
        run = conclusion.conclude(
            johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=chain.staff, at=CONCLUSION
        )
    version = kept.versions.get()
    assert (version.signed_by, version.signed_at, version.frozen_at) == (chain.staff, CONCLUSION, CONCLUSION)
    assert dropped.versions.get().frozen_at is None
    stored = Consultation.objects.get(code="JHB11")
    assert (stored.state, stored.concluded_at, stored.concluded_by) == ("concluded", CONCLUSION, chain.staff)
    assert (run.consultation, run.state, len(bells)) == (johannesburg, "queued", 1)


def test_who_concludes_second_is_told_who_was_first(chain):
    consultation = bring_to(chain["JHB11"], ConsultationState.CONCLUDED, by=chain.staff)
    with pytest.raises(Refused, match=f"{chain.staff.name.partition(' (')[0]} .* has concluded JHB11 already"):
        conclusion.conclude(consultation, seen={}, by=chain.rapporteur, at=CONCLUSION)
    assert RollForward.objects.filter(consultation=consultation).count() == 1
    consultation.refresh_from_db()
    assert consultation.concluded_by == chain.staff


def test_what_somebody_signed_before_stays_signed_by_them(chain):
    chain.in_synthesis("JHB11")
    outcome = chain.draft("JHB11", "Skills")
    johannesburg = bring_to(chain["JHB11"], ConsultationState.IN_VALIDATION, by=chain.staff)
    organiser = make_person("Organiser (sample)")
    assert (
        conclusion.sign(
            johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=chain.rapporteur, at=VALIDATION
        )
        == 0
    )
    assert (
        conclusion.sign(johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=organiser, at=VALIDATION)
        == 1
    )
    assert conclusion.obstacles(johannesburg, by=chain.rapporteur) == []
    conclusion.conclude(
        johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=chain.rapporteur, at=CONCLUSION
    )
    assert outcome.versions.get().signed_by == organiser


def test_signing_is_for_validation(chain):
    johannesburg = chain.in_synthesis("JHB11")
    with pytest.raises(Refused, match="Texts are signed in validation"):
        conclusion.sign(johannesburg, seen=conclusion.texts_as_they_stand(johannesburg), by=chain.staff, at=SYNTHESIS)


def test_the_database_itself_refuses_a_final_text_that_its_writer_signed(chain):
    chain.in_synthesis("JHB11")
    chain.draft("JHB11", "Skills")
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.update(signed_by=chain.rapporteur, signed_at=CONCLUSION, frozen_at=CONCLUSION)


def test_cancelling_moves_untouched_outcomes_along(chain):
    chain.in_synthesis("JHB11")
    chain.draft("JHB11", "Skills")
    chain.conclude("JHB11")
    assert chain.references_before("TOR") == ["JHB11-KT-01"]
    conclusion.cancel(chain["TOR"], reason="No venue.", by=chain.staff, at=CONCLUSION)
    run = RollForward.objects.get(state="queued")
    assert run.consultation.code == "JHB11"
    roll_forward(run.consultation, at=CONCLUSION, run=run)
    assert (chain.references_before("TOR"), chain.references_before("IST")) == ([], ["JHB11-KT-01"])


def test_cancelling_where_work_has_begun_is_refused_by_name(chain):
    chain.in_synthesis("JHB11")
    outcome = chain.draft("JHB11", "Skills")
    chain.conclude("JHB11")
    tor = chain.in_synthesis("TOR")
    dispositions.reaffirm(chain.before("TOR", outcome), by=chain.rapporteur, at=SYNTHESIS)
    with pytest.raises(Refused, match="Work on these outcomes has begun at Consultation TOR: JHB11-KT-01. Undo"):
        conclusion.cancel(tor, reason="No venue.", by=chain.staff, at=CONCLUSION)
    assert chain["TOR"].state == tor.state == "in_synthesis"
    assert Consideration.objects.get(consultation=tor).disposition == "reaffirmed"
