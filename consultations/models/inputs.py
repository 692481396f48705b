"""What participants contribute."""

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.queries import InputQuerySet
from stakeholders.models import Person

LONGEST_TITLE = 120
LONGEST_TEXT = 5000
LONGEST_DRAFT = 10 * LONGEST_TEXT
"""A draft may run over while it is being written; what is submitted may not."""


class InputKind(models.TextChoices):
    CHALLENGE = "challenge", _("challenge")
    OPPORTUNITY = "opportunity", _("opportunity")
    GOOD_PRACTICE = "good_practice", _("good practice")
    PROPOSAL = "proposal", _("proposal")
    COMMITMENT = "commitment", _("commitment")
    QUESTION = "question", _("question")


class InputState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Attribution(models.TextChoices):
    """How an input may be used. `TYPE` is the Chatham House Rule: neither identity nor affiliation."""

    NAMED = "named", _("by name and organisation")
    ORGANISATION = "organisation", _("by organisation")
    TYPE = "type", _("by stakeholder type only")
    UNPUBLISHED = "unpublished", _("not published, counted only")

    @classmethod
    def quotable(cls) -> set["Attribution"]:
        return {cls.NAMED, cls.ORGANISATION, cls.TYPE}


def new_form_key() -> str:
    return get_random_string(16)


class Input(models.Model):
    """What one participant contributes to one area of one consultation.

    `number` is given when it is first submitted and stays; with the consultation's code it is the reference.
    `bears_on` is the reference of an outcome before this consultation that its author has in mind; outcomes are of the
    storey above, and their references are permanent, so that the name is enough.
    `table` names a table of the event that gave it together; the participation is who spoke for them.
    `entered_by` is set where staff wrote it down on behalf of the participant. A draft may lack its area, kind, title
    and text. `revision` counts how often it was saved, so that a form which was opened before the last time is noticed;
    `form_key` names the copy of the form that it came from, so that sending that twice gives one input.
    """

    participation = models.ForeignKey(
        "consultations.Participation", verbose_name=_("by"), on_delete=models.PROTECT, related_name="inputs"
    )
    consultation = models.ForeignKey(
        "consultations.Consultation", verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="inputs"
    )
    area = models.ForeignKey(
        "consultations.CooperationArea", verbose_name=_("cooperation area"), on_delete=models.PROTECT,
        related_name="inputs", null=True,
    )  # fmt: skip
    session = models.ForeignKey(
        "consultations.AgendaSession", verbose_name=_("session"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="inputs",
    )  # fmt: skip
    kind = models.CharField(_("kind"), max_length=13, choices=InputKind, blank=True)
    title = models.CharField(_("title"), max_length=LONGEST_TITLE, blank=True)
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    attribution = models.CharField(_("how it may be quoted"), max_length=12, choices=Attribution)
    bears_on = models.CharField(_("outcome that it bears on"), max_length=24, blank=True)
    table = models.CharField(_("table that gave it"), max_length=60, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=InputState, default=InputState.DRAFT, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    form_key = models.CharField(max_length=32, default=new_form_key, editable=False)
    number = models.PositiveIntegerField(_("number"), null=True, editable=False)
    created_at = models.DateTimeField(_("begun at"), editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    entered_by = models.ForeignKey(
        Person, verbose_name=_("entered by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = InputQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["form_key", "revision"])

    class Meta:
        verbose_name = _("input")
        verbose_name_plural = _("inputs")
        ordering = ["consultation", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["participation", "form_key"], name="consultations_input_once_per_form"),
            models.UniqueConstraint(fields=["consultation", "number"], name="consultations_input_number_once"),
            models.CheckConstraint(
                name="consultations_input_submitted_is_complete",
                condition=Q(submitted_at__isnull=True)
                | (Q(area__isnull=False) & ~Q(kind="") & ~Q(title="") & ~Q(text="")),
                violation_error_message=_("An input that was submitted has an area, a kind, a title and a text."),
            ),
            models.CheckConstraint(
                name="consultations_input_state_has_its_times",
                condition=Q(state="draft", submitted_at__isnull=True, withdrawn_at__isnull=True)
                | Q(state="submitted", submitted_at__isnull=False, number__isnull=False, withdrawn_at__isnull=True)
                | Q(state="withdrawn", withdrawn_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["consultation", "state", "area"], name="consultations_input_by_area"),
            # Whether anything changed is asked without reading the texts.
            models.Index(
                fields=["consultation", "state", "changed_at", "revision"], name="consultations_input_changes"
            ),
        ]

    def __str__(self) -> str:
        """Never the title: lists of the admin and messages of Django show this to those who may not read the input."""
        return self.reference or str(_("draft of an input"))

    @property
    def heading(self) -> str:
        return self.title or str(_("Draft without a title"))

    def get_absolute_url(self) -> str:
        return reverse("consultations:input", args=[self.pk])

    @property
    def is_submitted(self) -> bool:
        return self.state == InputState.SUBMITTED

    @property
    def is_late(self) -> bool:
        """Whether it came after the window had closed. Needs the consultation to be loaded with the input."""
        closed_at = self.consultation.inputs_close_at
        return self.submitted_at is not None and closed_at is not None and self.submitted_at >= closed_at

    @property
    def reference(self) -> str:
        """`JHB11-I-042`; empty for a draft. Needs the consultation to be loaded with the input."""
        return f"{self.consultation.code}-I-{self.number:03}" if self.number else ""
