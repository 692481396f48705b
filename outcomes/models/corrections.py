"""What happens after the conclusion: texts that are corrected, outcomes that are withdrawn, and whom that concerns."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation
from jobs.models import Job
from outcomes.models.considerations import Consideration
from outcomes.models.outcomes import Outcome, Version
from stakeholders.kept import Kept, KeptQuerySet
from stakeholders.models import Person


class Correction(Job):
    """One change after the conclusion, carried to the later events: a new text of an outcome, or its withdrawal.

    `version` is the new text; empty for a withdrawal. `followed` counts later considerations that nobody had worked on
    and that took it, `asked` those whose desk is asked.
    """

    TASK = "outcomes.tasks.correct"

    outcome = models.ForeignKey(
        Outcome, verbose_name=_("outcome"), on_delete=models.PROTECT, related_name="corrections", editable=False
    )
    consultation = models.ForeignKey(
        Consultation, verbose_name=_("concluded at"), on_delete=models.PROTECT, related_name="corrections",
        editable=False,
    )  # fmt: skip
    version = models.OneToOneField(
        Version, verbose_name=_("new text"), null=True, on_delete=models.PROTECT, related_name="correction",
        editable=False,
    )  # fmt: skip
    reason = models.TextField(_("why"), editable=False)
    made_at = models.DateTimeField(_("made at"), editable=False)
    made_by = models.ForeignKey(
        Person, verbose_name=_("made by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    followed = models.PositiveIntegerField(_("later events that took it"), default=0, editable=False)
    asked = models.PositiveIntegerField(_("later events that are asked"), default=0, editable=False)

    class Meta(Job.Meta):
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-pk"]
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(name="outcomes_correction_has_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.outcome_id} @ {self.consultation_id}"

    @property
    def is_withdrawal(self) -> bool:
        return self.version_id is None


class Flag(Kept):
    """That a later event has worked on a text which was corrected or withdrawn since, and what its desk decided.

    `is_taken` is empty until then; after that it says whether they took the change or kept what they had.
    """

    correction = models.ForeignKey(
        Correction, verbose_name=_("correction"), on_delete=models.PROTECT, related_name="flags"
    )
    consideration = models.ForeignKey(
        Consideration, verbose_name=_("outcome at the later event"), on_delete=models.PROTECT, related_name="flags"
    )
    raised_at = models.DateTimeField(_("asked at"))
    is_taken = models.BooleanField(_("took the change"), null=True)
    reason = models.TextField(_("why"), blank=True)
    resolved_at = models.DateTimeField(_("decided at"), null=True)
    resolved_by = models.ForeignKey(
        Person, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = KeptQuerySet.as_manager()

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["correction", "consideration"], name="outcomes_flag_once"),
            models.CheckConstraint(
                name="outcomes_flag_resolved_is_whole",
                condition=Q(is_taken__isnull=True, resolved_at__isnull=True, resolved_by__isnull=True)
                | Q(is_taken__isnull=False, resolved_at__isnull=False, resolved_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.correction_id} → {self.consideration_id}"
