"""Files added to inputs: what is taken, what is refused, who gets them, and that they go."""

import io
import os
import zipfile
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from consultations import attachments, inputs
from consultations.models import Attachment, Role
from stakeholders.refusals import Refused
from tests.factories import (
    CLOSES,
    NOW,
    bring_to,
    draft_input,
    give_input,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"


def packed(**parts: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


DOCX = packed(**{"[Content_Types]_xml": "<Types/>", "word__document_xml": "<w:document/>"})
ODT = packed(mimetype="application/vnd.oasis.opendocument.text", content_xml="<office/>")


def picture(format: str, **extra: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 4), "teal").save(out, format=format, **extra)
    return out.getvalue()


def upload(content: bytes, name: str = "file.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def stored() -> set[str]:
    folder = settings.VAR_DIR / "files" / "attachments"
    return {f"attachments/{file.name}" for file in folder.iterdir()} if folder.exists() else set()


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), "announced")


@pytest.fixture
def given(consultation):
    return give_input(take_part(consultation, make_person("Ada Author (sample)")))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (DOCX, "docx"),
        (ODT, "odt"),
        (picture("PNG"), "png"),
        (picture("JPEG"), "jpg"),
        (picture("WEBP"), "webp"),
    ],
)
def test_the_content_says_what_a_file_is(given, content, kind):
    kept = attachments.attach(given, file=upload(content, "lies.exe"), at=NOW)
    assert (kept.kind, kept.number, kept.name, kept.public_name) == (kind, 1, "lies.exe", f"JHB11-I-001-1.{kind}")
    assert stored() == {kept.file.name}
    assert kept.file.name.endswith(f".{kind}")
    assert "lies" not in kept.file.name


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00",
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        picture("GIF"),
        picture("PNG")[:40],
        packed(**{"evil.exe": "MZ"}),
        packed(**{"[Content_Types]_xml": "<Types/>", "word__document_xml": "x", "word__vbaProject.bin": "macro"}),
        packed(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml="<office/>"),
        packed(**{"[Content_Types]_xml": "<Types/>", "word__document_xml": b"0" * (attachments.MOST_UNPACKED + 1)}),
        DOCX[: len(DOCX) // 2],
    ],
    ids=["html", "svg", "exe", "html as png", "gif", "cut png", "zip", "macros", "ods", "zip bomb", "cut docx"],
)
def test_what_is_something_else_is_refused(given, content):
    with pytest.raises(Refused, match="This is not a file that can be added. PDF, Word"):
        attachments.attach(given, file=upload(content, "report.pdf"), at=NOW)
    assert not Attachment.objects.exists()
    assert stored() == set()


def test_size_and_number_have_limits(given):
    with pytest.raises(Refused, match="The file is too large: at most 10 MB can be added"):
        attachments.attach(given, file=upload(PDF + b"0" * attachments.LARGEST), at=NOW)
    with pytest.raises(Refused, match="The file is empty"):
        attachments.attach(given, file=upload(b""), at=NOW)
    for _number in range(attachments.MOST):
        attachments.attach(given, file=upload(PDF), at=NOW)
    with pytest.raises(Refused, match="An input takes 5 files"):
        attachments.attach(given, file=upload(PDF), at=NOW)
    assert [kept.number for kept in given.attachments.all()] == [1, 2, 3, 4, 5]


def test_a_photograph_loses_what_the_camera_wrote_into_it(given):
    exif = Image.Exif()
    exif[0x010E] = "Ada's house"
    exif[0x0112] = 6  # to be turned by a quarter
    content = picture("JPEG", exif=exif, comment=b"by Ada")
    assert b"Ada" in content
    kept = attachments.attach(given, file=upload(content, "house.jpg"), at=NOW)
    data = kept.file.read()
    assert b"Ada" not in data
    assert Image.open(io.BytesIO(data)).size == (4, 8)


def test_outside_the_window_nothing_changes(given):
    kept = attachments.attach(given, file=upload(PDF), at=NOW)
    for act in [
        lambda: attachments.attach(given, file=upload(PDF), at=CLOSES),
        lambda: attachments.remove(kept, at=CLOSES),
    ]:
        with pytest.raises(Refused, match="The time for inputs ended"):
            act()
    assert Attachment.objects.get() == kept


