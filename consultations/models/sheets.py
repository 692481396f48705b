"""A spreadsheet of inputs that were given on paper, on its way in."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.models.consultations import Consultation
from stakeholders.models import Person


class InputSheet(models.Model):
    """The rows of one file, as [[number of the row, [cells]], …], until they are entered; then those left to mend.

    `headers` are the texts over the columns. `entered` is set once the good rows are inputs.
    """

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="input_sheets"
    )
    file_name = models.CharField(_("file"), max_length=200)
    headers = models.JSONField(_("headers"))
    rows = models.JSONField(_("rows"))
    uploaded_at = models.DateTimeField(_("sent at"))
    uploaded_by = models.ForeignKey(Person, verbose_name=_("sent by"), on_delete=models.PROTECT, related_name="+")
    entered = models.PositiveIntegerField(_("inputs entered"), null=True)

    class Meta:
        verbose_name = _("spreadsheet of inputs")
        verbose_name_plural = _("spreadsheets of inputs")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("consultations:input_sheet", args=[self.consultation.code, self.pk])
