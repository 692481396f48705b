"""A programme of consultations under one central question, and the areas it works on."""

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.queries import SeriesQuerySet
from stakeholders.models import StakeholderType

DEFAULT_AGREEMENT_RULE = {
    "least_answers": 5,
    "least_types": 2,
    "least_per_type": 3,
    "consensus_from": 0.75,
    "support_above": 0.5,
}
"""The default rule for levels of agreement, `domain.md`: what counts as enough answers, and the two thresholds."""


def country_key(name: str) -> str:
    """A country's name for comparing, however it is spaced and capitalised."""
    return " ".join(name.split()).casefold()


def default_agreement_rule() -> dict[str, float]:
    return dict(DEFAULT_AGREEMENT_RULE)


class Series(models.Model):
    """A programme of consultations under one central question, feeding a hearing."""

    slug = models.SlugField(_("short name"), max_length=40, unique=True, help_text=_("Part of its web address."))
    title = models.CharField(_("title"), max_length=200)
    central_question = models.TextField(_("central question"))
    summary = models.TextField(_("what it is about"), blank=True, help_text=_("Shown on the public page."))
    background = models.TextField(_("what came before"), blank=True)
    stakeholder_types = models.ManyToManyField(
        StakeholderType, verbose_name=_("stakeholder types"), related_name="series", blank=True
    )
    agreement_rule = models.JSONField(
        _("rule for levels of agreement"),
        default=default_agreement_rule,
        help_text=_("Taken over by each consultation, and frozen there, when it is announced."),
    )

    objects = SeriesQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[stakeholder_types])

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("consultations:series", args=[self.slug])


class CooperationArea(models.Model):
    """One of the themes that every consultation of the series works on."""

    series = models.ForeignKey(Series, verbose_name=_("series"), on_delete=models.PROTECT, related_name="areas")
    code = models.CharField(
        _("code"),
        max_length=4,
        validators=[RegexValidator(r"^[A-Z]{2,4}\Z", _("Use two to four capital letters, like KT."))],
        help_text=_("Two to four capital letters. It stands in every reference: JHB11-KT-03."),
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("cooperation area")
        verbose_name_plural = _("cooperation areas")
        ordering = ["series", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["series", "code"], name="consultations_area_code_once_per_series"),
        ]

    def __str__(self) -> str:
        return self.title


class GuidingQuestion(models.Model):
    """A question that steers the talk in one area."""

    area = models.ForeignKey(
        CooperationArea, verbose_name=_("cooperation area"), on_delete=models.CASCADE, related_name="guiding_questions"
    )
    text = models.CharField(_("question"), max_length=400)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("guiding question")
        verbose_name_plural = _("guiding questions")
        ordering = ["area", "order", "pk"]

    def __str__(self) -> str:
        return self.text


class Region(models.Model):
    """A part of the world from which the series hopes to see people: one country, or several."""

    series = models.ForeignKey(Series, verbose_name=_("series"), on_delete=models.CASCADE, related_name="regions")
    name = models.CharField(_("name"), max_length=100)
    countries = models.TextField(
        _("countries"), help_text=_("One on each line, spelt as in the address book. A region may be one country.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["series", "order", "name"]
        constraints = [
            models.UniqueConstraint(fields=["series", "name"], name="consultations_region_name_once_per_series"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def country_names(self) -> set[str]:
        """The countries, each as `country_key` gives it."""
        return {country_key(line) for line in self.countries.splitlines() if line.strip()}


class EarlierMeeting(models.Model):
    """A meeting before the series that it builds on; it has no inputs or outcomes here."""

    series = models.ForeignKey(
        Series, verbose_name=_("series"), on_delete=models.CASCADE, related_name="earlier_meetings"
    )
    title = models.CharField(_("title"), max_length=200)
    place = models.CharField(_("place"), max_length=100)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("earlier meeting")
        verbose_name_plural = _("earlier meetings")
        ordering = ["series", "order", "pk"]

    def __str__(self) -> str:
        return f"{self.title}, {self.place}"
