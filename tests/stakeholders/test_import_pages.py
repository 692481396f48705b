"""The pages on which staff import: upload, columns, preview, result."""

import html5lib
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stakeholders.models import AddressImport, Person
from tests.factories import make_organisation, make_person
from tests.pages import text_of
from tests.stakeholders.conftest import workbook_of

pytestmark = pytest.mark.django_db
LIST = "Naam;E-mail;Firma\nZoë Łuczak;zoe@city.example;City of Łódź\nBo Ek;none;\n"


@pytest.fixture
def client_of_staff(staff, sign_in):
    return sign_in(staff)


def address(act: str, made: AddressImport | None = None) -> str:
    return reverse(f"admin:stakeholders_addressimport_{act}", args=[made.pk] if made else [])


def send(client, data: bytes | str, name: str = "list.csv"):
    content = data.encode() if isinstance(data, str) else data
    return client.post(address("add"), {"file": SimpleUploadedFile(name, content)}, follow=True)


def page_of(response):
    return html5lib.parse(response.content.decode(), namespaceHTMLElements=False)


def test_from_the_file_to_the_address_book(client_of_staff, work):
    assert "Nothing is written to the address book before" in text_of(client_of_staff.get(address("add")))
    page = send(client_of_staff, LIST)
    made = AddressImport.objects.get()
    assert page.redirect_chain == [(address("columns", made), 302)]
    chosen = {
        select.attrib["name"]: [
            option.attrib["value"] for option in select.iter("option") if "selected" in option.attrib
        ]
        for select in page_of(page).iter("select")
        if select.attrib["name"].startswith("column")
    }
    assert chosen == {"column_0": ["name"], "column_1": ["email"], "column_2": ["organisation"]}
    assert "Zoë Łuczak" in text_of(page)

    answer = {"column_0": "name", "column_1": "email", "column_2": "organisation", "usual_type": ""}
    page = client_of_staff.post(address("columns", made), answer, follow=True)
    assert "Waiting for its turn" in text_of(page)
    work(made)
    page = client_of_staff.get(address("change", made))
    assert "1 new" in text_of(page)
    assert "1 faulty" in text_of(page)
    assert "Write 1 row to the address book" in text_of(page)
    assert "“none” is not an e-mail address." in text_of(page)
    assert not Person.objects.filter(name="Zoë Łuczak").exists()

    client_of_staff.post(address("confirm", made))
    work(made)
    page = client_of_staff.get(address("change", made))
    assert "1 row was left out." in text_of(page)
    assert Person.objects.filter(name="Zoë Łuczak").exists()
    file = client_of_staff.get(address("left_over", made))
    assert file["Content-Disposition"] == f'attachment; filename="import-{made.pk}-to-mend.csv"'
    assert b"".join(file.streaming_content).decode().splitlines()[1:] == [
        '"Bo Ek";"none";"";"3";"“none” is not an e-mail address."'
    ]


def test_a_column_that_was_guessed_wrong_is_corrected(client_of_staff, work):
    send(client_of_staff, "Titel;Wie\nDr;Jan Jansen\n")
    made = AddressImport.objects.get()
    page = client_of_staff.post(address("columns", made), {"column_0": "name", "column_1": "name", "usual_type": ""})
    assert "“Titel” is the Name of the person already. Choose one." in text_of(page)
    page = client_of_staff.post(address("columns", made), {"column_0": "", "column_1": "", "usual_type": ""})
    assert "Say which column holds the names of people, or of organisations." in text_of(page)
    client_of_staff.post(address("columns", made), {"column_0": "", "column_1": "name", "usual_type": ""})
    assert work(made).rows.get().values["name"] == "Jan Jansen"


def test_the_file_is_read_in_another_way(client_of_staff):
    send(client_of_staff, "Ad;E-posta\nIşıl Şahin;isil@city.example\n".encode("cp1254"))
    made = AddressImport.objects.get()
    gathered = {"encoding": "cp1254", "delimiter": ";", "header_row": "1"}
    page = client_of_staff.post(address("read_again", made), gathered, follow=True)
    assert "Işıl Şahin" in text_of(page)


def test_a_sheet_is_chosen(client_of_staff):
    send(client_of_staff, workbook_of([["Name"], ["Jan"]], before=["Cover"]), "book.xlsx")
    made = AddressImport.objects.get()
    page = client_of_staff.post(address("read_again", made), {"sheet": "Cover", "header_row": "1"}, follow=True)
    assert "The file is empty." in text_of(page)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.7", "This is a PDF document. Open it in your spreadsheet program"),
        (b"", "The submitted file is empty."),
        (b"\xd0\xcf\x11\xe0", "This is a workbook of an old kind (XLS)"),
    ],
)
def test_a_file_that_is_no_table_is_refused_on_the_page(client_of_staff, data, sentence):
    page = send(client_of_staff, data, "list.xlsx")
    assert sentence in text_of(page).replace(" . ", ". ")
    assert not AddressImport.objects.exists()


def test_rows_are_decided_on_the_page(client_of_staff, preview):
    make_person("Jan Jansen", email="jan@city.example", organisation=make_organisation())
    made = preview("Naam;E-mail;Firma\nJan Jansen;new@city.example;City of Utrecht\n")
    page = client_of_staff.get(address("change", made) + "?do=decide")
    assert "Somebody of this name is in the address book (jan@city.example · City of Utrecht)." in text_of(page)
    url = address("decide", made) + "?do=decide"
    page = client_of_staff.post(url, {"row": "2"}, follow=True)
    assert "Say who the chosen rows are." in [str(message) for message in page.context["messages"]]
    page = client_of_staff.post(url, {"row": "2", "decision": "same"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["1 row is decided."]
    row = made.rows.get()
    assert (row.action, row.changes) == ("update", {"email": ["jan@city.example", "new@city.example"]})


def test_the_preview_is_filtered_paginated_and_takes_the_same_queries_at_any_size(client_of_staff, preview):
    def queries(made: AddressImport) -> int:
        with CaptureQueriesContext(connection) as captured:
            client_of_staff.get(address("change", made))
        return len(captured)

    rows = [f"Name {number};n{number}@city.example;\n" for number in range(2000)]
    few, many = preview("Naam;E-mail;Firma\n" + "".join(rows[:20])), preview("Naam;E-mail;Firma\n" + "".join(rows))
    queries(few)
    assert queries(few) == queries(many)
    page = text_of(client_of_staff.get(address("change", many) + "?do=add&page=40"))
    assert "Page 40 of 40 (1951 to 2000 of 2000)" in page
    assert "There are no such rows." in text_of(client_of_staff.get(address("change", many) + "?do=faulty"))


def test_progress_asks_for_itself_until_it_is_done(client_of_staff, preview):
    made = preview(LIST)
    assert client_of_staff.get(address("progress", made))["HX-Refresh"] == "true"
    AddressImport.objects.update(state="queued", finished_at=None)
    response = client_of_staff.get(address("progress", made))
    assert "HX-Refresh" not in response
    assert 'hx-trigger="every 1s"' in response.content.decode()


def test_a_discarded_import_says_so(client_of_staff, preview):
    made = preview(LIST)
    page = client_of_staff.post(address("discard", made), follow=True)
    assert "The import is discarded: file and rows are deleted." in text_of(page)
    assert "This import was discarded." in text_of(client_of_staff.get(address("change", made)))
    assert client_of_staff.get(address("left_over", made)).status_code == 404


def test_only_posts_act(client_of_staff, preview):
    made = preview(LIST)
    for act in ["decide", "confirm", "discard", "read_again"]:
        assert client_of_staff.get(address(act, made)).status_code == 405
