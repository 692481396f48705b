"""The signature on PDFs: valid, over the whole file, and both standards are kept."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.conf import settings as product
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import SignatureCoverageLevel, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from jobs.running import JobFailed
from reports.formats.pdf import write
from reports.pages.drawing import Attached, Drawer
from reports.signing import sign
from reports.snapshot import gather
from tests.factories import CONCLUSION
from tests.reports.pdfs import assert_keeps_both_standards


def judged(signature, context):
    """Ask pyHanko in a thread of its own: tests in a browser leave an event loop in this one."""
    with ThreadPoolExecutor(max_workers=1) as alone:
        return alone.submit(validate_pdf_signature, signature, context).result()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that its owner gave to itself, in a PKCS #12 file with the passphrase “open”."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The house (sample)")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    at = timezone.now()
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, at - timedelta(days=1), at + timedelta(days=9999))
    signed = built.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    file = tmp_path_factory.mktemp("key") / "house.p12"
    locked = serialization.BestAvailableEncryption(b"open")
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"house", key, signed, None, locked))
    return file


@pytest.fixture
def document() -> bytes:
    html = '<html lang="en"><title>A dossier</title><body><h1>One fund</h1><p>Every city pays.</p></body></html>'
    data = Attached(name="data.json", content="{}", description="Its data", at=CONCLUSION)
    return Drawer([*map(type(product.BASE_DIR), product.STATICFILES_DIRS)]).draw(html, attached=data).content


def test_a_signature_covers_the_whole_file_and_keeps_both_standards(certificate, document, settings, tmp_path):
    settings.SIGNING_KEY_FILE, settings.SIGNING_PASSPHRASE = str(certificate), "open"
    signed = sign(document)
    assert signed.startswith(document)
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    trusted = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    status = judged(signature, trusted)
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert signature.signer_cert.subject.native == {"common_name": "The house (sample)"}
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed)
    assert_keeps_both_standards(file)


def test_what_is_changed_afterwards_is_seen(certificate, document, settings):
    settings.SIGNING_KEY_FILE, settings.SIGNING_PASSPHRASE = str(certificate), "open"
    changed = bytearray(sign(document))
    changed[len(document) // 2] ^= 1
    (signature,) = PdfFileReader(io.BytesIO(bytes(changed)), strict=False).embedded_signatures
    assert not judged(signature, ValidationContext(trust_roots=[], allow_fetching=False)).intact


def test_without_a_key_a_pdf_stays_as_it_is(document, settings):
    assert settings.SIGNING_KEY_FILE == ""
    assert sign(document) == document


def test_a_key_that_is_not_there_or_does_not_open_is_told(certificate, document, settings, tmp_path):
    settings.SIGNING_KEY_FILE = str(tmp_path / "none.p12")
    with pytest.raises(JobFailed, match="cannot be read: No such file or directory. Mend SIGNING_KEY_FILE"):
        sign(document)
    settings.SIGNING_KEY_FILE, settings.SIGNING_PASSPHRASE = str(certificate), "wrong"
    with pytest.raises(JobFailed, match="does not open. SIGNING_KEY_FILE has to be a PKCS #12 file"):
        sign(document)


@pytest.mark.django_db
def test_the_pdf_of_an_edition_is_signed_where_the_site_has_a_key(certificate, scene, settings):
    settings.SIGNING_KEY_FILE, settings.SIGNING_PASSPHRASE = str(certificate), "open"
    data = gather(scene.hearing, number=1, at=CONCLUSION)
    data["choices"]["annexes"] = []
    written = write(data, lambda share, text: None)
    assert len(PdfFileReader(io.BytesIO(written.content)).embedded_signatures) == 1
