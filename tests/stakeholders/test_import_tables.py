"""Files as offices have them: what is read out of each, and what is refused and in which words."""

import io
import struct
import zipfile
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stakeholders.importing import tables
from stakeholders.importing.columns import find_header_row, match
from stakeholders.importing.tables import Unreadable, read, recognise, sample
from stakeholders.spreadsheets import harmless, write_csv, write_xlsx
from tests.stakeholders.conftest import workbook_of

ROWS = [["Prénom", "Nom", "Courriel"], ["Zoë", "Łuczak", "zoe@city.example"], ["Ana", "Müller", "ana@city.example"]]
WESTERN = [["Prénom", "Nom", "Courriel"], ["Zoë", "Núñez", "zoe@city.example"], ["Ana", "Müller", "ana@city.example"]]


def text_of(rows: list[list[str]], delimiter: str = ",", end: str = "\r\n") -> str:
    return "".join(delimiter.join(cells) + end for cells in rows)


def table(data: bytes) -> list[list[str]]:
    dialect, _rows = sample(data, recognise(data))
    return [cells for _number, cells in read(data, dialect)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_dialect_of_text_is_read(delimiter, end, encoding):
    assert table(text_of(ROWS, delimiter, end).encode(encoding)) == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_that_is_no_utf_8_is_taken_for_western_european(delimiter):
    assert table(text_of(WESTERN, delimiter).encode("cp1252")) == WESTERN


def test_another_encoding_can_be_chosen():
    data = text_of([["Ad", "Soyad"], ["Işıl", "Şahin"]]).encode("cp1254")
    guessed = recognise(data)
    assert guessed.encoding == "cp1252"
    chosen = tables.Dialect(guessed.kind, encoding="cp1254", delimiter=",")
    assert [cells for _number, cells in read(data, chosen)] == [["Ad", "Soyad"], ["Işıl", "Şahin"]]


def test_cells_hold_delimiters_quotation_marks_and_lines():
    data = b'name;organisation\r\n"Jansen; Jan";"The ""Works""\r\nLtd"\r\n'
    assert table(data) == [["name", "organisation"], ["Jansen; Jan", 'The "Works"\r\nLtd']]


def test_commas_in_texts_do_not_make_columns():
    data = b"name;remark\nJan;tall, kind, late\nAnna;short, kind, early\n"
    assert table(data) == [["name", "remark"], ["Jan", "tall, kind, late"], ["Anna", "short, kind, early"]]


def test_the_delimiter_that_excel_is_told_is_taken():
    assert table(b"sep=;\r\nname;email\r\nJan;jan@city.example\r\n") == [["name", "email"], ["Jan", "jan@city.example"]]


def test_rows_are_numbered_as_a_spreadsheet_does_and_empty_ones_passed_over():
    data = b"name,email\r\n,\r\n\r\n  , \r\nJan,jan@city.example\r\n"
    assert list(read(data, recognise(data))) == [(1, ["name", "email"]), (5, ["Jan", "jan@city.example"])]
    workbook = workbook_of([["name", "email"], [], [None, " "], [], ["Jan", "jan@city.example"]])
    _dialect, rows = sample(workbook, recognise(workbook))
    assert rows == [(1, ["name", "email"]), (5, ["Jan", "jan@city.example"])]


def test_a_workbook_is_read_with_its_formulas_as_text():
    data = workbook_of([["name", "number", "on", "formula"], ["Zoë Łuczak", 3.0, date(2011, 6, 28), "=1+1"]])
    assert table(data) == [
        ["name", "number", "on", "formula"],
        ["Zoë Łuczak", "3", "2011-06-28T00:00:00", "=1+1"],
    ]


def test_the_first_sheet_with_something_on_it_is_taken_and_another_can_be_chosen():
    data = workbook_of([["name"], ["Jan"]], before=["Cover"])
    dialect, rows = sample(data, recognise(data))
    assert (dialect.sheets, dialect.sheet, rows) == (["Cover", "Addresses"], "Addresses", [(1, ["name"]), (2, ["Jan"])])


def test_a_title_above_the_headers_is_passed_over():
    data = b"List of participants,,\nas of June,,\nName,E-mail,Company\nJan,jan@city.example,City\n"
    _dialect, rows = sample(data, recognise(data))
    assert find_header_row(rows) == 3


def zip_of(**files: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def with_entity_bomb() -> bytes:
    """A workbook whose texts are entities of entities."""
    source = zipfile.ZipFile(io.BytesIO(workbook_of([["name"], ["Jan"]])))
    entities = '<!ENTITY a0 "ha">' + "".join(
        f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 12)
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            if b">Jan<" in content:
                content = content.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b"").lstrip()
                content = f"<!DOCTYPE x [{entities}]>".encode() + content.replace(b">Jan<", b">&a11;<")
            archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf \r\n", "The file is empty."),
        (b"%PDF-1.7 ...", "This is a PDF document."),
        (b"\x89PNG\r\n\x1a\n....", "This is an image."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "a workbook of an old kind (XLS), or one with a password"),
        (b"<html><table><tr><td>Jan</td></tr></table></html>", "This is a web page or an XML file"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "This is a web page or an XML file"),
        (b"PK\x03\x04 cut off", "The file is damaged"),
        (zip_of(word__document="x"), "not an Excel workbook (XLSX)"),
        (zip_of(xl__workbook="x", content=b"x").replace(b"xl/workbook", b"xl/workbo0k"), "not an Excel workbook"),
        (zip_of(**{"xl__workbook.xml": b"<broken"}), "The workbook is damaged."),
        (with_entity_bomb(), "The workbook is damaged."),
        (b"name,email\r\nJan\x00\x01\x02,x" + struct.pack("<20I", *range(20)), "it holds bytes that no text has"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content_in_words(data, sentence):
    with pytest.raises(Unreadable, match=f".*{sentence.replace('(', '.').replace(')', '.')}"):
        table(data)


def test_a_workbook_that_is_vast_when_unpacked_is_refused_before_it_is(monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED_BYTES", 1_000_000)
    bomb = zip_of(**{"xl__workbook.xml": b"<workbook/>", "xl__worksheets__sheet1.xml": b"0" * 1_100_000})
    assert len(bomb) < 5000
    with pytest.raises(Unreadable, match="too large when unpacked"):
        recognise(bomb)


def test_limits_are_told_in_numbers(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)
    with pytest.raises(Unreadable, match="more than 3 rows. Divide it"):
        list(read(b"name,email\n" * 5, tables.Dialect(tables.Kind.CSV, "utf-8-sig", ",")))
    with pytest.raises(Unreadable, match="Row 1 has more than 100 columns"):
        list(read(b"x," * 200 + b"x", tables.Dialect(tables.Kind.CSV, "utf-8-sig", ",")))


def test_a_quotation_mark_that_is_never_closed_is_told():
    data = b'name,email\n"Jan,jan@city.example\n' + b"x,y\n" * 50_000
    with pytest.raises(Unreadable, match="a quotation mark may be open"):
        list(read(data, recognise(data)))


@pytest.mark.parametrize(
    ("headers", "columns"),
    [
        (["Name", "E-Mail", "Company"], {"name": 0, "email": 1, "organisation": 2}),
        (["First Name", "Surname", "Work", "E-mail (work)"], {"first_name": 0, "last_name": 1, "email": 3}),
        (["Voornaam", "Achternaam", "E-mail adres", "Organisatie", "Soort", "Plaats", "Land"],
         {"first_name": 0, "last_name": 1, "email": 2, "organisation": 3, "stakeholder_type": 4, "city": 5,
          "country": 6}),
        (["Vorname", "Nachname", "E-Mail-Adresse*", "Firma", "Ort"],
         {"first_name": 0, "last_name": 1, "email": 2, "organisation": 3, "city": 4}),
        (["Nom", "Prénom", "Courriel", "Société", "Ville", "Pays"],
         {"last_name": 0, "first_name": 1, "email": 2, "organisation": 3, "city": 4, "country": 5}),
        (["Nombre", "Apellidos", "Correo electrónico", "Empresa", "País"],
         {"first_name": 0, "last_name": 1, "email": 2, "organisation": 3, "country": 4}),
        (["Nombre", "Correo"], {"name": 0, "email": 1}),
        (["Nom", "E-mail"], {"name": 0, "email": 1}),
        (["Ad", "Soyad", "E-posta", "Kurum", "Ülke"],
         {"first_name": 0, "last_name": 1, "email": 2, "organisation": 3, "country": 4}),
        (["ФИО", "Эл. почта", "Организация"], {"name": 0, "email": 1, "organisation": 2}),
        (["الاسم الكامل", "البريد الإلكتروني"], {"name": 0, "email": 1}),
        (["Notes", "Badge"], {}),
    ],
)  # fmt: skip
def test_columns_are_matched_by_headers_in_several_languages(headers, columns):
    assert match(headers, []) == columns


def test_a_column_full_of_addresses_is_the_e_mail_whatever_stands_above_it():
    rows = [(1, ["Name", "Reach at"]), (2, ["Jan", "jan@city.example"]), (3, ["Bo", "bo@city.example"])]
    assert match(rows[0][1], rows) == {"name": 0, "email": 1}


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@settings(deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=2, max_size=5), min_size=1, max_size=8), st.sampled_from(",;\t"))
def test_what_we_write_as_csv_we_read_again(rows, delimiter):
    written = "".join(write_csv(rows, delimiter=delimiter)).encode()
    dialect = tables.Dialect(tables.Kind.CSV, "utf-8-sig", delimiter)
    expected = [[harmless(cell) for cell in row] for row in rows]
    while expected and not any(cell.strip() for cell in expected[-1]):
        expected.pop()
    found = dict(read(written, dialect))
    for number, row in enumerate(expected, start=1):
        while row and not row[-1].strip():
            row.pop()
        if number == 1 and row and row[0].lower().startswith("sep=") and len(row) <= 2:
            continue
        assert found.get(number, []) == row


@settings(deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_no_cell_that_we_write_starts_a_formula(rows):
    for line in write_csv(rows):
        for cell in line.strip("\ufeff\r\n").removeprefix('"').split('","'):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    for row in openpyxl.load_workbook(io.BytesIO(write_xlsx(rows, title="People"))).active:
        assert {cell.data_type for cell in row} <= {"s", "inlineStr", "n"}
        assert all(cell.value is None or isinstance(cell.value, str) for cell in row)
