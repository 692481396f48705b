"""Lists that leave the admin as files: what is in them, and what no cell of them does."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.exporting import participations_table
from consultations.models import Answer, Participation
from stakeholders.exporting import organisations_table, people_table
from stakeholders.models import Organisation, Person
from tests.factories import OPENS, make_organisation, make_person, make_series, make_staff, make_type, plan, take_part

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
EVIL = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", " =1+1", "＝1+1", "\t=1"]


@pytest.fixture
def client_of_staff(sign_in):
    return sign_in(make_staff())


def export(client, model: str, kind: str, rows) -> list[list[str]]:
    """Choose rows in a list of the admin, download them, and give the cells as a spreadsheet would show them."""
    response = client.post(
        reverse(f"admin:{model}_changelist"),
        {"action": f"export_{kind}", "_selected_action": [row.pk for row in rows]},
    )
    name = model.rpartition("_")[2]
    assert response["Content-Disposition"] == f'attachment; filename="{name}-2011-06-18.{kind}"'
    assert "no-store" in response["Cache-Control"]
    if kind == "csv":
        text = b"".join(response.streaming_content).decode("utf-8")
        assert text.startswith("\ufeff")
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert {cell.data_type for row in sheet for cell in row} <= {"s", "inlineStr", "n"}
    return [[cell.value or "" for cell in row] for row in sheet]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_people(client_of_staff, kind):
    organisation = make_organisation("City of Łódź")
    Organisation.objects.update(city="Łódź")
    zoe = make_person(
        "Zoë Łuczak", organisation=organisation, stakeholder_type=make_type("city"), email="zoe@city.example"
    )
    bo = make_person("Bo Ek", email=None, country="Norway")
    assert export(client_of_staff, "stakeholders_person", kind, [zoe, bo]) == [
        ["Name", "E-mail address", "Organisation", "Stakeholder type", "City", "Country", "Address book key"],
        ["Bo Ek", "", "", "", "", "Norway", bo.key],
        ["Zoë Łuczak", "zoe@city.example", "City of Łódź", "City", "Łódź", "", zoe.key],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_organisations(client_of_staff, kind):
    rows = [make_organisation("City of Utrecht"), make_organisation("Works", type="business")]
    assert export(client_of_staff, "stakeholders_organisation", kind, rows) == [
        ["Organisation", "Stakeholder type", "City", "Country", "Address book key"],
        ["City of Utrecht", "City", "", "", rows[0].key],
        ["Works", "Business", "", "", rows[1].key],
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_participations_tell_moments_in_the_events_own_time(client_of_staff, kind):
    consultation = plan(make_series())
    organisation = make_organisation("City of Utrecht")
    coming = make_person("Ana", email="ana@city.example", country="Spain")
    take_part(consultation, coming, organisation=organisation, attended=True, may_be_listed=True)
    absent = take_part(consultation, make_person("Bo", email=None), answer=Answer.DECLINED, decline_reason="Ill")
    Participation.objects.filter(pk=absent.pk).update(answered_at=OPENS + timedelta(hours=23))
    found = export(client_of_staff, "consultations_participation", kind, Participation.objects.all())
    assert found[0][:4] == ["Consultation", "Name", "E-mail address", "Organisation"]
    assert found[1:] == [
        ["JHB11", "Ana", "ana@city.example", "City of Utrecht", "City", "", "Spain", "representative", "participant",
         "accepted", "2011-05-01 02:00", "2011-05-02 02:00", "", "yes", "yes", "no", "no", coming.key],
        ["JHB11", "Bo", "", "", "City", "", "", "representative", "participant", "declined", "2011-05-01 02:00",
         "2011-05-02 01:00", "Ill", "", "no", "no", "no", absent.person.key],
    ]  # fmt: skip


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_starts_a_formula(client_of_staff, text):
    person = make_person(text, country=text)
    cells = export(client_of_staff, "stakeholders_person", "csv", [person])[1]
    assert [cells[0], cells[-2]] == [f"'{text}", f"'{text}"]
    # A text in a workbook is a text whatever it starts with.
    assert export(client_of_staff, "stakeholders_person", "xlsx", [person])[1][0] == text


def test_a_workbook_keeps_texts_as_texts_also_when_they_are_edited(client_of_staff):
    person = make_person("=1+1")
    response = client_of_staff.post(
        reverse("admin:stakeholders_person_changelist"), {"action": "export_xlsx", "_selected_action": [person.pk]}
    )
    cell = openpyxl.load_workbook(io.BytesIO(response.content)).active["A2"]
    assert (cell.value, cell.data_type in {"s", "inlineStr"}, cell.quotePrefix) == ("=1+1", True, True)


@pytest.mark.parametrize("table", [people_table, organisations_table, participations_table])
def test_an_export_asks_one_query_at_any_size(table):
    consultation = plan(make_series())
    for number in range(30):
        take_part(consultation, organisation=make_organisation(f"City {number}"))
    models = {people_table: Person, organisations_table: Organisation, participations_table: Participation}
    with CaptureQueriesContext(connection) as captured:
        assert len(list(table(models[table].objects.all()))) > 30
    assert len(captured) == 1


def test_all_that_the_filters_leave_is_exported_over_all_pages(client_of_staff):
    for number in range(150):
        make_person(f"Chosen {number:03}")
    make_person("Other")
    response = client_of_staff.post(
        reverse("admin:stakeholders_person_changelist") + "?q=Chosen",
        {"action": "export_csv", "_selected_action": [1], "select_across": "1"},
    )
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert len(lines) == 151
    assert "Other" not in "".join(lines)
