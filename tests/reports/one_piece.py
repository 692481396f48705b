"""The whole document as one HTML, as `bench.dossier` gives it to WeasyPrint and tests look into it.

The product itself draws each chapter by itself, out of the same templates.
"""

from typing import Any

from django.template import engines
from django.utils import translation

from reports.chapters import compose
from reports.chapters.index import index_chapter
from reports.pages.parts import around
from reports.references import addresses_in

WHOLE = """
{% extends "reports/dossier/front.html" %}
{% block content %}
  {{ block.super }}
  {% for chapter in chapters %}{% include "reports/dossier/chapter.html" %}{% endfor %}
  {% include "reports/dossier/back_cover.html" %}
{% endblock %}
""".strip()


def html_of(data: dict[str, Any]) -> str:
    """Write the whole document as HTML, in the language of its data; without page numbers in contents and index."""
    with translation.override(data["language"]):
        chapters = compose(data)
        index = index_chapter(data, chapters)
        context = around(data, chapters, index, {})
        context |= {"chapters": [*chapters, index], "addresses": addresses_in(data)}
        return str(engines["django"].from_string(WHOLE).render(context))
