"""The PDF of an edition."""

from collections.abc import Callable
from typing import Any

from reports.formats.written import Written
from reports.pages.making import make_pdf
from reports.rendering import snapshot_of
from reports.signing import sign


def write(data: dict[str, Any], progress: Callable[[float, str], None]) -> Written:
    """Make the PDF, with its snapshot inside, and sign it where the site has a key.

    Raises JobFailed where it cannot be made or signed.
    """
    pdf = make_pdf(data, attached=snapshot_of(data), progress=progress)
    return Written(sign(pdf.content), pdf.pages)
