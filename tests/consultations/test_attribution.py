import pytest

from consultations.attribution import NotQuotable, attribution_line, line_on_the_desk
from consultations.models import Attribution, ConsultationState, Input
from tests.factories import bring_to, give_input, make_organisation, make_person, make_series, plan, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def given():
    consultation = bring_to(plan(make_series()), ConsultationState.ANNOUNCED)
    person = make_person("Ada Telling (sample)", organisation=make_organisation("Later Employer"))
    there = take_part(consultation, person, organisation=make_organisation("City of Utrecht"))
    return give_input(there, attribution=Attribution.NAMED)


def under(input: Input, attribution: Attribution) -> Input:
    Input.objects.filter(pk=input.pk).update(attribution=attribution)
    return Input.objects.with_author().get(pk=input.pk)


@pytest.mark.parametrize(
    ("attribution", "line"),
    [
        (Attribution.NAMED, "Ada Telling (sample), City of Utrecht"),
        (Attribution.ORGANISATION, "City of Utrecht"),
        (Attribution.TYPE, "City"),
    ],
)
def test_the_line_under_a_quote(given, attribution, line):
    assert attribution_line(under(given, attribution)) == line
    assert line_on_the_desk(under(given, attribution), sees_author=False) == line


def test_what_is_not_to_be_published_has_no_line(given):
    unpublished = under(given, Attribution.UNPUBLISHED)
    with pytest.raises(NotQuotable):
        attribution_line(unpublished)
    assert line_on_the_desk(unpublished, sees_author=False) == "City"


@pytest.mark.parametrize("attribution", Attribution)
def test_those_who_may_see_the_author_see_name_and_organisation(given, attribution):
    line = line_on_the_desk(under(given, attribution), sees_author=True)
    assert line == "Ada Telling (sample), City of Utrecht"


def test_an_organisation_that_is_not_there_falls_back_to_the_type(given):
    participation = given.participation
    participation.organisation = None
    participation.save()
    assert attribution_line(under(given, Attribution.ORGANISATION)) == "City"
    assert attribution_line(under(given, Attribution.NAMED)) == "Ada Telling (sample)"
