"""What people agreed to, and what they need on site."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.models.participation import Participation
from stakeholders.kept import Kept, KeptQuerySet


class ConsentKind(models.TextChoices):
    LISTING = "may_be_listed", _("the list of participants")
    PHOTOGRAPHS = "may_be_photographed", _("photographs")
    FOLLOW_UP = "may_be_asked_again", _("follow-up invitations")


class Consent(Kept):
    """Somebody agreed to one thing at one consultation, or took it back, and in which words it had been asked.

    How it stands now is told by the field of the participation that is named like the kind.
    """

    participation = models.ForeignKey(
        Participation, verbose_name=_("by"), on_delete=models.PROTECT, related_name="consents"
    )
    kind = models.CharField(_("to what"), max_length=20, choices=ConsentKind)
    is_given = models.BooleanField(_("agreed"))
    said_at = models.DateTimeField(_("said at"))
    wording = models.TextField(_("in which words it was asked"))

    objects = KeptQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {_('yes') if self.is_given else _('no')}"


class Needs(models.Model):
    """What one person needs on site, for the organisers of that event alone.

    It is in no history, no export and no document, and is deleted some days after the event.
    """

    participation = models.OneToOneField(
        Participation, verbose_name=_("of"), on_delete=models.PROTECT, related_name="needs"
    )
    dietary = models.TextField(_("food"), blank=True)
    access = models.TextField(_("access"), blank=True)
    visa = models.TextField(_("visa and travel"), blank=True)
    said_at = models.DateTimeField(_("said at"))

    class Meta:
        verbose_name = _("needs")
        verbose_name_plural = _("needs")

    def __str__(self) -> str:
        return str(self.pk)
