"""What a consultation stands by: a lasting identity, its immutable texts, and its descent by merge and split."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.models import Consultation, CooperationArea
from outcomes.queries import OutcomeQuerySet, VersionQuerySet
from stakeholders.kept import FrozenError, Kept
from stakeholders.models import Person, StakeholderType

LONGEST_TITLE = 160
LONGEST_STATEMENT = 4000


class OutcomeKind(models.TextChoices):
    FINDING = "finding", _("finding")
    RECOMMENDATION = "recommendation", _("recommendation")
    COMMITMENT = "commitment", _("commitment")
    GOOD_PRACTICE = "good_practice", _("good practice")
    OPEN_QUESTION = "open_question", _("open question")


class Outcome(models.Model):
    """An outcome from its birth at one event through all later ones: an identity with a permanent reference.

    `reference` is `JHB11-KT-03`: event of birth, area, number. What it says is in its versions; what became of it
    at each event is in its considerations.
    """

    born_at = models.ForeignKey(
        Consultation, verbose_name=_("born at"), on_delete=models.PROTECT, related_name="born_outcomes"
    )
    area = models.ForeignKey(
        CooperationArea, verbose_name=_("cooperation area"), on_delete=models.PROTECT, related_name="outcomes"
    )
    further_areas = models.ManyToManyField(
        CooperationArea, verbose_name=_("further areas"), blank=True, related_name="further_outcomes"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    reference = models.CharField(_("reference"), max_length=24, unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=OutcomeKind)
    addressees = models.ManyToManyField(
        StakeholderType, verbose_name=_("addressed to"), blank=True, related_name="addressed_outcomes"
    )
    created_at = models.DateTimeField(_("first drafted at"))
    dropped_at = models.DateTimeField(_("draft dropped at"), null=True)
    dropped_by = models.ForeignKey(
        Person, verbose_name=_("draft dropped by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        Person, verbose_name=_("withdrawn by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_reason = models.TextField(_("why it was withdrawn"), blank=True)

    objects = OutcomeQuerySet.as_manager()

    # There where it is loaded `with_standing()`.
    current_title: str | None
    current_statement: str | None
    current_language: str | None
    standing: str | None

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["born_at__order", "area__order", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["born_at", "area", "number"], name="outcomes_outcome_number_once"),
            *(
                models.CheckConstraint(
                    name=f"outcomes_outcome_{act}_is_a_pair",
                    condition=Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
                    | Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                )
                for act in ["dropped", "withdrawn"]
            ),
            models.CheckConstraint(
                name="outcomes_outcome_withdrawn_has_reason",
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawal_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("outcomes:outcome", args=[self.reference])


class Version(Kept):
    """One text of an outcome, made at one event. It can be edited until that event is concluded, then never again.

    `revision` counts how often it was written, so that who edits or answers an older text is noticed. A refinement
    that was taken back is discarded: it stays to be seen in the history, and counts no more.
    """

    outcome = models.ForeignKey(Outcome, verbose_name=_("outcome"), on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("number"))
    consultation = models.ForeignKey(
        Consultation, verbose_name=_("made at"), on_delete=models.PROTECT, related_name="versions_made"
    )
    title = models.CharField(_("title"), max_length=LONGEST_TITLE)
    statement = models.TextField(_("statement"), max_length=LONGEST_STATEMENT)
    language = models.CharField(_("language"), max_length=10, default="en")
    change_note = models.TextField(_("what changed and why"), blank=True)
    is_correction = models.BooleanField(_("correction after the conclusion"), default=False)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    drafted_at = models.DateTimeField(_("drafted at"))
    drafted_by = models.ForeignKey(Person, verbose_name=_("drafted by"), on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed at"), null=True)
    signed_by = models.ForeignKey(
        Person, verbose_name=_("signed by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(_("frozen at"), null=True)
    discarded_at = models.DateTimeField(_("discarded at"), null=True)
    discarded_by = models.ForeignKey(
        Person, verbose_name=_("discarded by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = VersionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["outcome", "number"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "number"], name="outcomes_version_number_once"),
            models.UniqueConstraint(
                fields=["outcome", "consultation"],
                condition=Q(is_correction=False, discarded_at__isnull=True),
                name="outcomes_version_one_per_event",
            ),
            models.UniqueConstraint(
                fields=["outcome"],
                condition=Q(is_correction=True, frozen_at__isnull=True, discarded_at__isnull=True),
                name="outcomes_version_one_correction_at_a_time",
            ),
            models.CheckConstraint(
                name="outcomes_version_discarded_is_a_pair",
                condition=Q(discarded_at__isnull=True, discarded_by__isnull=True)
                | Q(discarded_at__isnull=False, discarded_by__isnull=False, frozen_at__isnull=True),
            ),
            models.CheckConstraint(
                name="outcomes_version_signed_is_a_pair",
                condition=Q(signed_at__isnull=True, signed_by__isnull=True)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="outcomes_version_frozen_is_signed_by_another",
                condition=Q(frozen_at__isnull=True) | (Q(signed_by__isnull=False) & ~Q(signed_by=F("drafted_by"))),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises FrozenError where the stored text is frozen."""
        if self.pk and Version.objects.filter(pk=self.pk, frozen_at__isnull=False).exists():
            raise FrozenError(f"version {self.pk} is frozen")
        super().save(*args, **kwargs)


class Descent(models.Model):
    """That one outcome came out of another at one event, by a merge or a split."""

    class Kind(models.TextChoices):
        MERGE = "merge", _("merge")
        SPLIT = "split", _("split")

    parent = models.ForeignKey(
        Outcome, verbose_name=_("parent"), on_delete=models.PROTECT, related_name="descents_as_parent"
    )
    child = models.ForeignKey(
        Outcome, verbose_name=_("child"), on_delete=models.PROTECT, related_name="descents_as_child"
    )
    consultation = models.ForeignKey(
        Consultation, verbose_name=_("at"), on_delete=models.PROTECT, related_name="descents"
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)

    class Meta:
        verbose_name = _("descent")
        verbose_name_plural = _("descents")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "child"], name="outcomes_descent_once"),
            models.CheckConstraint(name="outcomes_descent_of_another", condition=~Q(parent=F("child"))),
        ]

    def __str__(self) -> str:
        return f"{self.parent_id} → {self.child_id}"
