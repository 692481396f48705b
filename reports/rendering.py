"""From chapters to HTML to PDF. The only module that imports WeasyPrint, and only when it renders.

The document may fetch our own static files and nothing else.
"""

import hashlib
import mimetypes
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.running import JobFailed
from reports.chapters import compose

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
SCHEME = "static:"


@dataclass(frozen=True)
class Pdf:
    """A rendered PDF: the file itself, and how many pages it has."""

    content: bytes
    pages: int


def require_pango() -> None:
    """Raise JobFailed, with the line to type, where the libraries that WeasyPrint draws with are not installed."""
    try:
        import weasyprint  # noqa: F401
    except OSError as fault:
        raise JobFailed(
            _("PDFs cannot be made on this machine yet: the library Pango is missing. Its keeper types: %(line)s")
            % {"line": f"apt-get install {PANGO}"}
        ) from fault


def render_html(data: dict[str, Any]) -> str:
    """Write the whole document as HTML, in the language of its data."""
    with translation.override(data["language"]):
        return render_to_string(
            "reports/dossier/document.html",
            {
                "data": data,
                "chapters": compose(data),
                "hearing": next(event for event in data["events"] if event["code"] == data["hearing"]),
                "frozen_at": datetime.fromisoformat(data["frozen_at"]),
            },
        )


def render_pdf(html: str) -> Pdf:
    """Render HTML as a tagged PDF (PDF/UA-1). The same HTML gives the same bytes. Raises JobFailed without Pango."""
    require_pango()
    from weasyprint import HTML

    document = HTML(string=html, base_url=SCHEME, url_fetcher=_static_files_only()).render()
    identifier = hashlib.sha256(html.encode()).hexdigest()[:32].encode()
    content: bytes = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=identifier)
    return Pdf(content, len(document.pages))


def _static_files_only() -> Any:
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class StaticFiles(URLFetcher):
        """Serves `static:…` from our own static files; everything else is refused."""

        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            name = url.removeprefix(SCHEME).lstrip("/")
            found = finders.find(name) if url.startswith(SCHEME) else None
            if not found:
                raise ValueError(f"a dossier does not fetch {url}")
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            return URLFetcherResponse(url, Path(found).read_bytes(), {"Content-Type": kind})

    return StaticFiles()
