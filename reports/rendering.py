"""From HTML to PDF, for all that is one document of a few pages; and what every PDF of an edition has inside."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from jobs.running import JobFailed
from reports.pages.drawing import Attached, Drawer, Pdf
from reports.pages.keeping import UNPACKED
from reports.snapshot import canonical

PANGO = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"


def require_pango() -> None:
    """Raise JobFailed, with the line to type, where the libraries that WeasyPrint draws with are not installed."""
    try:
        import weasyprint  # noqa: F401
    except OSError as fault:
        raise JobFailed(
            _("PDFs cannot be made on this machine yet: the library Pango is missing. Its keeper types: %(line)s")
            % {"line": f"apt-get install {PANGO}"}
        ) from fault


def render_pdf(html: str, *, attached: Attached | None = None) -> Pdf:
    """Render HTML as a PDF that is PDF/A-3a and PDF/UA-1. The same HTML gives the same bytes.

    Raises JobFailed without Pango.
    """
    require_pango()
    folders = [Path(folder) for folder in settings.STATICFILES_DIRS]
    return Drawer(folders, unpacked=settings.PAGES_DIR / UNPACKED).draw(html, attached=attached)


def snapshot_of(data: dict[str, Any]) -> Attached:
    """Give the plain data itself as a file that goes into the PDF, described in the language of the document."""
    with translation.override(data["language"]):
        description = _("The data that this document was made from")
    return Attached(
        name="snapshot.json",
        content=canonical(data),
        description=description,
        at=datetime.fromisoformat(data["frozen_at"]),
    )
