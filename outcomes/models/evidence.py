"""How outcomes rest on inputs, and what became of the inputs that none rests on."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.models import Input, Series
from outcomes.models.outcomes import Outcome
from outcomes.queries import EvidenceQuerySet
from stakeholders.kept import Kept, KeptQuerySet
from stakeholders.models import Person


class Relation(models.TextChoices):
    SUPPORTS = "supports", _("supports")
    QUALIFIES = "qualifies", _("qualifies")
    CONTRADICTS = "contradicts", _("contradicts")


class Evidence(Kept):
    """That an input supports, qualifies or contradicts an outcome. Withdrawn with a reason, never deleted.

    `quote` is empty or a literal part of the input's text.
    """

    outcome = models.ForeignKey(Outcome, verbose_name=_("outcome"), on_delete=models.PROTECT, related_name="evidence")
    input = models.ForeignKey(Input, verbose_name=_("input"), on_delete=models.PROTECT, related_name="evidence")
    relation = models.CharField(_("relation"), max_length=11, choices=Relation, default=Relation.SUPPORTS)
    quote = models.TextField(_("quoted passage"), blank=True)
    note = models.TextField(_("why it bears on the outcome"), blank=True)
    linked_at = models.DateTimeField(_("linked at"))
    linked_by = models.ForeignKey(Person, verbose_name=_("linked by"), on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        Person, verbose_name=_("withdrawn by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_reason = models.TextField(_("why it was withdrawn"), blank=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["outcome", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["outcome", "input", "quote"],
                condition=Q(withdrawn_at__isnull=True),
                name="outcomes_evidence_once",
            ),
            models.CheckConstraint(
                name="outcomes_evidence_withdrawn_is_whole",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outcome_id} {self.relation} {self.input_id}"


class SettingAside(Kept):
    """That an input was set aside, with the reason that its author will read. It can be taken back, and is kept."""

    input = models.ForeignKey(Input, verbose_name=_("input"), on_delete=models.PROTECT, related_name="settings_aside")
    reason = models.TextField(_("why it was set aside"))
    set_aside_at = models.DateTimeField(_("set aside at"))
    set_aside_by = models.ForeignKey(Person, verbose_name=_("set aside by"), on_delete=models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField(_("taken back at"), null=True)
    taken_back_by = models.ForeignKey(
        Person, verbose_name=_("taken back by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = KeptQuerySet.as_manager()

    class Meta:
        verbose_name = _("setting aside")
        verbose_name_plural = _("settings aside")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["input"], condition=Q(taken_back_at__isnull=True), name="outcomes_set_aside_once"
            ),
            models.CheckConstraint(name="outcomes_set_aside_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="outcomes_set_aside_taken_back_is_a_pair",
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class Tag(models.Model):
    """A mark of the series' codebook that rapporteurs put on inputs. A retired one stays where it is.

    Who renamed, merged or retired it is in its history.
    """

    MAX_LENGTH = 60

    series = models.ForeignKey(Series, verbose_name=_("series"), on_delete=models.PROTECT, related_name="tags")
    name = models.CharField(_("name"), max_length=MAX_LENGTH)
    description = models.TextField(_("what it is for"), blank=True)
    retired_at = models.DateTimeField(_("retired at"), null=True)
    retired_by = models.ForeignKey(
        Person, verbose_name=_("retired by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["series", "name"]
        constraints = [
            models.UniqueConstraint(fields=["series", "name"], name="outcomes_tag_once"),
            models.CheckConstraint(
                name="outcomes_tag_retired_is_a_pair",
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """One tag on one input."""

    tag = models.ForeignKey(Tag, verbose_name=_("tag"), on_delete=models.PROTECT, related_name="taggings")
    input = models.ForeignKey(Input, verbose_name=_("input"), on_delete=models.PROTECT, related_name="taggings")
    tagged_at = models.DateTimeField(_("tagged at"))
    tagged_by = models.ForeignKey(Person, verbose_name=_("tagged by"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("tagging")
        verbose_name_plural = _("taggings")
        ordering = ["input", "tag"]
        constraints = [models.UniqueConstraint(fields=["tag", "input"], name="outcomes_tagging_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.input_id}"
