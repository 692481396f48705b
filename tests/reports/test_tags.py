"""The structure of a PDF: who reads it with a screen reader hears every text once, in its language."""

import io
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings

from reports.pages.drawing import Drawer

PAGE = (
    """<!DOCTYPE html><html lang="en"><head><title>T</title><style>
  @page { size: A6; @top-left { content: "Head" } }
</style></head><body><section><h1>One <em>title</em></h1>
<p>First <span lang="fr">deux mots</span> and <a href="#end">a <strong>link</strong></a>, which goes on.</p>
<ul><li>An item <em>that</em> says something</li></ul>
<table><tr><th scope="row">Name</th><td>A <em>cell</em></td></tr></table>
<blockquote lang="ar" dir="rtl">المدينة</blockquote>"""
    + "<p>More <em>words</em>.</p>" * 40
    + """
<p id="end">End</p></section><h2 lang="tr">Doğru</h2></body></html>"""
)


@pytest.fixture(scope="module")
def pdf():
    folders = [Path(folder) for folder in settings.STATICFILES_DIRS]
    with pikepdf.open(io.BytesIO(Drawer(folders).draw(PAGE).content)) as opened:
        yield opened


def kids_of(element) -> list:
    kids = element.get("/K", pikepdf.Array())
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def walk(element):
    yield element
    for kid in kids_of(element):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from walk(kid)


def elements_of(pdf) -> list:
    return list(walk(pdf.Root.StructTreeRoot.K[0]))


def test_every_text_is_in_one_element_and_the_page_knows_in_which(pdf):
    assert len(pdf.pages) > 1
    held = [(element.Pg.objgen, kid) for element in elements_of(pdf) for kid in kids_of(element) if type(kid) is int]
    assert len(held) == len(set(held))
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    known = dict(zip(numbers[::2], numbers[1::2], strict=True))
    told = [
        (page.obj.objgen, place)
        for page in pdf.pages
        for place, element in enumerate(known[page.obj.StructParents])
        if place in kids_of(element) and element.get("/P") is not None and element.Pg.objgen == page.obj.objgen
    ]
    in_structure = set(held)
    assert in_structure <= set(told)
    # All that is not in it are the heads of the pages.
    marks = {(page.obj.objgen, place) for page in pdf.pages for place in range(len(known[page.obj.StructParents]))}
    assert len(marks - in_structure) == len(pdf.pages)


def test_elements_know_those_around_them(pdf):
    for element in elements_of(pdf):
        for kid in kids_of(element):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == element.objgen


def test_paragraphs_hold_their_words_themselves(pdf):
    kinds = {str(element.S) for element in elements_of(pdf)}
    assert {"/P", "/H1", "/Link", "/L", "/LBody", "/Table", "/TD", "/TH", "/BlockQuote"} <= kinds
    paragraphs = [element for element in elements_of(pdf) if element.S == "/P"]
    assert [type(kid) for kid in kids_of(paragraphs[-1])] == [int]
    inside = {str(kid.S) for element in paragraphs for kid in kids_of(element) if isinstance(kid, pikepdf.Dictionary)}
    # What says nothing of its own is gone; what has a language or leads somewhere stays.
    assert inside == {"/Span", "/Link"}


def test_what_is_in_another_language_says_so(pdf):
    languages = {str(element.S): str(element.Lang) for element in elements_of(pdf) if "/Lang" in element}
    assert languages["/Span"] == "fr"
    assert languages["/BlockQuote"] == "ar"
    assert languages["/H2"] == "tr"


def test_links_are_read_where_they_stand(pdf):
    (link,) = [element for element in elements_of(pdf) if element.S == "/Link"]
    (reference,) = [kid for kid in kids_of(link) if isinstance(kid, pikepdf.Dictionary) and "/Obj" in kid]
    numbers = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
    known = dict(zip(numbers[::2], numbers[1::2], strict=True))
    assert known[reference.Obj.StructParent].objgen == link.objgen
    assert (reference.Obj.BS.W, str(reference.Obj.Contents)) == (0, "end")
