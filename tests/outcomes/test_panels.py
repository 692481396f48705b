"""The panels that pages of other apps show."""

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consultations.models import ConsultationState, Input
from outcomes import dispositions, synthesis
from outcomes.drafting import NewEvidence
from outcomes.models import Consideration
from stakeholders.accounts import ensure_account
from stakeholders.models import Person
from tests import factories
from tests.outcomes.conftest import HIDDEN_NAME, TELLING_NAME

pytestmark = pytest.mark.django_db


def show(tag: str, person: Person | None = None, **context: object) -> str:
    user = ensure_account(person) if person else AnonymousUser()
    return Template("{% load outcome_panels %}" + tag).render(Context({"user": user, **context}))


@pytest.fixture
def drafted(event):
    event.fund = factories.draft_outcome(
        event.consultation,
        by=event.rapporteur,
        evidence=[NewEvidence(input=event.named, quote="one fund for training"), event.by_type],
    )
    synthesis.set_aside(
        [event.unpublished],
        consultation=event.consultation,
        reason="It is for another place.",
        by=event.rapporteur,
        at=factories.SYNTHESIS,
    )
    return event


def test_laid_outcomes_stand_in_the_words_they_came_in(drafted):
    assert show("{% laid_outcomes event %}", event=drafted.later).strip() == ""
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    panel = show("{% laid_outcomes event %}", event=drafted.later)
    for words in ["JHB11-KT-01", "Pay into one training fund", "carried from Johannesburg", "Knowledge transfer"]:
        assert words in panel
    assert "<details" not in panel


def test_after_the_conclusion_everybody_reads_what_it_made_of_them(drafted):
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    factories.bring_to(drafted.later, ConsultationState.IN_SYNTHESIS, by=drafted.staff)
    row = Consideration.objects.get(consultation=drafted.later)
    dispositions.contest(row, reason="Too dear.", by=drafted.foreign_rapporteur, at=timezone.now())
    factories.bring_to(drafted.later, ConsultationState.CONCLUDED, by=drafted.staff)
    panel = show("{% laid_outcomes event %}", event=drafted.later)
    for words in ["What it made of earlier outcomes", "Pay into one training fund", "contested", "Why: Too dear."]:
        assert words in panel


def test_laid_outcomes_folded_are_open_at_the_chosen_area(drafted):
    kt, cp, sc = (drafted.consultation.areas.get(code=code) for code in ["KT", "CP", "SC"])
    factories.draft_outcome(drafted.consultation, by=drafted.rapporteur, area=cp)
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    for chosen, opened in [(kt, ["JHB11-KT-01"]), (cp, ["JHB11-CP-01"]), (sc, [])]:
        panel = show("{% laid_outcomes event folded=True chosen=key %}", event=drafted.later, key=str(chosen.pk))
        parts = panel.split("<details")[1:]
        assert [re.findall(r"JHB11-\w\w-\d\d", part)[0] for part in parts if " open>" in part] == opened
        assert len(parts) == 2


def test_the_only_area_is_open(drafted):
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    assert show("{% laid_outcomes event folded=True %}", event=drafted.later).count(" open>") == 1


def test_laid_outcomes_do_not_tell_what_the_desk_makes_of_them(drafted):
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    factories.bring_to(drafted.later, ConsultationState.IN_SYNTHESIS, by=drafted.staff)
    row = Consideration.objects.get(consultation=drafted.later)
    dispositions.contest(row, reason="Too dear.", by=drafted.foreign_rapporteur, at=timezone.now())
    panel = show("{% laid_outcomes event %}", event=drafted.later)
    assert "contested" not in panel
    assert "Too dear." not in panel


def test_contested_outcomes_are_laid_visibly_contested(drafted):
    last = factories.plan(drafted.consultation.series, "IST12", order=30)
    drafted.later.feeds_into = last
    drafted.later.save()
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    factories.bring_to(drafted.later, ConsultationState.IN_SYNTHESIS, by=drafted.staff)
    row = Consideration.objects.get(consultation=drafted.later)
    dispositions.contest(row, reason="Too dear.", by=drafted.foreign_rapporteur, at=timezone.now())
    factories.conclude_and_carry(drafted.later, by=drafted.staff)
    assert 'data-state="contested"' in show("{% laid_outcomes event %}", event=last)


