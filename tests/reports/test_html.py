import itertools
import json
import re

import html5lib
import pytest
from django.utils.html import escape

from reports.choices import Choices
from reports.formats.html import render_page, write
from reports.snapshot import canonical, gather
from tests.factories import CONCLUSION, make_series, plan

pytestmark = pytest.mark.django_db
XHTML = "{http://www.w3.org/1999/xhtml}"


def data_of(consultation, **choices):
    return json.loads(canonical(gather(consultation, choices=Choices(**choices), number=1, at=CONCLUSION)))


@pytest.fixture
def kept(scene):
    return render_page(data_of(scene.hearing))


@pytest.fixture
def tree(kept):
    parser = html5lib.HTMLParser(strict=False)
    tree = parser.parse(kept)
    assert parser.errors == []
    return tree


def all_of(tree, tag):
    return list(tree.iter(f"{XHTML}{tag}"))


def words(element):
    return " ".join("".join(element.itertext()).split())


def test_it_needs_nothing_else(kept, tree):
    loaded = re.findall(r"""(?:src|srcset)=|@import|url\((?!"data:)|<link|<script|<iframe|<object""", kept)
    assert loaded == []
    assert [style.text.count("@font-face") for style in all_of(tree, "style")] == [4]
    assert len(kept.encode()) < 1_000_000
    # No address but those of the site, to which one may go.
    addresses = {link.get("href") for link in all_of(tree, "a") if not link.get("href").startswith("#")}
    assert {address.partition("/outcomes/")[0].partition("/consultations/")[0] for address in addresses} == {
        "http://127.0.0.1:8000"
    }


@pytest.mark.parametrize(
    ("words", "faces"),
    [
        ("Ayşe", {"Source Serif 4 U+0100", "Source Sans 3 U+0100"}),
        ("Αθήνα", {"Source Serif 4 U+0370", "Source Sans 3 U+0370"}),
        ("Київ", {"Source Serif 4 U+0370", "Source Sans 3 U+0370"}),
        ("المدينة", {"Amiri U+0600"}),
        ("Zürich", set()),
    ],
)
def test_it_brings_the_faces_that_its_letters_need(scene, words, faces):
    data = data_of(scene.hearing)
    data["series"]["summary"] = words
    page = render_page(data)
    found = set(re.findall(r'font-family: "([^"]+)";[^}]*unicode-range: (U\+\w+)', page))
    assert {" ".join(row) for row in found} == faces
    assert page.count("url(") == page.count('url("data:font/woff2;base64,')


def test_its_own_policy_lets_it_run_and_load_nothing(tree):
    (policy,) = [row.get("content") for row in all_of(tree, "meta") if row.get("http-equiv")]
    assert policy.startswith(
        "default-src 'none'; font-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    )
    assert not any(node.get("style") or node.get("onclick") for node in tree.iter())


def test_headings_go_down_by_one_level_at_a_time_from_one_title(tree):
    levels = [int(node.tag[-1]) for node in tree.iter() if re.fullmatch(rf"{re.escape(XHTML)}h[1-6]", str(node.tag))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_landmarks_contents_and_a_way_past_them(tree):
    assert [len(all_of(tree, tag)) for tag in ["header", "nav", "main", "footer"]] == [1, 1, 1, 1]
    ids = {node.get("id") for node in tree.iter() if node.get("id")}
    targets = [link.get("href")[1:] for link in all_of(tree, "a") if link.get("href").startswith("#")]
    assert targets[0] == "text"
    assert set(targets) <= ids
    contents = [words(link) for link in all_of(all_of(tree, "nav")[0], "a")]
    assert contents == [words(h2).removeprefix("Annex ") for h2 in all_of(tree, "h2")][1:]
    (root,) = all_of(tree, "html")
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")


def test_tables_have_captions_and_heads_that_say_of_what(tree):
    tables = all_of(tree, "table")
    assert len(tables) > 8
    for table in tables:
        assert words(all_of(table, "caption")[0])
        assert {head.get("scope") for head in all_of(table, "th")} == {"col", "row"}


def test_references_lead_to_their_pages_on_the_site(tree, settings):
    leads = {(words(link), link.get("href")) for link in all_of(tree, "a") if link.get("class") == "reference"}
    references = [f"JHB11-KT-0{number}" for number in [1, 2, 3]]
    inside = {(reference, f"#{reference}") for reference in references[:2]}
    outcomes = {(reference, f"{settings.SITE_URL}/outcomes/{reference}/") for reference in references}
    inputs = ["JHB11-I-001", "JHB11-I-002"]
    quotes = {(reference, f"{settings.SITE_URL}/outcomes/{references[0]}/#{reference}") for reference in inputs}
    assert leads == outcomes | inside | quotes


def test_what_people_wrote_is_text_and_nothing_else(scene):
    data = data_of(scene.hearing)
    evil = "<script>alert(1)</script> JHB11-KT-01 <img src=x>"
    data["inputs"][0]["text"] = data["outcomes"][0]["title"] = data["outcomes"][0]["steps"][0]["reason"] = evil
    page = render_page(data)
    assert "<script>" not in page
    assert "<img" not in page
    assert page.count(escape("<script>alert(1)</script>")) >= 3


def test_annexes_that_were_not_chosen_are_left_out(scene):
    page = render_page(data_of(scene.hearing, annexes=()))
    assert 'href="#participants"' not in page
    assert "Participants who agreed to be listed" not in page
    assert 'href="#index"' in page


def test_an_empty_series_has_a_page_that_says_so():
    page = render_page(data_of(plan(make_series(), "HEAR", kind="hearing")))
    assert "No outcome has been concluded yet." in page


def test_the_same_data_give_the_same_bytes(scene, kept):
    assert write(data_of(scene.hearing), lambda share, text: None).content == kept.encode()
