import pytest

from consultations.attribution import NotQuotable, attribution_line, line_on_the_desk, names_given_away
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


PERSON, FIRM = "José van der Grace (sample)", "Greater Town Works"


@pytest.mark.parametrize(
    ("text", "attribution", "found"),
    [
        ("We need one fund.", "type", []),
        ("At Greater  town works we pay for training.", "type", ["Greater Town Works"]),
        ("GTW pays for training.", "type", ["Greater Town Works"]),
        ("GTWs and gtw are other words.", "type", []),
        ("I, jose van der grace, say so.", "type", ["José van der Grace"]),
        ("Ask José!", "type", ["José van der Grace"]),
        ("JOSE said it.", "type", ["José van der Grace"]),
        ("A week of grace, and a van.", "type", []),
        ("Joséphine disgraced us.", "type", []),
        ("José of GTW", "type", ["José van der Grace", "Greater Town Works"]),
        ("José of GTW", "organisation", ["José van der Grace"]),
        ("José of GTW", "named", []),
        ("José of GTW", "unpublished", []),
    ],
)
def test_names_that_tell_more_than_the_author_chose(text, attribution, found):
    consultation = plan(make_series())
    there = take_part(consultation, make_person(PERSON), organisation=make_organisation(FIRM))
    assert names_given_away(text, participation=there, attribution=attribution) == found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("王伟", "昨天王伟说得很清楚。"),
        ("فاطمة الزهراء", "قالت فاطمة الزهراء ذلك."),
        ("Ольга Ёлкина", "Так сказала ОЛЬГА ЕЛКИНА."),
        ("İpek Şahin", "Ipek Sahin bunu söyledi."),
        ("สมชาย", "คุณสมชายพูดว่า"),
    ],
)
def test_names_are_found_in_all_scripts(name, text):
    there = take_part(plan(make_series()), make_person(name))
    assert names_given_away(text, participation=there, attribution="type") == [name]
    assert names_given_away("One fund.", participation=there, attribution="type") == []
