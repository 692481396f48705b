"""Files added to inputs: what is taken, and how it is kept and given back.

Everything is judged by its content, never by its name or by what the browser says of it.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from PIL import Image, ImageOps, UnidentifiedImageError

from consultations.models import Attachment, Input, InputState
from consultations.models.attachments import FileKind
from consultations.window import require_open
from stakeholders.refusals import Refused

LARGEST = 10 * 1024 * 1024
"""Bytes of one file."""
MOST = 5
"""Files of one input."""
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PIXELS = 100_000_000
WORD = "word/document.xml"
MACROS = "word/vbaProject.bin"
OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.text"
IMAGES = {"PNG": FileKind.PNG, "JPEG": FileKind.JPEG, "WEBP": FileKind.WEBP}
ORPHAN_AFTER = timedelta(days=1)
"""How old a file without a row must be before it is taken away: younger ones may be on their way in."""


def attach(input: Input, *, file: UploadedFile, at: datetime) -> Attachment:
    """Keep a file with an input. Photographs lose what the camera wrote into them, such as the place.

    Raises Refused for a file that is too large, empty, one too many, or not of a kind that is taken; outside the
    input window; and for an input that was withdrawn.
    """
    kind, content = _checked(file)
    with transaction.atomic():
        require_open(input.participation, at=at)
        stored = Input.objects.get(pk=input.pk)
        if stored.state == InputState.WITHDRAWN:
            raise Refused(_("This input was withdrawn, so nothing can be added to it."))
        there = stored.attachments.aggregate(Max("number"))["number__max"] or 0
        if stored.attachments.count() >= MOST:
            raise Refused(
                ngettext(
                    "An input takes %(most)d file. Take one away first.",
                    "An input takes %(most)d files. Take one away first.",
                    MOST,
                )
                % {"most": MOST}
            )
        attachment = Attachment(
            input=input,
            number=there + 1,
            name=get_valid_filename(file.name or "file")[-255:],
            kind=kind,
            size=content.size,
            added_at=at,
        )
        attachment.file.save("", content, save=False)
        attachment.save()
    return attachment


def remove(attachment: Attachment, *, at: datetime) -> None:
    """Take a file away for good. Raises Refused outside the input window."""
    with transaction.atomic():
        require_open(attachment.input.participation, at=at)
        forget([attachment])


def forget(attachments: list[Attachment]) -> None:
    """Delete rows, and their files once the transaction is committed."""
    names = [str(attachment.file.name) for attachment in attachments]
    Attachment.objects.filter(pk__in=[attachment.pk for attachment in attachments]).delete()
    for name in names:
        transaction.on_commit(partial(default_storage.delete, name), robust=True)


def remove_orphans(*, at: datetime) -> int:
    """Delete files that no row names: a worker died between the two. Returns how many."""
    try:
        names = [f"attachments/{name}" for name in default_storage.listdir("attachments")[1]]
    except FileNotFoundError:
        return 0
    kept = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
    orphans = [
        name for name in names if name not in kept and default_storage.get_modified_time(name) < at - ORPHAN_AFTER
    ]
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)


def _checked(file: UploadedFile) -> tuple[FileKind, ContentFile[bytes]]:
    """Find out what a file is, and give it as it is to be kept. Raises Refused."""
    if file.size is None or file.size > LARGEST:
        raise too_large()
    if not file.size:
        raise Refused(_("The file is empty. Choose another one."))
    data = file.read()
    if data.startswith(b"%PDF-"):
        return FileKind.PDF, ContentFile(data)
    if zipfile.is_zipfile(io.BytesIO(data)):
        return _document(data), ContentFile(data)
    return _image(data)


def _document(data: bytes) -> FileKind:
    """Look into a packed document without unpacking it, but for the few bytes in which OpenDocument says what it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
            names = {part.filename for part in parts}
            if sum(part.file_size for part in parts) > MOST_UNPACKED or MACROS in names:
                raise _not_taken()
            if WORD in names and "[Content_Types].xml" in names:
                return FileKind.DOCX
            if "mimetype" in names and "content.xml" in names:
                with packed.open("mimetype") as told:
                    if told.read(len(OPEN_DOCUMENT) + 1) == OPEN_DOCUMENT:
                        return FileKind.ODT
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as fault:
        raise _not_taken() from fault
    raise _not_taken()


def _image(data: bytes) -> tuple[FileKind, ContentFile[bytes]]:
    """Read an image and write it anew, upright, with nothing but what is to be seen."""
    try:
        with Image.open(io.BytesIO(data), formats=list(IMAGES)) as image:
            if image.width * image.height > MOST_PIXELS:
                raise _not_taken()
            kind, format = IMAGES[str(image.format)], image.format
            upright = ImageOps.exif_transpose(image)
            upright.info = {}
            out = io.BytesIO()
            upright.save(out, format=format, quality=92)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as fault:
        raise _not_taken() from fault
    return kind, ContentFile(out.getvalue())


def too_large() -> Refused:
    """The refusal of a file over LARGEST."""
    return Refused(_("The file is too large: at most %(most)d MB can be added.") % {"most": LARGEST // 1024**2})


def _not_taken() -> Refused:
    return Refused(
        _(
            "This is not a file that can be added. PDF, Word (docx, without macros), OpenDocument text (odt), "
            "PNG, JPEG and WebP are taken."
        )
    )
