import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from consultations import inputs, sheets
from consultations.attribution import attribution_line, line_on_the_desk, lines_allowed
from consultations.models import Answer, Input, InputSheet, Role
from consultations.tasks import forget_sheets
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import (
    NOW,
    bring_to,
    fields_of_input,
    give_input,
    make_organisation,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HEADERS = ["Participant", "Table", "Cooperation area", "Kind", "Title", "Text", "Language", "How it may be quoted"]


@pytest.fixture
def consultation():
    return bring_to(plan(make_series(), languages=["en", "tr"]), "announced")


@pytest.fixture
def people(consultation):
    rows = {
        "ann": take_part(consultation, make_person("Ann Ash (sample)", email="ann@city.example")),
        "bea": take_part(consultation, make_person("Béa Beech (sample)"), attended=True, answer=Answer.DECLINED),
    }
    take_part(consultation, make_person("Declined (sample)"), answer=Answer.DECLINED)
    for email in ["one@city.example", "two@city.example"]:
        take_part(consultation, make_person("Same Name (sample)", email=email))
    return rows


def row(who="ann@city.example", *, table="", area="KT", kind="proposal", title="One desk", text="One desk for all.",
        language="", attribution="") -> list[str]:  # fmt: skip
    return [who, table, area, kind, title, text, language, attribution]


def file_of(rows: list[list[str]], *, headers=HEADERS, kind="csv") -> io.BytesIO:
    if kind == "xlsx":
        workbook = Workbook()
        for each in [headers, *rows]:
            workbook.active.append(each)
        out = io.BytesIO()
        workbook.save(out)
        return io.BytesIO(out.getvalue())
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([headers, *rows])
    return io.BytesIO(text.getvalue().encode("utf-16" if kind == "utf-16" else "utf-8"))


def send(consultation, rows, **more) -> InputSheet:
    return sheets.upload(consultation, file_of(rows, **more), name="paper.csv", by=make_staff(), at=NOW)


@pytest.mark.parametrize("kind", ["csv", "utf-16", "xlsx"])
def test_good_rows_become_inputs_that_are_marked(consultation, people, kind):
    given = [
        row(text="First line.\nSecond line, ünlü."),
        row("bea beech (SAMPLE)", area="Social cohesion", kind="Good practice", language="tr", attribution="named"),
    ]
    sheet = send(consultation, given, kind=kind)
    assert not Input.objects.exists()
    staff = make_staff()
    assert sheets.enter(sheet, by=staff, at=NOW) == 2
    first, second = Input.objects.order_by("pk")
    assert (first.participation, first.text, first.attribution, first.language, first.entered_by) == (
        people["ann"],
        "First line.\nSecond line, ünlü.",
        "type",
        "en",
        staff,
    )
    assert (second.participation, second.area.code, second.kind, second.attribution, second.language) == (
        people["bea"],
        "SC",
        "good_practice",
        "named",
        "tr",
    )
    assert Message.objects.filter(occasion="input_receipt").count() == 2


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (row("nobody@city.example"), "“nobody@city.example” is nobody who accepted or was there."),
        (row("Declined (sample)"), "“Declined (sample)” is nobody who accepted or was there."),
        (row("Same Name (sample)"), "There are two of “Same Name (sample)”. Use the e-mail address."),
        (row(area="XX"), "“XX” is no cooperation area of this consultation."),
        (row(kind="rant"), "“rant” is no kind of input."),
        (row(attribution="loudly"), "“loudly” is no way to be quoted."),
        (row(language="fr"), "“fr” is no language of this consultation."),
        (row(title=""), "The title is missing."),
        (row(text=""), "The text is missing."),
        (row(title="x" * 121), "The title is longer than 120 characters."),
        (row(text="x" * 5001), "The text is longer than 5000 characters."),
    ],
)
def test_what_is_wrong_with_a_row_is_said_and_the_others_are_entered(consultation, people, cells, problem):
    sheet = send(consultation, [cells, row(title="Good")])
    faulty, good = sheets.look_at(sheet)
    assert (faulty.problems, faulty.number, good.is_good) == ([problem], 2, True)
    assert sheets.enter(sheet, by=make_staff(), at=NOW) == 1
    assert Input.objects.get().title == "Good"
    assert [list(each) for each in sheets.left_over(sheet)] == [[*HEADERS, "What is wrong"], [*cells, problem]]


def test_the_same_file_twice_enters_nothing_twice(consultation, people):
    rows = [row(title=f"Input {number}") for number in range(3)]
    sheets.enter(send(consultation, rows), by=make_staff(), at=NOW)
    again = send(consultation, [*rows, row(title="New")])
    assert [bool(each.entered_as) for each in sheets.look_at(again)] == [True, True, True, False]
    assert sheets.enter(again, by=make_staff(), at=NOW) == 1
    assert Input.objects.count() == 4
    with pytest.raises(Refused, match="entered already"):
        sheets.enter(again, by=make_staff(), at=NOW)


