"""Files that authors add to their inputs."""

from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from consultations.models.inputs import Input


class FileKind(models.TextChoices):
    """What may be attached; the value is also the ending under which it is given out."""

    PDF = "pdf", _("PDF")
    DOCX = "docx", _("Word document")
    ODT = "odt", _("OpenDocument text")
    PNG = "png", _("PNG image")
    JPEG = "jpg", _("JPEG image")
    WEBP = "webp", _("WebP image")


def private_path(attachment: "Attachment", filename: str) -> str:
    """A name that tells nothing, and that nobody can guess."""
    return f"attachments/{get_random_string(32)}.{attachment.kind}"


class Attachment(models.Model):
    """One file of an input, for those who may read the input. It goes when its author takes it or the input back.

    `name` is what the file was called on its author's machine; as it may name people, nobody else is shown it.
    """

    input = models.ForeignKey(Input, verbose_name=_("input"), on_delete=models.PROTECT, related_name="attachments")
    number = models.PositiveSmallIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=255)
    kind = models.CharField(_("kind"), max_length=4, choices=FileKind)
    size = models.PositiveIntegerField(_("size in bytes"))
    file = models.FileField(_("file"), upload_to=private_path)
    added_at = models.DateTimeField(_("added at"))

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["input", "number"]
        constraints = [
            models.UniqueConstraint(fields=["input", "number"], name="consultations_attachment_number_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_name(self) -> str:
        """`JHB11-I-042-1.pdf`, which names nobody. Needs the input loaded with its consultation."""
        return f"{self.input.reference or 'draft'}-{self.number}.{self.kind}"
