"""The events of a series, with their agenda and whom they hope to see."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.models.inputs import Attribution
from consultations.models.series import CooperationArea, Region, Series
from consultations.queries import ConsultationQuerySet
from stakeholders.models import Organisation, Person, StakeholderType


class ConsultationKind(models.TextChoices):
    ROUNDTABLE = "roundtable", _("roundtable")
    EXPERT_CONSULTATION = "expert_consultation", _("expert consultation")
    HEARING = "hearing", _("hearing")
    FOLLOW_UP = "follow_up", _("follow-up")


class ConsultationState(models.TextChoices):
    PLANNED = "planned", _("planned")
    ANNOUNCED = "announced", _("announced")
    IN_SYNTHESIS = "in_synthesis", _("in synthesis")
    IN_VALIDATION = "in_validation", _("in validation")
    CONCLUDED = "concluded", _("concluded")
    CANCELLED = "cancelled", _("cancelled")

    @classmethod
    def public(cls) -> set["ConsultationState"]:
        """The states whose consultations everybody may see."""
        return {cls.ANNOUNCED, cls.IN_SYNTHESIS, cls.IN_VALIDATION, cls.CONCLUDED}

    @classmethod
    def ended(cls) -> set["ConsultationState"]:
        """The states in which nothing can be laid before a consultation any more."""
        return {cls.CONCLUDED, cls.CANCELLED}

    @classmethod
    def in_work(cls) -> set["ConsultationState"]:
        """The states in which rapporteurs work on inputs and outcomes."""
        return {cls.IN_SYNTHESIS, cls.IN_VALIDATION}


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Use a name like Africa/Johannesburg."),
            code="unknown_time_zone",
            params={"name": name},
        )


def default_languages() -> list[str]:
    return ["en"]


class Consultation(models.Model):
    """One event of a series.

    Dates are those of the place itself; the input window [open, close) is two moments, told in `time_zone`.
    `agreement_rule` is empty until the announcement freezes the series' rule here.
    """

    series = models.ForeignKey(Series, verbose_name=_("series"), on_delete=models.PROTECT, related_name="consultations")
    code = models.CharField(
        _("code"),
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]*\Z", _("Use capital letters and digits only, like JHB11."))],
        help_text=_("Short and permanent: it stands in every reference, like JHB11-KT-03."),
    )
    title = models.CharField(_("title"), max_length=200)
    kind = models.CharField(
        _("kind"), max_length=20, choices=ConsultationKind, default=ConsultationKind.EXPERT_CONSULTATION
    )
    state = models.CharField(
        _("state"), max_length=14, choices=ConsultationState, default=ConsultationState.PLANNED, editable=False
    )
    order = models.PositiveSmallIntegerField(_("order in the series"), default=0)
    description = models.TextField(_("what it is about"), blank=True)
    city = models.CharField(_("city or region"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    starts_on = models.DateField(_("first day"), null=True, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    time_zone = models.CharField(
        _("time zone"), max_length=50, blank=True, validators=[validate_time_zone],
        help_text=_("Of the place, like Africa/Johannesburg."),
    )  # fmt: skip
    places = models.PositiveSmallIntegerField(
        _("places"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_(
            "Who accepts when all are taken waits, and moves up by itself. Organisers and rapporteurs always have a "
            "place and take none of these. Empty: as many as accept."
        ),
    )  # fmt: skip
    host = models.ForeignKey(
        Organisation, verbose_name=_("host"), null=True, blank=True, on_delete=models.PROTECT, related_name="hosted"
    )
    partners = models.ManyToManyField(Organisation, verbose_name=_("partners"), blank=True, related_name="partnered")
    areas = models.ManyToManyField(
        CooperationArea, verbose_name=_("cooperation areas"), blank=True, related_name="consultations"
    )
    languages = models.JSONField(_("languages"), default=default_languages, help_text=_('Codes, like ["en", "tr"].'))
    inputs_open_at = models.DateTimeField(_("inputs open at"), null=True, blank=True)
    inputs_close_at = models.DateTimeField(_("inputs close at"), null=True, blank=True)
    validation_closes_at = models.DateTimeField(_("validation closes at"), null=True, blank=True)
    default_attribution = models.CharField(
        _("how inputs may be quoted if the author says nothing else"),
        max_length=12,
        choices=Attribution,
        default=Attribution.TYPE,
    )
    feeds_into = models.ForeignKey(
        "self", verbose_name=_("feeds into"), null=True, blank=True, on_delete=models.PROTECT, related_name="fed_by",
        help_text=_("The consultation that takes up the outcomes of this one."),
    )  # fmt: skip
    agreement_rule = models.JSONField(_("rule for levels of agreement"), default=dict, blank=True, editable=False)

    announced_at = models.DateTimeField(_("announced at"), null=True, editable=False)
    announced_by = models.ForeignKey(
        Person, verbose_name=_("announced by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    concluded_at = models.DateTimeField(_("concluded at"), null=True, editable=False)
    concluded_by = models.ForeignKey(
        Person, verbose_name=_("concluded by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    cancelled_by = models.ForeignKey(
        Person, verbose_name=_("cancelled by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    cancellation_reason = models.TextField(_("why it was cancelled"), blank=True, editable=False)

    objects = ConsultationQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[partners, areas])

    # There where it is loaded `with_role_of()` somebody: the role, empty for none, and the key of whose it is.
    role_of_viewer: str
    viewer: int

    LIFECYCLE_FIELDS = frozenset(
        {
            "state",
            "agreement_rule",
            "announced_at",
            "announced_by",
            "concluded_at",
            "concluded_by",
            "cancelled_at",
            "cancelled_by",
            "cancellation_reason",
        }
    )

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["series", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="consultations_consultation_ends_after_start",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("The last day is before the first one."),
            ),
            models.CheckConstraint(
                name="consultations_consultation_window_closes_after_opening",
                condition=Q(inputs_open_at__isnull=True)
                | Q(inputs_close_at__isnull=True)
                | Q(inputs_close_at__gt=F("inputs_open_at")),
                violation_error_message=_("The input window closes before it opens."),
            ),
            models.CheckConstraint(
                name="consultations_consultation_feeds_into_another",
                condition=Q(feeds_into__isnull=True) | ~Q(feeds_into=F("pk")),
                violation_error_message=_("A consultation cannot feed into itself."),
            ),
            *(
                models.CheckConstraint(
                    name=f"consultations_consultation_{act}_is_a_pair",
                    condition=Q(**{f"{act}_at__isnull": True, f"{act}_by__isnull": True})
                    | Q(**{f"{act}_at__isnull": False, f"{act}_by__isnull": False}),
                )
                for act in ["announced", "concluded", "cancelled"]
            ),
            models.CheckConstraint(
                name="consultations_consultation_concluded_has_time",
                condition=~Q(state="concluded") | Q(concluded_at__isnull=False),
            ),
            models.CheckConstraint(
                name="consultations_consultation_cancelled_has_reason",
                condition=~Q(state="cancelled") | (Q(cancelled_at__isnull=False) & ~Q(cancellation_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("consultations:consultation", args=[self.code])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the plan, and never the fields of the life: a form that was opened before a transition and is saved
        after it must not turn the state back. `lifecycle` names the fields it writes.
        """
        if not self._state.adding and kwargs.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields if not field.primary_key}
            kwargs["update_fields"] = names - self.LIFECYCLE_FIELDS
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a plan that crosses series or runs in a circle (queries: one for each step along the chain)."""
        following = self.feeds_into
        if following and following.series_id != self.series_id:
            raise ValidationError({"feeds_into": _("That consultation belongs to another series.")})
        while following:
            if following.pk == self.pk:
                raise ValidationError(
                    {"feeds_into": _("The plan would run in a circle: that consultation already feeds into this one.")}
                )
            following = following.feeds_into

    @property
    def zone(self) -> ZoneInfo:
        """The event's own time zone; UTC until it is planned."""
        return ZoneInfo(self.time_zone or "UTC")

    @property
    def is_public(self) -> bool:
        return self.state in ConsultationState.public()

    @property
    def is_hearing(self) -> bool:
        return self.kind == ConsultationKind.HEARING

    def window_is_open(self, *, at: datetime) -> bool:
        """Whether inputs are taken at that moment: announced, and inside [open, close)."""
        return (
            self.state == ConsultationState.ANNOUNCED
            and self.inputs_open_at is not None
            and self.inputs_close_at is not None
            and self.inputs_open_at <= at < self.inputs_close_at
        )