def test_files_go_with_the_input(given, django_capture_on_commit_callbacks):
    attachments.attach(given, file=upload(PDF), at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        inputs.withdraw(given, by=given.participation.person, at=NOW)
    assert not Attachment.objects.exists()
    assert stored() == set()
    with pytest.raises(Refused, match="was withdrawn"):
        attachments.attach(given, file=upload(PDF), at=NOW)


def test_a_file_that_no_row_names_is_swept_away_after_a_day(given, clock):
    kept = attachments.attach(given, file=upload(PDF), at=NOW)
    left = default_storage.save("attachments/left-behind.pdf", ContentFile(PDF))
    for name in [kept.file.name, left]:
        os.utime(default_storage.path(name), (NOW.timestamp(), NOW.timestamp()))
    assert attachments.remove_orphans(at=NOW + timedelta(hours=23)) == 0
    assert attachments.remove_orphans(at=NOW + timedelta(hours=25)) == 1
    assert stored() == {kept.file.name}
    assert attachments.remove_orphans(at=NOW + timedelta(hours=25)) == 0


class TestPages:
    @pytest.fixture
    def author(self, given, sign_in):
        return sign_in(given.participation.person)

    def test_the_author_adds_and_deletes(self, author, given, django_capture_on_commit_callbacks):
        page = reverse("consultations:files", args=[given.pk])
        told = text_of(author.post(page, {"file": upload(PDF, "My plan.pdf")}, follow=True))
        assert "The file is added." in told
        assert "My_plan.pdf" in told
        assert "My_plan.pdf" in text_of(author.get(given.get_absolute_url()))
        refused = text_of(author.post(page, {"file": upload(b"<html>", "plan.pdf")}))
        assert "This is not a file that can be added." in refused
        assert "Choose a file first." in text_of(author.post(page, {}))
        with django_capture_on_commit_callbacks(execute=True):
            response = author.post(reverse("consultations:remove_file", args=[given.pk, 1]), follow=True)
        assert "The file is deleted." in text_of(response)
        assert stored() == set()

    def test_a_huge_file_is_not_even_kept_while_it_arrives(self, author, given, settings):
        settings.LARGEST_UPLOAD = 1000
        page = reverse("consultations:files", args=[given.pk])
        response = author.post(page, {"file": upload(PDF + b"0" * 100_000)})
        assert "The file is too large: at most 10 MB can be added." in text_of(response)
        assert stored() == set()

    def test_it_is_given_out_to_be_kept_and_never_run(self, author, given):
        attachments.attach(given, file=upload(PDF, "plan.pdf"), at=NOW)
        response = author.get(reverse("consultations:file", args=[given.pk, 1]))
        assert b"".join(response.streaming_content) == PDF
        headers = [
            "Content-Disposition", "Content-Type", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options",
        ]  # fmt: skip
        assert [response[name] for name in headers] == [
            'attachment; filename="plan.pdf"',
            "application/octet-stream",
            "private, no-store",
            "default-src 'none'; sandbox",
            "nosniff",
        ]

    def test_whoever_reads_the_input_gets_the_file_under_a_name_that_names_nobody(self, consultation, given, sign_in):
        attachments.attach(given, file=upload(PDF, "Ada_Author.pdf"), at=NOW)
        draft = draft_input(given.participation)
        attachments.attach(draft, file=upload(PDF, "Ada_Author.pdf"), at=NOW)
        file = reverse("consultations:file", args=[given.pk, 1])
        for role in [Role.RAPPORTEUR, Role.ORGANISER]:
            reader = sign_in(take_part(consultation, role=role).person)
            assert reader.get(file)["Content-Disposition"] == 'attachment; filename="JHB11-I-001-1.pdf"'
            assert reader.get(reverse("consultations:file", args=[draft.pk, 1])).status_code == 404
            for page in [given.get_absolute_url(), reverse("outcomes:desk_inputs", args=[consultation.code])]:
                assert "JHB11-I-001-1.pdf" in text_of(reader.get(page))
                assert "Ada_Author" not in reader.get(page).content.decode()
        assert sign_in(make_staff()).get(file).status_code == 200
        assert sign_in(take_part(consultation).person).get(file).status_code == 404
        assert sign_in(None).get(file).status_code == 302

    def test_nobody_else_adds_or_deletes(self, consultation, given, sign_in):
        attachments.attach(given, file=upload(PDF), at=NOW)
        organiser = sign_in(take_part(consultation, role=Role.ORGANISER).person)
        pages = [
            reverse("consultations:files", args=[given.pk]),
            reverse("consultations:remove_file", args=[given.pk, 1]),
        ]
        assert [organiser.post(page).status_code for page in pages] == [403, 403]
        stranger = sign_in(take_part(consultation).person)
        assert [stranger.post(page).status_code for page in pages] == [404, 404]
        assert Attachment.objects.count() == 1
