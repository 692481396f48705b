"""What was written in another language than the document is in."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from reports.chapters.blocks import direction_of

register = template.Library()


@register.filter
def marked(language: str) -> SafeString:
    """Give the attributes of an element whose text is in a language: `<p{{ block.language|marked }}>`.

    Nothing where it is the document's own, or none is known.
    """
    if not language or language == get_language():
        return SafeString("")
    return format_html(' lang="{}" dir="{}"', language, direction_of(language))


@register.filter
def told_in(text: str, language: str) -> str | SafeString:
    """Give a text as it stands among others: `{{ chapter.title|told_in:chapter.language }}`."""
    attributes = marked(language)
    return format_html("<span{}>{}</span>", attributes, text) if attributes else text
