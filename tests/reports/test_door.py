"""What is printed for the day, read back from the PDF."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from consultations import attendance
from consultations.models import Answer, Role
from reports.door import badge_of, door_pdf
from tests.factories import bring_to, make_organisation, make_person, make_series, plan, take_part
from tests.reports.pdfs import assert_keeps_both_standards, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), "announced")


@pytest.fixture
def organiser(consultation, sign_in):
    row = take_part(consultation, make_person("Otto Oak (sample)"), role=Role.ORGANISER, type="business")
    return sign_in(row.person)


@pytest.fixture
def people(consultation):
    office = make_organisation("City of Utrecht")
    take_part(consultation, make_person("Ayşe Çelik (sample)"), organisation=office)
    take_part(consultation, make_person("Declined (sample)"), answer=Answer.DECLINED)
    take_part(consultation, make_person("Asked (sample)"), answer=Answer.INVITED)
    take_part(consultation, make_person("Waits (sample)"), answer=Answer.WAITING)


@pytest.fixture
def printed(organiser, tmp_path):
    """Give a function that has something printed, and gives the file."""

    def printed(what: str) -> Path:
        response = organiser.get(reverse("reports:door_print", args=["JHB11", what]))
        assert (response["Content-Type"], response["Content-Disposition"]) == (
            "application/pdf",
            f'attachment; filename="JHB11-{what}.pdf"',
        )
        file = tmp_path / f"{what}.pdf"
        file.write_bytes(response.content)
        return file

    return printed


@pytest.mark.parametrize("what", ["list", "sign-in", "badges"])
def test_those_who_come_are_printed_and_nobody_else(printed, people, what):
    file = printed(what)
    text = text_of(file)
    for name in ["Ayşe Çelik (sample)", "Otto Oak (sample)", "City of Utrecht"]:
        assert name in text
    for name in ["Declined", "Asked", "Waits", "@"]:
        assert name not in text
    assert_keeps_both_standards(file)


def test_the_list_stands_by_type_and_says_that_it_is_not_to_be_given_out(printed, people):
    text = text_of(printed("list"))
    assert text.index("Cities 1") < text.index("Ayşe") < text.index("Businesses 1") < text.index("Otto")
    assert "Not to be handed out or put up" in text


def test_ten_badges_to_a_page(consultation):
    for _ in range(21):
        take_part(consultation)
    assert door_pdf(consultation, "badges").pages == 3


def test_a_badge_has_the_code_of_its_person(consultation, settings):
    row = take_part(consultation)
    badge = badge_of(row)
    url = settings.SITE_URL + attendance.badge_path(row)
    assert attendance.participation_of_badge(url.split("/")[-2], at=row.answered_at) == row
    assert re.fullmatch(r"(M\d+ \d+\.5h\d+)+", badge.code)
    assert badge.size >= 33


def test_nothing_else_is_printed(organiser):
    assert organiser.get("/consultations/JHB11/print/other.pdf").status_code == 404
