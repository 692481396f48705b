"""Statements in Markdown: what each mark becomes, and that nothing typed gets past it or gets lost."""

import re
import sys
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from outcomes.markup import SANITISER, as_html, as_text

REL = 'rel="nofollow noopener"'


@pytest.mark.parametrize(
    ("typed", "html", "text"),
    [
        ("", "", ""),
        (
            "One.\nStill one.\n\n\nAnother.",
            "<p>One.<br>\nStill one.</p>\n<p>Another.</p>",
            "One.\nStill one.\n\nAnother.",
        ),
        ("*a* _b_ **c** __d__", "<p><em>a</em> <em>b</em> <strong>c</strong> <strong>d</strong></p>", "a b c d"),
        (
            "We ask:\n- one\n- *two*\n\nAll.",
            "<p>We ask:</p>\n<ul>\n<li>one</li>\n<li><em>two</em></li>\n</ul>\n<p>All.</p>",
            "We ask:\n• one\n• two\n\nAll.",
        ),
        ("1. one\n2. two", "<ol>\n<li>one</li>\n<li>two</li>\n</ol>", "1. one\n2. two"),
        ("3) three\n4) four", '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>', "3. three\n4. four"),
        ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>", "• a\n• b"),
        ("> said\n> so", "<blockquote>\n<p>said<br>\nso</p>\n</blockquote>", "said\nso"),
        (
            '[words](https://a.example/b?c=1&d=2 "e")',
            f'<p><a href="https://a.example/b?c=1&amp;d=2" {REL}>words</a></p>',
            "words",
        ),
        ("[us](mailto:a@b.example)", f'<p><a href="mailto:a@b.example" {REL}>us</a></p>', "us"),
        ("المدن **تدفع**\n- بند", "<p>المدن <strong>تدفع</strong></p>\n<ul>\n<li>بند</li>\n</ul>", "المدن تدفع\n• بند"),
        (r"\*not so\*", "<p>*not so*</p>", "*not so*"),
    ],
)
def test_each_mark_becomes_its_element_and_goes_from_the_plain_words(typed, html, text):
    assert (as_html(typed), as_text(typed)) == (html, text)


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        ("<b>x</b> & \"y\" 'z'", "<p>&lt;b&gt;x&lt;/b&gt; &amp; \"y\" 'z'</p>"),
        ("AT&amp;T &lt;i&gt;", "<p>AT&amp;amp;T &amp;lt;i&amp;gt;</p>"),
        ("# No heading\n===", "<p># No heading<br>\n===</p>"),
        ("No heading\n---", "<p>No heading<br>\n---</p>"),
        ("`a` ~~b~~", "<p>`a` ~~b~~</p>"),
        ("```\na\n```", "<p>```<br>\na<br>\n```</p>"),
        ("    four blanks", "<p>four blanks</p>"),
        ("|a|b|\n|-|-|\n|1|2|", "<p>|a|b|<br>\n|-|-|<br>\n|1|2|</p>"),
        ("[a]: https://a.example\n\n[a]", "<p>[a]: https://a.example</p>\n<p>[a]</p>"),
        ("![a](https://a.example/i.png)", f'<p>!<a href="https://a.example/i.png" {REL}>a</a></p>'),
        ("https://a.example <https://a.example>", "<p>https://a.example &lt;https://a.example&gt;</p>"),
        ("snake_case_word, 5 * 3 * 2", "<p>snake_case_word, 5 * 3 * 2</p>"),
    ],
)
def test_what_is_no_mark_here_stays_as_typed(typed, html):
    assert as_html(typed) == html


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "</div></main><h1>x</h1>",
        "<!-- x -->",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](\\javascript:alert(1))",
        "[x](data:text/html,x)",
        "[x](vbscript:x)",
        "[x](file:///etc/passwd)",
        "[x](//a.example)",
        "[x](/accounts/logout/)",
        "[x](https:javascript)",
        "[x](https://bank.example@a.example/)",
        "<javascript:alert(1)>",
        "<data:text/html,x>",
    ],
)
def test_what_could_do_harm_is_shown_as_it_was_typed(typed):
    shown = html5lib.parseFragment(as_html(typed), namespaceHTMLElements=False)
    assert [element.tag for element in shown.iter()] == ["DOCUMENT_FRAGMENT", "p"]
    assert "".join(shown.itertext()) == typed


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ('[x](https://a.example/"onmouseover="alert(1))', "https://a.example/%22onmouseover=%22alert(1)"),
        ("[x](https://a.example/<script>)", "https://a.example/%3Cscript%3E"),
        ("[x](<https://a.example/' onclick='y>)", "https://a.example/'%20onclick='y"),
    ],
)
def test_an_address_cannot_leave_its_attribute(typed, href):
    shown = html5lib.parseFragment(as_html(typed), namespaceHTMLElements=False)
    assert [link.attrib for link in shown.iter("a")] == [{"href": href, "rel": "nofollow noopener"}]


