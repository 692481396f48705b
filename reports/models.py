"""Dossiers and event reports: their editions, the files of these, and the jobs that make them."""

import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation
from jobs.models import Job
from reports.choices import Choices
from reports.queries import EditionFileQuerySet, EditionQuerySet, PlaceQuerySet
from stakeholders.kept import FrozenError, Kept
from stakeholders.models import Person


class Document(models.TextChoices):
    """What an edition is of: the dossier of a hearing, or the report of one consultation."""

    DOSSIER = "dossier", _("dossier")
    REPORT = "report", _("event report")


class Edition(Kept):
    """One numbered, immutable edition of the dossier of a hearing, or of the report of a consultation.

    `snapshot` is the canonical JSON that everything was made from, `sha256` its hash in hex. Only publishing may
    still happen to an edition: `published_at` and `published_by` are set once.
    """

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="editions", editable=False
    )
    document = models.CharField(_("document"), max_length=7, choices=Document, default=Document.DOSSIER, editable=False)
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    language = models.CharField(_("language"), max_length=10, editable=False)
    snapshot = models.TextField(_("snapshot"), editable=False)
    sha256 = models.CharField(_("SHA-256 of the snapshot"), max_length=64, editable=False)
    frozen_at = models.DateTimeField(_("data frozen at"), editable=False)
    frozen_by = models.ForeignKey(
        Person, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    published_by = models.ForeignKey(
        Person, verbose_name=_("published by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["consultation", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["consultation", "document", "number"], name="reports_edition_number_once"),
            models.CheckConstraint(
                name="reports_edition_published_is_a_pair",
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation.code} {self.document} {self.number}"

    @cached_property
    def choices(self) -> Choices:
        """What was chosen when it was asked for."""
        return Choices.of({"language": self.language, **json.loads(self.snapshot).get("choices", {})})

    @property
    def is_working_draft(self) -> bool:
        """Whether it says on every page that it is a working draft; such a one is never published."""
        return self.choices.is_draft

    @property
    def files_in_order(self) -> list["EditionFile"]:
        """Its files as people look for them: to read, to work on, for programs."""
        order = EditionFile.Format.values
        return sorted(self.files.all(), key=lambda file: order.index(file.format))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a new edition. Raises FrozenError for one that is there: publishing is a conditional update."""
        if not self._state.adding:
            raise FrozenError("an edition is never changed")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("reports:edition", args=[self.consultation.code, self.document, self.number])


def file_path(file: "EditionFile", filename: str) -> str:
    edition = file.edition
    return f"editions/{edition.consultation.code}/{edition.document}/{edition.number}/{filename}"


class EditionFile(Kept):
    """One file made from an edition's snapshot; never changed."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        HTML = "html", _("web page")
        DOCX = "docx", "Word"
        XLSX = "xlsx", "Excel"
        JSON = "json", "JSON"

    edition = models.ForeignKey(Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="files")
    format = models.CharField(_("format"), max_length=5, choices=Format)
    file = models.FileField(_("file"), upload_to=file_path)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    size = models.PositiveIntegerField(_("size in bytes"))
    pages = models.PositiveIntegerField(_("pages"), null=True)

    objects = EditionFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("file of an edition")
        verbose_name_plural = _("files of an edition")
        ordering = ["edition", "format"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "format"], name="reports_file_one_per_format"),
        ]

    def __str__(self) -> str:
        return str(self.file.name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FrozenError("a file of an edition is never changed")
        super().save(*args, **kwargs)


class Place(Kept):
    """Where the PDF of an edition tells of an outcome or an input, read back from the finished file.

    `page` counts from 1, `label` is what stands on that page. `paragraph` is empty for a row of the register.
    """

    edition = models.ForeignKey(Edition, verbose_name=_("edition"), on_delete=models.PROTECT, related_name="places")
    reference = models.CharField(_("reference"), max_length=40)
    chapter = models.CharField(_("chapter"), max_length=250)
    paragraph = models.CharField(_("paragraph"), max_length=20, blank=True)
    page = models.PositiveIntegerField(_("page"))
    label = models.CharField(_("label of the page"), max_length=20)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in an edition")
        verbose_name_plural = _("places in an edition")
        ordering = ["edition", "page", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "reference", "paragraph"], name="reports_place_once"),
        ]
        indexes = [models.Index(fields=["reference"], name="reports_place_reference")]

    def __str__(self) -> str:
        return f"{self.reference} {self.page}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FrozenError("a place in an edition is never changed")
        super().save(*args, **kwargs)


class EditionJob(Job):
    """The wish for an edition and its way to the finished files; `choices` is what was chosen, see reports.choices."""

    TASK = "reports.tasks.make_edition"

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="edition_jobs",
        editable=False,
    )  # fmt: skip
    document = models.CharField(_("document"), max_length=7, choices=Document, default=Document.DOSSIER, editable=False)
    choices = models.JSONField(_("what was chosen"), default=dict, editable=False)
    asked_by = models.ForeignKey(
        Person, verbose_name=_("asked for by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    edition = models.OneToOneField(
        Edition, verbose_name=_("edition"), null=True, on_delete=models.PROTECT, related_name="job", editable=False
    )

    class Meta(Job.Meta):
        verbose_name = _("edition in the making")
        verbose_name_plural = _("editions in the making")
        ordering = ["-pk"]
        constraints = [
            *Job.Meta.constraints,
            models.UniqueConstraint(
                fields=["consultation", "document"],
                condition=Q(state__in=["queued", "running"]),
                name="reports_editionjob_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation.code} {self.document}"
