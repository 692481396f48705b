"""How the texts of a document are written where it is read on screen."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()


@register.simple_tag(takes_context=True)
def told(context: dict[str, Any], text: str) -> str:
    """Give a text, escaped; on screen, where the document has `links`, references lead to their outcomes."""
    links = context.get("links")
    if not links:
        return text
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a class="reference" href="{}">{}</a>', address, part) if address else part,)
            for part, address in links.parts(text)
        ),
    )
