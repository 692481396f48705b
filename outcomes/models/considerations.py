"""An outcome before one consultation."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consultations.models import Consultation
from outcomes.models.outcomes import Outcome, Version
from outcomes.queries import ConsiderationQuerySet
from stakeholders.models import Person


class Disposition(models.TextChoices):
    NONE = "", _("no disposition yet")
    PROPOSED = "proposed", _("proposed")
    REAFFIRMED = "reaffirmed", _("reaffirmed")
    REFINED = "refined", _("refined")
    CONTESTED = "contested", _("contested")
    MERGED = "merged", _("merged")
    SPLIT = "split", _("split")
    RETIRED = "retired", _("retired")
    NOT_CONSIDERED = "not_considered", _("not considered")
    ADOPTED = "adopted", _("adopted")
    ADOPTED_AS_AMENDED = "adopted_as_amended", _("adopted as amended")
    REFERRED = "referred", _("referred")
    NOT_ADOPTED = "not_adopted", _("not adopted")

    @classmethod
    def live(cls) -> set["Disposition"]:
        """Those after which an outcome goes on to the next event (domain.md, roll-forward, rule 1).

        Referred ones are handed on by the hearing, so they go on too: to the events that follow it up.
        """
        return {cls.PROPOSED, cls.REAFFIRMED, cls.REFINED, cls.CONTESTED, cls.NOT_CONSIDERED, cls.REFERRED}

    @classmethod
    def live_towards_follow_ups(cls) -> set["Disposition"]:
        """What a hearing has adopted is final; only a follow-up takes it up (rule 7)."""
        return {cls.ADOPTED, cls.ADOPTED_AS_AMENDED}

    @classmethod
    def with_new_text(cls) -> set["Disposition"]:
        return {cls.PROPOSED, cls.REFINED, cls.ADOPTED_AS_AMENDED}

    @classmethod
    def with_reason(cls) -> set["Disposition"]:
        return {cls.CONTESTED, cls.RETIRED, cls.NOT_ADOPTED}

    @classmethod
    def in_bulk(cls) -> set["Disposition"]:
        """Those that may be given to many outcomes at once: they ask for no text, and for no reason of its own."""
        return {cls.REAFFIRMED, cls.NOT_CONSIDERED, cls.ADOPTED, cls.REFERRED}

    @classmethod
    def of_a_hearing(cls) -> set["Disposition"]:
        return {cls.ADOPTED, cls.ADOPTED_AS_AMENDED, cls.REFERRED, cls.NOT_ADOPTED}


class Consideration(models.Model):
    """One outcome before one consultation: the version laid before it, what it got there, the version it left with.

    `version_before` is empty where the outcome was born at this event. `laid_from` is the consultation whose
    roll-forward brought it here and `roll_forward` the job that did.
    """

    outcome = models.ForeignKey(
        Outcome, verbose_name=_("outcome"), on_delete=models.PROTECT, related_name="considerations"
    )
    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="considerations"
    )
    version_before = models.ForeignKey(
        Version, verbose_name=_("version laid before it"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    version_after = models.ForeignKey(
        Version, verbose_name=_("version it left with"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    disposition = models.CharField(
        _("disposition"), max_length=18, choices=Disposition, default=Disposition.NONE, blank=True
    )
    reason = models.TextField(_("why"), blank=True)
    disposed_at = models.DateTimeField(_("decided at"), null=True)
    disposed_by = models.ForeignKey(
        Person, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    laid_at = models.DateTimeField(_("laid before it at"))
    laid_from = models.ForeignKey(
        Consultation, verbose_name=_("carried from"), null=True, on_delete=models.PROTECT, related_name="carried"
    )
    roll_forward = models.ForeignKey(
        "outcomes.RollForward", null=True, on_delete=models.PROTECT, related_name="considerations"
    )

    objects = ConsiderationQuerySet.as_manager()

    class Meta:
        verbose_name = _("consideration")
        verbose_name_plural = _("considerations")
        ordering = ["consultation", "outcome"]
        constraints = [
            models.UniqueConstraint(fields=["outcome", "consultation"], name="outcomes_consideration_once"),
            # An outcome goes on from one event to one other: its considerations are a path, whatever the plan does.
            models.UniqueConstraint(fields=["outcome", "laid_from"], name="outcomes_consideration_carried_once"),
            models.CheckConstraint(
                name="outcomes_consideration_disposed_is_whole",
                condition=Q(disposition="", disposed_at__isnull=True, disposed_by__isnull=True)
                | (~Q(disposition="") & Q(disposed_at__isnull=False, disposed_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="outcomes_consideration_born_here_is_proposed",
                condition=Q(version_before__isnull=True, disposition="proposed")
                | (Q(version_before__isnull=False) & ~Q(disposition="proposed")),
            ),
            models.CheckConstraint(
                name="outcomes_consideration_carried_has_origin",
                condition=Q(version_before__isnull=True, laid_from__isnull=True)
                | Q(version_before__isnull=False, laid_from__isnull=False),
            ),
            models.CheckConstraint(
                name="outcomes_consideration_reason_where_needed",
                condition=~Q(disposition__in=["contested", "retired", "not_adopted"]) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["consultation", "disposition"], name="outcomes_consideration_todo")]

    def __str__(self) -> str:
        return f"{self.outcome.reference} @ {self.consultation.code}"

    @property
    def text_here(self) -> Version | None:
        """The text that the outcome has at this event by now. Needs the row loaded `with_texts()`."""
        return self.version_after or self.version_before
