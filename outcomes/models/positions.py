"""Where participants stand on the outcomes of an event, and what they say is wrong in a text."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consultations.models import Attribution, Participation
from outcomes.models.considerations import Consideration
from outcomes.models.outcomes import Version
from outcomes.queries import FactualCorrectionQuerySet, PositionQuerySet
from stakeholders.kept import Kept
from stakeholders.models import Person


class Stance(models.TextChoices):
    SUPPORT = "support", _("support")
    RESERVATIONS = "reservations", _("support with reservations")
    ABSTAIN = "abstain", _("abstain")
    DISAGREE = "disagree", _("disagree")
    OBJECT = "object", _("object")

    @classmethod
    def agreeing(cls) -> set["Stance"]:
        """“A” of the rule for levels of agreement (domain.md)."""
        return {cls.SUPPORT, cls.RESERVATIONS}

    @classmethod
    def dissenting(cls) -> set["Stance"]:
        """“D” of that rule; these need a reason."""
        return {cls.DISAGREE, cls.OBJECT}


class Holds(models.TextChoices):
    """Whether what an outcome says is so where somebody is."""

    YES = "yes", _("yes")
    PARTLY = "partly", _("in part")
    NO = "no", _("no")
    CANNOT_SAY = "cannot_say", _("I cannot say")


class Position(Kept):
    """Where one participant stands on one outcome at one event, on the text that they had read.

    `version` and `revision` name that text. A position is never changed: a later one replaces it (`superseded_at`), a
    change of the text leaves it behind (`outdated_at`), and its author may withdraw it (`withdrawn_at`), so that an
    objection is not shown any more. `entered_by` is set where staff wrote it down on behalf of the participant.
    """

    consideration = models.ForeignKey(
        Consideration, verbose_name=_("outcome at this event"), on_delete=models.PROTECT, related_name="positions"
    )
    participation = models.ForeignKey(
        Participation, verbose_name=_("by"), on_delete=models.PROTECT, related_name="positions"
    )
    version = models.ForeignKey(
        Version, verbose_name=_("on the text"), on_delete=models.PROTECT, related_name="positions"
    )
    revision = models.PositiveIntegerField(_("as it was revised"), default=1)
    stance = models.CharField(_("position"), max_length=12, choices=Stance)
    holds = models.CharField(_("does it hold where you are"), max_length=10, choices=Holds, blank=True)
    reason = models.TextField(_("why"), blank=True)
    wording = models.TextField(_("better wording"), blank=True)
    own_evidence = models.TextField(_("own evidence"), blank=True)
    attribution = models.CharField(_("how the words may be quoted"), max_length=12, choices=Attribution)
    taken_at = models.DateTimeField(_("taken at"))
    entered_by = models.ForeignKey(
        Person, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    superseded_at = models.DateTimeField(_("replaced at"), null=True)
    outdated_at = models.DateTimeField(_("text changed at"), null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)

    table = ""
    """Positions are taken by people, never by a table."""

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["consideration", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consideration", "participation"],
                condition=Q(superseded_at__isnull=True),
                name="outcomes_position_once",
            ),
            models.CheckConstraint(
                name="outcomes_position_dissent_has_reason",
                condition=~Q(stance__in=["disagree", "object"]) | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participation_id} on {self.consideration_id}"


class FactualCorrection(Kept):
    """That a participant found something wrong in a text, and what the rapporteurs answered.

    `is_accepted` is empty until it is answered; the answer is read by who gave it.
    """

    consideration = models.ForeignKey(
        Consideration, verbose_name=_("outcome at this event"), on_delete=models.PROTECT,
        related_name="factual_corrections",
    )  # fmt: skip
    participation = models.ForeignKey(
        Participation, verbose_name=_("by"), on_delete=models.PROTECT, related_name="factual_corrections"
    )
    version = models.ForeignKey(Version, verbose_name=_("in the text"), on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(_("as it was revised"), default=1)
    text = models.TextField(_("what is wrong, and what is right"))
    given_at = models.DateTimeField(_("given at"))
    is_accepted = models.BooleanField(_("accepted"), null=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    answered_by = models.ForeignKey(
        Person, verbose_name=_("answered by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = FactualCorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("factual correction")
        verbose_name_plural = _("factual corrections")
        ordering = ["consideration", "pk"]
        constraints = [
            models.CheckConstraint(name="outcomes_factual_correction_has_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="outcomes_factual_correction_answered_is_whole",
                condition=Q(is_accepted__isnull=True, answered_at__isnull=True, answered_by__isnull=True, answer="")
                | Q(is_accepted__isnull=False, answered_at__isnull=False, answered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="outcomes_factual_correction_declined_with_reason",
                condition=Q(is_accepted__isnull=True) | Q(is_accepted=True) | ~Q(answer=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.participation_id} on {self.consideration_id}"
