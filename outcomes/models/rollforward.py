from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation
from jobs.models import Job


class RollForward(Job):
    """One run that lays the live outcomes of a concluded consultation before its receiver, with its account.

    carried + already_there + skipped = every outcome that was before or born at `consultation`.
    `skipped` is kept by reason in `skipped_reasons`: {"retired": 2, "merged": 3, "no receiver": 10}.
    """

    TASK = "outcomes.tasks.roll_forward"

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("from"), on_delete=models.PROTECT, related_name="roll_forwards", editable=False
    )
    receiver = models.ForeignKey(
        Consultation, verbose_name=_("laid before"), null=True, on_delete=models.PROTECT,
        related_name="received_roll_forwards", editable=False,
    )  # fmt: skip
    carried = models.PositiveIntegerField(_("carried"), default=0, editable=False)
    already_there = models.PositiveIntegerField(_("already there"), default=0, editable=False)
    skipped = models.PositiveIntegerField(_("skipped"), default=0, editable=False)
    skipped_reasons = models.JSONField(_("why skipped"), default=dict, editable=False)

    class Meta(Job.Meta):
        verbose_name = _("roll-forward")
        verbose_name_plural = _("roll-forwards")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.consultation.code}"