class AgendaSession(models.Model):
    """An item of the agenda."""

    class Kind(models.TextChoices):
        PLENARY = "plenary", _("plenary")
        WORKING_GROUP = "working_group", _("working group")
        CAUCUS = "caucus", _("caucus")

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.CASCADE, related_name="sessions"
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind, default=Kind.PLENARY)
    title = models.CharField(_("title"), max_length=200)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    room = models.CharField(_("room"), max_length=100, blank=True)
    area = models.ForeignKey(
        CooperationArea, verbose_name=_("cooperation area"), null=True, blank=True, on_delete=models.PROTECT
    )
    stakeholder_type = models.ForeignKey(
        StakeholderType, verbose_name=_("stakeholder type of the caucus"), null=True, blank=True,
        on_delete=models.PROTECT,
    )  # fmt: skip
    moderator = models.ForeignKey(
        Person, verbose_name=_("moderator"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    rapporteur = models.ForeignKey(
        Person, verbose_name=_("rapporteur"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("session of the agenda")
        verbose_name_plural = _("sessions of the agenda")
        ordering = ["consultation", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                name="consultations_session_ends_after_start",
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The session ends before it starts."),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Target(models.Model):
    """How many people of one stakeholder type a consultation hopes to see. Nobody is turned away by it."""

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.CASCADE, related_name="targets"
    )
    stakeholder_type = models.ForeignKey(
        StakeholderType, verbose_name=_("stakeholder type"), on_delete=models.PROTECT, related_name="+"
    )
    number = models.PositiveSmallIntegerField(_("number of people"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["consultation", "stakeholder_type__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "stakeholder_type"],
                name="consultations_target_once_per_type",
                violation_error_message=_("There is a target for this stakeholder type already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stakeholder_type}: {self.number}"


class RegionTarget(models.Model):
    """How many people of one region a consultation hopes to see. Nobody is turned away by it."""

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.CASCADE, related_name="region_targets"
    )
    region = models.ForeignKey(Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="targets")
    number = models.PositiveSmallIntegerField(_("number of people"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("target for a region")
        verbose_name_plural = _("targets for regions")
        ordering = ["consultation", "region__order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "region"],
                name="consultations_region_target_once",
                violation_error_message=_("There is a target for this region already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region}: {self.number}"