ATTRIBUTES = {
    "p": set(), "br": set(), "em": set(), "strong": set(), "ul": set(), "ol": {"start"}, "li": set(),
    "blockquote": set(), "a": {"href", "rel"},
}  # fmt: skip
PIECES = [
    *"*_[]()<>!#`~\\&;:'\"=|+-.\n\t /", "**", "\n\n", "\n- ", "\n> ", "\n1. ", "    ", "](", "[a](", "<a href=", "</p>",
    "<script>", "javascript:", "https://a.example/", "mailto:", "&lt;", "&#60;", "<!--", "]]>", "onload=", "word",
    "كلمة", "ة", "\u200f", "\u202e", "\u0000", "\r\n",
]  # fmt: skip
typing = st.lists(st.sampled_from(PIECES), max_size=80).map("".join)


def test_what_a_parser_might_let_through_ends_at_the_sanitiser():
    html = '<h1 lang="x">a</h1><script>b</script><a href="javascript:c" title="d" onclick="e">f</a><img src="g"><hr>'
    assert SANITISER.clean(html) == f"a<a {REL}>f</a>"


def depth_of(element: Element) -> int:
    return 1 + max((depth_of(child) for child in element), default=0)


def assert_is_safe(html: str) -> None:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    shown = parser.parseFragment(f"<div>{html}</div>")
    assert {code for _place, code, _data in parser.errors} <= {"invalid-codepoint"}
    (frame,) = shown
    assert depth_of(frame) <= 20
    for element in list(frame.iter())[1:]:
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert re.match(r"(https?://|mailto:)", element.attrib.get("href", "mailto:"), re.IGNORECASE)


@given(typing)
def test_whatever_is_typed_gives_nothing_but_what_is_allowed(typed):
    assert_is_safe(as_html(typed))


HOSTILE = {
    "nested lists": "\n".join(f"{'  ' * depth}- deep{depth}" for depth in range(50)),
    "nested numbers": "1. " * 50 + "deep",
    "nested quotes": ">" * 3996 + "deep",
    "nested links": "[" * 190 + "deep" + "](https://a.example)" * 190,
    "nested emphasis": "*" * 1998 + "deep" + "*" * 1998,
    "unbalanced": "**a *b __c _d [deep](https://a.example **f",
    "a long line": "deep" * 1000,
    "a long list": "- deep\n" * 570,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_typed_to_break_it_does_not(name):
    typed = HOSTILE[name]
    assert_is_safe(as_html(typed))
    assert as_text(typed).count("deep") == typed.count("deep")


def letters_of(text: str) -> list[str]:
    return re.findall(r"[a-z]", text)


@given(st.lists(st.sampled_from([*"*_[]<>!#`~\\&\n -+", "  ", "> ", "- ", "\n- ", "word", "a", "z"])).map("".join))
def test_no_word_is_lost_and_both_ways_to_show_it_agree(typed):
    shown = html5lib.parseFragment(as_html(typed), namespaceHTMLElements=False)
    assert letters_of("".join(shown.itertext())) == letters_of(as_text(typed)) == letters_of(typed)


def test_what_is_nested_too_deep_can_still_be_read():
    assert as_html(HOSTILE["nested lists"]).count("<ul>") == 4
    assert all(f"deep{depth}" in as_html(HOSTILE["nested lists"]) for depth in range(50))


lines = st.from_regex(r"[A-Za-zé،ء-ي(“&\"'][A-Za-z0-9é ء-ي,.;:()/“”&\"'%–-]*[A-Za-z.ء-ي]", fullmatch=True)
plain = st.lists(st.lists(lines, min_size=1, max_size=4).map("\n".join), min_size=1, max_size=4).map("\n\n".join)


@given(plain)
def test_text_without_marks_is_its_own_plain_words(typed):
    assert as_text(typed) == typed


def test_no_template_shows_a_statement_past_it():
    shown = {
        (template.name, expression)
        for template in Path(settings.BASE_DIR, "templates").rglob("*.html")
        for expression in re.findall(r"{{\s*([\w.]*statement\b[^}]*?)\s*}}", template.read_text())
    }
    assert ("outcome.html", "lineage.current.statement|as_html") in shown
    assert ("outcome_row.html", "outcome.current_statement|as_text|truncatewords:40") in shown
    ways = (".statement|as_html", "statement|as_text|truncatewords:40")
    assert {pair for pair in shown if not pair[1].endswith(ways)} == set()


def calls_of(typed: str) -> int:
    """How many functions run to show a text: time that does not depend on the machine."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        as_html(typed)
        as_text(typed)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "piece",
    ["[", "*", ">", "_", "<", "![", "[*", "[](", "[a](", "*a_", "**a", "- ", "- a\n", "> a\n\n", "[[a]](https://a"],
)
def test_work_grows_with_the_length_and_not_with_its_square(piece):
    half, full = ((piece * length)[:length] for length in [1000, 2000])
    assert calls_of(full) < 2.4 * calls_of(half)
