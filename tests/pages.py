"""Reading pages as people do."""

import re

from django.http import HttpResponse


def text_of(response: HttpResponse) -> str:
    """All words of a page, without its tags, with single spaces between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())
