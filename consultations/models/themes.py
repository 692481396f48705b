"""What a hearing asks about in its own words, and the crosswalk from the areas of its series."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.models.consultations import Consultation
from consultations.models.series import CooperationArea


class Theme(models.Model):
    """One of the themes that a hearing has of its own.

    `areas` are the cooperation areas of the series that it takes up: an area may be taken up by several themes, by one
    or by none. The guiding questions stay with the areas.
    """

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("hearing"), on_delete=models.CASCADE, related_name="themes"
    )
    code = models.CharField(
        _("code"),
        max_length=4,
        validators=[
            RegexValidator(
                r"^[A-Z][A-Z0-9]{0,3}\Z",
                _("Use up to four capital letters and digits, beginning with a letter, like T1."),
            )
        ],
        help_text=_("Up to four capital letters and digits, like T1."),
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("what it is about"), blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    areas = models.ManyToManyField(
        CooperationArea, verbose_name=_("cooperation areas that it takes up"), blank=True, related_name="themes"
    )

    history = HistoricalRecords(m2m_fields=[areas])

    class Meta:
        verbose_name = _("theme of a hearing")
        verbose_name_plural = _("themes of a hearing")
        ordering = ["consultation", "order", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "code"],
                name="consultations_theme_code_once",
                violation_error_message=_("There is a theme with this code already."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a theme of anything but a hearing; whether the areas fit is for the form, which has them."""
        if not self.consultation.is_hearing:
            raise ValidationError(
                _("Only a hearing has themes of its own; other consultations work on the areas of their series."),
                code="not_a_hearing",
            )
