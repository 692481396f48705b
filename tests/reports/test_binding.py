"""Parts that are drawn one by one, and what becomes of them in one file."""

import io
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings

from reports.pages.binding import BrokenLink, Leaf, bind
from reports.pages.drawing import Drawer
from tests.reports.pdfs import assert_keeps_both_standards, text_of

TABLE = """<table><thead><tr><th scope="col">Place</th><th scope="col">Year</th></tr></thead>
<tbody><tr><th scope="row">Johannesburg</th><td>2011</td></tr></tbody></table>"""
FRONT = '<h1 id="contents">Contents</h1><p><a href="#fund">The fund</a></p>'
FIRST = f'<h1 id="one">One</h1><p>See <a href="#fund">the fund</a> and <a href="#one">this</a>.</p>{TABLE}'
SECOND = f'<h1 id="two">Two</h1><p>Before it.</p><h2 id="fund" class="new">The fund</h2><p>It pays.</p>{TABLE}'
THIRD = '<p>More of it.</p><h2 id="rest">The rest</h2><p>Back to <a href="#contents">the contents</a>.</p>'


def document(body: str, language: str = "en") -> str:
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>Sample</title>'
        "<style>.new {break-before: page}</style></head>"
        f"<body>{body}</body></html>"
    )


@pytest.fixture(scope="module")
def drawer() -> Drawer:
    return Drawer([Path(folder) for folder in settings.STATICFILES_DIRS])


def leaves(drawer: Drawer) -> list[Leaf]:
    bodies = [("front", FRONT, "", False), ("one", FIRST, "1-", False), ("two.1", SECOND, "2.1-", False)]
    bodies.append(("two.2", THIRD, "2.2-", True))
    return [Leaf(drawer.draw(document(body), part=name), of, goes_on) for name, body, of, goes_on in bodies]


@pytest.fixture(scope="module")
def bound(drawer) -> bytes:
    return bind(leaves(drawer))


@pytest.fixture
def pdf(bound):
    with pikepdf.open(io.BytesIO(bound)) as opened:
        yield opened


def test_pages_are_called_by_their_chapter(pdf):
    assert [page.label for page in pdf.pages] == ["i", "1-1", "2.1-1", "2.1-2", "2.2-1"]


def test_links_lead_to_the_page_where_it_stands_in_whatever_chapter(pdf):
    places = pikepdf.NameTree(pdf.Root.Names.Dests)
    pages = [page.obj.objgen for page in pdf.pages]
    led = [
        (page.label, str(link.Dest), pages.index(places[str(link.Dest)][0].objgen))
        for page in pdf.pages
        for link in page.obj.get("/Annots", [])
    ]
    assert led == [("i", "fund", 3), ("1-1", "fund", 3), ("1-1", "one", 1), ("2.2-1", "contents", 0)]
    assert not [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/URI" in item]


def test_bookmarks_stand_in_one_tree_and_a_chapter_that_goes_on_keeps_its_own(pdf):
    with pdf.open_outline() as outline:
        told = [(item.title, [child.title for child in item.children]) for item in outline.root]
        pages = [page.obj.objgen for page in pdf.pages]
        led = [pages.index(item.destination[0].objgen) for item in outline.root[2].children]
    assert told == [("Contents", []), ("One", []), ("Two", ["The fund", "The rest"])]
    assert led == [3, 4]


def test_everything_on_a_page_has_its_place_in_the_structure(pdf):
    root = pdf.Root.StructTreeRoot
    parents = pikepdf.NumberTree(root.ParentTree)
    assert [item.S for item in root.K] == ["/Document"]
    assert [item.S for item in root.K[0].K] == ["/Part"] * 4
    for page in pdf.pages:
        operations = pikepdf.parse_content_stream(page)
        marked = {
            int(operands[1].MCID)
            for operands, operator in operations
            if str(operator) == "BDC" and "/MCID" in operands[1]
        }
        mapped = parents[int(page.obj.StructParents)]
        assert marked == set(range(len(mapped)))
        for element in mapped:
            assert element.Pg.objgen == page.obj.objgen
            assert above(element) == ["/Part", "/Document"]
        for link in page.obj.get("/Annots", []):
            element = parents[int(link.StructParent)]
            assert element.S == "/Link"
            assert any(kid.get("/Obj", kid).objgen == link.objgen for kid in element.K if not isinstance(kid, int))
    keys = list(parents.keys())
    assert keys == list(range(root.ParentTreeNextKey))


def above(element) -> list[str]:
    """Give the two topmost kinds over an element."""
    kinds = []
    while "/P" in element:
        element = element.P
        kinds.append(str(element.get("/S", "")))
    assert element.Type == "/StructTreeRoot"
    return kinds[-3:-1]


def test_cells_refer_to_the_heads_of_their_own_table(pdf):
    elements = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item]
    ids = [str(item.ID) for item in elements if "/ID" in item]
    assert len(ids) == len(set(ids)) == 6
    headers = [{str(name) for name in item.A.Headers} for item in elements if item.get("/S") == "/TD"]
    assert all(len(names) == 2 and names <= set(ids) for names in headers)
    assert headers[0].isdisjoint(headers[1])


def test_what_stands_once_in_a_file_stands_once(pdf):
    assert len(pdf.Root.OutputIntents) == 1
    profiles = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/N") == 3]
    assert len(profiles) == 1
    assert (str(pdf.Root.Lang), str(pdf.docinfo.Title)) == ("en", "Sample")
    assert pdf.Root.ViewerPreferences.DisplayDocTitle


def test_it_keeps_both_standards_and_its_text(bound, tmp_path):
    file = tmp_path / "bound.pdf"
    file.write_bytes(bound)
    assert "Contents The fund One See the fund and this. Place Year" in text_of(file)
    assert_keeps_both_standards(file)


def test_the_same_parts_give_the_same_bytes(bound, drawer):
    assert bind(leaves(Drawer([]))) == bound


def test_a_link_to_nothing_is_refused(drawer):
    alone = Leaf(drawer.draw(document('<p><a href="#nowhere">x</a></p>'), part="alone"), "1-", False)
    with pytest.raises(BrokenLink, match="^nowhere$"):
        bind([alone])


def test_text_from_right_to_left_is_extracted_as_it_was_written(drawer, tmp_path):
    words = "مدن وأعمال"
    parts = [drawer.draw(document(f'<p dir="rtl">{words}</p>', language="ar"), part=name) for name in ["a", "b"]]
    file = tmp_path / "arabic.pdf"
    file.write_bytes(bind([Leaf(part, "1-", False) for part in parts]))
    # Poppler says by two signs which way a line runs.
    assert text_of(file).replace("\u202b", "").replace("\u202c", "") == f"{words} {words}"
    assert_keeps_both_standards(file)
