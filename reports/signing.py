"""The signature of the house on its PDFs, for sites that have a key.

A signature is PAdES (ETSI EN 319 142), without a picture on the page; it keeps PDF/A-3a and PDF/UA-1. It tells when it
was made, so the same snapshot gives the same bytes up to it and not beyond.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from jobs.running import JobFailed

FIELD = "Signature"


def sign(content: bytes) -> bytes:
    """Give a PDF signed with the key of settings.SIGNING_KEY_FILE, or as it is where there is none.

    Raises JobFailed where the key cannot be read.
    """
    if not settings.SIGNING_KEY_FILE:
        return content
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = signers.PdfSigner(
        signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES),
        _key(),
        new_field_spec=fields.SigFieldSpec(FIELD, on_page=0, box=None),
    )
    # pyHanko begins an event loop, of which a thread has one at most: whoever calls may be in one already.
    with ThreadPoolExecutor(max_workers=1) as alone:
        signed = alone.submit(signer.sign_pdf, IncrementalPdfFileWriter(io.BytesIO(content))).result()
    return bytes(signed.getbuffer())


def _key() -> Any:
    """Read the key and its certificates (PKCS #12)."""
    from pyhanko.sign.signers import SimpleSigner

    try:
        data = Path(settings.SIGNING_KEY_FILE).read_bytes()
    except OSError as fault:
        raise JobFailed(
            _("The key that PDFs are signed with cannot be read: %(fault)s. Mend SIGNING_KEY_FILE, then try again.")
            % {"fault": fault.strerror}
        ) from fault
    try:
        return SimpleSigner.load_pkcs12_data(
            data, other_certs=[], passphrase=settings.SIGNING_PASSPHRASE.encode() or None
        )
    except ValueError as fault:
        raise JobFailed(
            _(
                "The key that PDFs are signed with does not open. SIGNING_KEY_FILE has to be a PKCS #12 file, and "
                "SIGNING_PASSPHRASE its passphrase. Mend that, then try again."
            )
        ) from fault