def test_authors_learn_the_fate_when_validation_opens(drafted):
    author = drafted.participant.person
    named = Input.objects.select_related("consultation").get(pk=drafted.named.pk)
    early = show("{% input_fate input %}", author, input=named)
    assert "not decided yet" in early
    assert "JHB11-KT-01" not in early
    assert "JHB11-KT-01" in show("{% input_fate input %}", drafted.rapporteur, input=named)
    factories.bring_to(drafted.consultation, ConsultationState.IN_VALIDATION, by=drafted.staff)
    named.consultation.refresh_from_db()
    told = show("{% input_fate input %}", author, input=named)
    assert "This input is evidence of an outcome:" in told
    assert drafted.fund.get_absolute_url() in told
    assert "one fund for training" in told
    aside = Input.objects.select_related("consultation").get(pk=drafted.unpublished.pk)
    assert "It is for another place." in show("{% input_fate input %}", aside.participation.person, input=aside)


def test_many_fates_need_as_many_queries_as_few(drafted):
    factories.bring_to(drafted.consultation, ConsultationState.IN_VALIDATION, by=drafted.staff)
    tag = "{% fates_of inputs as fates %}{% for input in inputs %}{% show_fate fates input %}{% endfor %}"
    inputs = Input.objects.filter(consultation=drafted.consultation).select_related("consultation").order_by("number")
    counts = []
    for number in [1, 3]:
        with CaptureQueriesContext(connection) as queries:
            panel = show(tag, inputs=inputs[:number])
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert panel.count('data-fate="used"') == 2
    assert panel.count('data-fate="set_aside"') == 1


def test_outcomes_of_a_consultation_are_shown_once_it_is_concluded(drafted):
    tag = "{% consultation_outcomes event %}"
    assert show(tag, event=drafted.consultation).strip() == ""
    assert show(tag, drafted.rapporteur, event=drafted.consultation).strip() == ""
    factories.bring_to(drafted.consultation, ConsultationState.CONCLUDED, by=drafted.staff)
    panel = show(tag, event=drafted.consultation)
    assert "Pay into one training fund" in panel
    assert drafted.fund.get_absolute_url() in panel


def test_the_newest_outcomes_of_a_series_lead_to_all(drafted):
    tag = "{% series_outcomes series %}"
    series = drafted.consultation.series
    empty = show(tag, series=series)
    assert "as soon as the first of them is concluded" in empty
    assert "Pay into one training fund" not in empty
    factories.bring_to(drafted.consultation, ConsultationState.CONCLUDED, by=drafted.staff)
    panel = show(tag, series=series)
    assert "Pay into one training fund" in panel
    assert "/series/thp/outcomes/" in panel


@pytest.mark.parametrize(
    ("who", "desk", "drafts"),
    [
        ("visitor", False, False),
        ("participant", False, True),
        ("foreign_rapporteur", False, False),
        ("rapporteur", True, True),
        ("organiser", True, True),
        ("staff", True, True),
    ],
)
def test_the_way_to_the_desk_is_shown_to_those_who_may_go(drafted, who, desk, drafts):
    factories.bring_to(drafted.consultation, ConsultationState.IN_VALIDATION, by=drafted.staff)
    people = {"visitor": None, "participant": drafted.participant.person}
    person = people[who] if who in people else getattr(drafted, who)
    panel = show("{% desk_link event %}", person, event=drafted.consultation)
    assert ("/consultations/JHB11/desk/" in panel) == desk
    assert ("/consultations/JHB11/validation/" in panel) == drafts


def test_no_panel_tells_who_said_it(drafted):
    factories.conclude_and_carry(drafted.consultation, by=drafted.staff)
    tags = "{% laid_outcomes later %}{% consultation_outcomes event %}{% series_outcomes series %}"
    panels = show(tags, later=drafted.later, event=drafted.consultation, series=drafted.consultation.series)
    assert "Pay into one training fund" in panels
    assert TELLING_NAME not in panels
    assert HIDDEN_NAME not in panels


def test_panels_need_as_many_queries_for_many_rows_as_for_few(event):
    def count() -> int:
        tags = "{% laid_outcomes later %}{% consultation_outcomes event %}{% series_outcomes series %}"
        with CaptureQueriesContext(connection) as queries:
            show(tags, later=event.later, event=event.consultation, series=event.consultation.series)
        return len(queries)

    factories.draft_outcome(event.consultation, by=event.rapporteur)
    for number in range(19):
        factories.draft_outcome(event.consultation, by=event.rapporteur, title=f"Title {number}")
    factories.conclude_and_carry(event.consultation, by=event.staff)
    count()
    many = count()
    Consideration.objects.filter(consultation=event.later, outcome__number__gt=2).delete()
    assert count() == many
