"""The whole document as one web page that needs nothing else: styles and fonts inside, drawings as SVG, no script."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from reports.chapters import compose
from reports.chapters.cover import HOUSE, cover_of
from reports.chapters.index import index_chapter
from reports.formats.written import Written
from reports.references import addresses_in

STYLES = "css/dossier-screen.css"
MORE_FACES = {
    "css/dossier-screen-latin.css": "Ā-ʯḀ-ỿ",
    "css/dossier-screen-greek-cyrillic.css": "Ͱ-ӿἀ-῿",
    "css/dossier-screen-arabic.css": "\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff",
}
"""Faces for letters that STYLES has none for: half a megabyte in all, so each is only in the page that needs it."""
POLICY = "default-src 'none'; font-src data:; base-uri 'none'; form-action 'none'"
STATIC = re.compile(r'url\("static:([^"]+)"\)')


def write(data: dict[str, Any], progress: Callable[[float, str], None]) -> Written:
    """Write the document as HTML in the language of its data. The same data gives the same bytes."""
    progress(0.0, _("Writing the web page"))
    return Written(render_page(data).encode())


def render_page(data: dict[str, Any]) -> str:
    """Give the page as text.

    Its own policy lets a browser load nothing and run nothing, wherever the file is opened: only the one stylesheet,
    by its hash, and what is in the file as data.
    """
    with translation.override(data["language"]):
        chapters = compose(data)
        chapters.append(index_chapter(data, chapters))
        context = {
            "data": data,
            "chapters": chapters,
            "cover": cover_of(data),
            "house": HOUSE,
            "frozen_at": datetime.fromisoformat(data["frozen_at"]),
            "on_screen": True,
            "addresses": addresses_in(data),
        }
        body = render_to_string("reports/dossier/screen_body.html", context)
        styles = _styles_for(body)
        digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
        context |= {
            "body": body,
            "styles": mark_safe(styles),  # noqa: S308  our own files
            "policy": f"{POLICY}; style-src 'sha256-{digest}'",
        }
        return render_to_string("reports/dossier/screen.html", context)


def _styles_for(body: str) -> str:
    """The style sheets that a text needs, with the faces that they name inside."""
    more = [name for name, letters in MORE_FACES.items() if re.search(f"[{letters}]", body)]
    text = "\n".join(_static(name).decode() for name in [STYLES, *more])
    return STATIC.sub(
        lambda match: f'url("data:font/woff2;base64,{base64.b64encode(_static(match[1])).decode()}")', text
    )


def _static(name: str) -> bytes:
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(name)
    return Path(found).read_bytes()
