"""Who is there and who is missing, by stakeholder type, region and area."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from consultations.models import Answer, Consultation, Participation, Role, Target
from outcomes.balance import STAGES, Counts, balance_of, balances_of, unasked_organisations
from outcomes.drafting import NewEvidence
from stakeholders.models import Organisation
from tests.factories import (
    bring_to,
    draft_input,
    draft_outcome,
    give_input,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    make_type,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation() -> Consultation:
    """Two cities at the table of which one is quoted, a business that gave a draft only, one that declined."""
    series = make_series()
    series.regions.create(name="Southern Africa", countries="South Africa\nMozambique", order=1)
    series.regions.create(name="Europe", countries="Netherlands", order=2)
    consultation = plan(series)
    consultation.targets.create(stakeholder_type=make_type("city"), number=4)
    consultation.targets.create(stakeholder_type=make_type("diaspora"), number=1)
    consultation.region_targets.create(region=series.regions.get(name="Europe"), number=2)
    bring_to(consultation, "announced")
    durban = make_organisation("City of Durban")
    Organisation.objects.filter(pk=durban.pk).update(country=" south africa ")
    durban.refresh_from_db()
    quoted = take_part(consultation, make_person(country="Netherlands"), organisation=durban, attended=True)
    silent = take_part(consultation, make_person(country="Netherlands"))
    business = take_part(consultation, make_person(country="Chile"), type="business")
    take_part(consultation, type="business", answer=Answer.DECLINED)
    take_part(consultation, type="business", answer=Answer.NOT_INVITED)
    areas = {area.code: area for area in series.areas.all()}
    used = give_input(quoted, area=areas["KT"])
    give_input(quoted, area=areas["KT"])
    give_input(quoted, area=areas["SC"])
    give_input(silent, area=areas["SC"], attribution="unpublished")
    draft_input(business, area=areas["CP"])
    bring_to(consultation, "in_synthesis")
    quote = NewEvidence(input=used, quote="one fund")
    draft_outcome(consultation, by=make_person(), area=areas["KT"], evidence=[quote])
    return consultation


def numbers(counts: Counts) -> tuple[int, ...]:
    return tuple(getattr(counts, stage) for stage in STAGES)


def test_by_stakeholder_type(consultation):
    balance = balance_of(consultation)
    assert {line.name: (line.target, numbers(line.counts)) for line in balance.types} == {
        "City": (4, (2, 2, 1, 2, 1)),
        "Business": (None, (2, 1, 0, 0, 0)),
        "Diaspora": (1, (0, 0, 0, 0, 0)),
    }
    assert numbers(balance.total) == (4, 3, 1, 2, 1)
    assert (balance.total.listed, balance.total.declined) == (5, 1)


def test_by_area(consultation):
    codes = dict(consultation.areas.values_list("pk", "code"))
    cities = next(line for line in balance_of(consultation).types if line.name == "City")
    assert {codes[area]: number for area, number in cities.contributed_in.items()} == {"KT": 1, "SC": 2}
    assert {codes[area]: number for area, number in cities.quoted_in.items()} == {"KT": 1}


def test_by_region(consultation):
    """The country is that of the organisation, however it is spelt, else the person's own."""
    lines = balance_of(consultation).regions
    assert [(line.name, line.target, numbers(line.counts)) for line in lines] == [
        ("Southern Africa", None, (1, 1, 1, 1, 1)),
        ("Europe", 2, (1, 1, 0, 1, 0)),
        ("Other countries", None, (1, 1, 0, 0, 0)),
        ("Country not known", None, (1, 0, 0, 0, 0)),
    ]


def test_who_is_missing_lead_stakeholders_first(consultation):
    """Once attendance is taken, those who stayed away are missing; before that, those who have not accepted."""
    Target.objects.filter(stakeholder_type__slug="city").update(number=2)
    assert [(line.name, line.missing) for line in balance_of(consultation).missing] == [("City", 1), ("Diaspora", 1)]
    Participation.objects.update(attended=None)
    assert [(line.name, line.missing) for line in balance_of(consultation).missing] == [("Diaspora", 1)]


def test_organisations_that_have_not_been_asked(consultation):
    declined, listed = make_organisation("Asked Ltd", type="business"), make_organisation("Listed Ltd", type="business")
    take_part(consultation, organisation=declined, type="business", answer=Answer.DECLINED)
    take_part(consultation, organisation=listed, type="business", answer=Answer.NOT_INVITED)
    make_organisation("Nobody Ltd", type="business")
    unasked = unasked_organisations(consultation).filter(stakeholder_type__slug="business")
    assert set(unasked.values_list("name", flat=True)) == {"Listed Ltd", "Nobody Ltd"}


def test_the_number_of_queries_does_not_grow(consultation):
    series = consultation.series

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            balances_of(list(series.consultations.select_related("series")))
        return len(captured)

    before = queries()
    for number in range(5):
        other = plan(series, f"E{number}")
        other.targets.create(stakeholder_type=make_type(f"type-{number}"), number=3)
        take_part(other, type=f"kind-{number}")
    assert queries() == before


class TestPages:
    @pytest.fixture
    def organiser(self, consultation):
        organiser = make_person("Olga Organiser (sample)")
        take_part(consultation, organiser, role=Role.ORGANISER, type="civil-society")
        return organiser

    def test_the_balance(self, client, consultation, organiser, sign_in):
        make_organisation("Diaspora Council", type="diaspora")
        page = text_of(sign_in(organiser).get(reverse("outcomes:balance", args=[consultation.code])))
        assert "Cities lead stakeholder 3 were missing: 1 of 4 attended." in page
        assert "Diasporas One was missing: 0 of 1 attended. One organisation of this type has not been asked" in page
        assert "From the invitation to the quote, by region" in page

    def test_the_organisations_of_a_type_that_have_not_been_asked(self, client, consultation, organiser, sign_in):
        make_organisation("Diaspora Council", type="diaspora")
        make_organisation("Asked Council", type="diaspora")
        asked = Organisation.objects.get(name="Asked Council")
        take_part(consultation, organisation=asked, type="diaspora", answer=Answer.INVITED)
        sign_in(organiser)
        page = text_of(client.get(reverse("outcomes:unasked", args=[consultation.code, "diaspora"])))
        assert "Diaspora Council" in page
        assert "Asked Council" not in page
        assert client.get(reverse("outcomes:unasked", args=[consultation.code, "nonsense"])).status_code == 404


class TestEverybodyIsCountedOnce(TestCase):
    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        people=st.lists(
            st.tuples(
                st.sampled_from(["city", "business"]),
                st.sampled_from(["", "Chile", "Netherlands"]),
                st.sampled_from([Answer.NOT_INVITED, Answer.ACCEPTED, Answer.DECLINED]),
                st.sampled_from([True, False, None]),
            ),
            max_size=12,
        )
    )
    def test_types_and_regions_add_up_to_the_same(self, people):
        consultation = plan(make_series(f"s{Consultation.objects.count()}"), f"C{Consultation.objects.count()}")
        consultation.series.regions.create(name="Europe", countries="Netherlands")
        for type, country, answer, attended in people:
            take_part(consultation, make_person(country=country), type=type, answer=answer, attended=attended)
        balance = balance_of(consultation)
        assert sum((line.counts for line in balance.regions), Counts()) == balance.total
        assert balance.total.listed == len(people)


def test_staff_reach_it_from_the_admin(client, consultation, sign_in):
    sign_in(make_staff())
    page = client.get(reverse("admin:consultations_consultation_change", args=[consultation.pk]))
    assert reverse("admin:consultations_consultation_balance", args=[consultation.pk]) in page.content.decode()