@pytest.mark.parametrize(
    ("rows", "headers", "refusal"),
    [
        ([row()], ["Who", "Table"], "names no column for: Cooperation area, Kind, Title, Text"),
        ([], HEADERS, "There is no row under the headers"),
        ([row()] * 501, HEADERS, "more than 500 rows"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_not_kept(consultation, people, rows, headers, refusal):
    with pytest.raises(Refused, match=refusal):
        send(consultation, rows, headers=headers)
    assert not InputSheet.objects.exists()


def test_nothing_is_entered_once_the_drafts_are_laid_open(consultation, people):
    sheet = send(consultation, [row()])
    bring_to(consultation, "in_validation")
    with pytest.raises(Refused, match="no inputs can be given any more"):
        sheets.enter(sheet, by=make_staff(), at=NOW)
    sheet.refresh_from_db()
    assert (sheet.entered, Input.objects.count()) == (None, 0)


def test_our_own_sheet_names_those_who_may_have_given_something(consultation, people, sign_in):
    response = sign_in(make_staff()).get(reverse("consultations:empty_sheet", args=["JHB11"]))
    rows = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert list(rows[0]) == HEADERS
    assert {each[0] for each in rows[1:]} == {
        "ann@city.example",
        people["bea"].person.email,
        "one@city.example",
        "two@city.example",
    }


def test_from_the_file_to_the_inputs_on_the_pages(consultation, people, sign_in):
    client = sign_in(make_staff())
    file = SimpleUploadedFile("paper.csv", file_of([row(table="Table 3"), row("nobody")]).getvalue())
    page = client.post(reverse("consultations:input_sheets", args=["JHB11"]), {"file": file}, follow=True)
    assert "To be entered: 1. There already: 0. To mend: 1. Nothing is entered yet." in text_of(page)
    sheet = InputSheet.objects.get()
    told = client.post(sheet.get_absolute_url(), {"act": "enter"}, follow=True)
    assert "1 input is entered; its author gets a receipt by mail." in text_of(told)
    left = client.get(reverse("consultations:sheet_left_over", args=["JHB11", sheet.pk]))
    assert "nobody who accepted or was there" in b"".join(left.streaming_content).decode()
    client.post(sheet.get_absolute_url(), {"act": "discard"})
    assert not InputSheet.objects.exists()
    assert Input.objects.count() == 1


def test_a_file_that_is_no_table_says_what_to_do(consultation, sign_in):
    client = sign_in(make_staff())
    file = SimpleUploadedFile("paper.pdf", b"%PDF-1.7 ...")
    page = client.post(reverse("consultations:input_sheets", args=["JHB11"]), {"file": file})
    assert "save it as XLSX or CSV" in text_of(page)


def test_old_sheets_are_forgotten_and_inputs_stay(consultation, people, clock, settings):
    sheets.enter(send(consultation, [row(), row("nobody")]), by=make_staff(), at=NOW)
    clock.shift(settings.IMPORT_DAYS * 24 * 3600 + 1)
    forget_sheets()
    assert (InputSheet.objects.count(), Input.objects.count()) == (0, 1)


def test_looking_asks_the_same_number_of_queries_for_many(consultation, people, django_assert_num_queries):
    few, many = (send(consultation, [row(title=f"T{number}") for number in range(count)]) for count in [2, 200])
    for sheet in [few, many]:
        sheet = InputSheet.objects.select_related("consultation").get(pk=sheet.pk)
        with django_assert_num_queries(3):
            sheets.look_at(sheet)


# What a table gave


@pytest.mark.parametrize("attribution", ["named", "organisation", "type"])
def test_a_table_is_quoted_as_several_whoever_spoke(consultation, attribution):
    spoke = take_part(consultation, make_person("Ann Ash (sample)"), organisation=make_organisation())
    given = inputs.enter(
        spoke, fields=fields_of_input(consultation, attribution=attribution), table="Table 3", by=make_staff(), at=NOW
    )
    assert attribution_line(given) == "Several participants at one table"
    assert lines_allowed(given) == {"Several participants at one table"}
    assert line_on_the_desk(given, sees_author=False) == "Several participants at one table"
    assert line_on_the_desk(given, sees_author=True) == "Table 3 (Ann Ash (sample), City of Utrecht spoke for it)"


def test_an_input_of_ones_own_is_quoted_as_before(consultation):
    own = give_input(take_part(consultation, organisation=make_organisation()), attribution="organisation")
    assert attribution_line(own) == "City of Utrecht"


def test_staff_enter_it_for_a_table_and_rapporteurs_see_no_name(consultation, people, sign_in):
    client = sign_in(make_staff())
    page = reverse("consultations:enter_input", args=["JHB11", people["ann"].pk])
    fields = fields_of_input(consultation)
    typed = {
        "area": fields["area"].pk,
        "kind": str(fields["kind"]),
        "title": fields["title"],
        "text": fields["text"],
        "attribution": "named",
        "language": "en",
        "table": "Table 3",
        "submit": "",
        "form_key": "x",
    }
    assert "is entered for Ann Ash (sample)" in text_of(client.post(page, typed, follow=True))
    given = Input.objects.get()
    assert given.table == "Table 3"
    rapporteur = sign_in(take_part(consultation, role=Role.RAPPORTEUR).person)
    shown = text_of(rapporteur.get(given.get_absolute_url()))
    assert "Several participants at one table" in shown
