"""How the statement of an outcome is written: a small part of Markdown, shown as HTML and as plain words.

What can be written: paragraphs, line breaks as they are typed, emphasis, lists, quotes, and links to the web or to a
mail address. Everything else stays as it was typed, HTML and headings too, so that no word of a statement is lost.
What is stored, compared and handed on is always what was typed.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count, repeat

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

RULES = ["list", "blockquote", "newline", "escape", "emphasis", "link"]
FULL_ADDRESS = re.compile(r"https?://[\w.-]+(:\d+)?([/?#]|\Z)|mailto:.", re.IGNORECASE)
"""Without a name before the host, which is there to deceive."""
DEEPEST_BLOCK = 8
"""How deep lists and quotes go into each other: a quote takes one level, a list two, so four lists."""
DEEPEST_EMPHASIS = 8
DEEPEST = 20
"""Where markdown-it stops to look for links in links, and would leave whole blocks out, but none gets there."""

SANITISER = nh3.Cleaner(
    tags={"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "a"},
    attributes={"a": {"href"}, "ol": {"start"}, "*": set()},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener",
)

BlockRule = Callable[[StateBlock, int, int, bool], bool]


class StatementMarkdown(MarkdownIt):
    """The part of Markdown that statements are written in."""

    def __init__(self) -> None:
        super().__init__("zero", {"breaks": True, "maxNesting": DEEPEST})
        self.enable(RULES)
        self.block.ruler.at("list", _not_too_deep(list_block), {"alt": ["paragraph", "blockquote"]})
        self.block.ruler.at("blockquote", _not_too_deep(blockquote), {"alt": ["paragraph", "blockquote", "list"]})
        self.inline.ruler2.after("emphasis", "shallow_emphasis", _shallow_emphasis)

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Whether an address is linked: only full ones, since a statement is read on pages, in mail and on paper."""
        return FULL_ADDRESS.match(url) is not None


def as_html(statement: str) -> SafeString:
    """Give a statement as HTML blocks (paragraphs, lists, quotes) to stand in a `div`."""
    return mark_safe(SANITISER.clean(MARKDOWN.render(statement)).strip())  # noqa: S308 - sanitised in this very line


def as_text(statement: str) -> str:
    """Give the words of a statement without its marks, for excerpts: items of lists keep a bullet or their number."""
    text, mark = "", ""
    lists: list[Iterator[str]] = []
    for token in MARKDOWN.parse(statement):
        match token.type:
            case "bullet_list_open":
                lists.append(repeat("• "))
            case "ordered_list_open":
                lists.append(f"{number}. " for number in count(int(token.attrGet("start") or 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                mark = next(lists[-1])
            case "inline":
                text += ("\n" if lists else "\n\n") + mark + _words(token)
                mark = ""
    return text.strip()


def _words(inline: Token) -> str:
    breaks = {"softbreak", "hardbreak"}
    return "".join("\n" if token.type in breaks else token.content for token in inline.children or [])


def _not_too_deep(rule: BlockRule) -> BlockRule:
    """What would go deeper is a paragraph with its marks, so that it can be read."""

    def limited(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < DEEPEST_BLOCK and rule(state, start, end, silent)

    return limited


def _shallow_emphasis(state: StateInline) -> None:
    """Make marks of emphasis that go deeper into each other text again: a PDF could not be made of a thousand."""
    depth = 0
    for token in state.tokens:
        if token.tag not in {"em", "strong"}:
            continue
        opens = token.nesting == 1
        depth += opens
        if depth > DEEPEST_EMPHASIS:
            token.type, token.tag, token.nesting, token.content = "text", "", 0, token.markup
        depth -= not opens


MARKDOWN = StatementMarkdown()
