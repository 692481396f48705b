"""People at one consultation, as they were there."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from consultations.models.consultations import Consultation, ConsultationState
from consultations.queries import ParticipationQuerySet
from stakeholders.models import Organisation, Person, StakeholderType


class Capacity(models.TextChoices):
    REPRESENTATIVE = "representative", _("representative")
    INDIVIDUAL_EXPERT = "individual_expert", _("individual expert")
    OBSERVER = "observer", _("observer")


class Role(models.TextChoices):
    PARTICIPANT = "participant", _("participant")
    SPEAKER = "speaker", _("speaker")
    MODERATOR = "moderator", _("moderator")
    RAPPORTEUR = "rapporteur", _("rapporteur")
    ORGANISER = "organiser", _("organiser")


class Answer(models.TextChoices):
    NOT_INVITED = "not_invited", _("not invited yet")
    INVITED = "invited", _("invited, no answer yet")
    ACCEPTED = "accepted", _("accepted")
    WAITING = "waiting", _("on the waiting list")
    DECLINED = "declined", _("declined")

    @classmethod
    def told(cls) -> set["Answer"]:
        """The answers that people give; where the room is full, “I come” is kept as waiting."""
        return {cls.ACCEPTED, cls.WAITING, cls.DECLINED}

    @classmethod
    def expecting(cls) -> set["Answer"]:
        """The answers of those who have to be told when something changes."""
        return {cls.INVITED, cls.ACCEPTED, cls.WAITING}


class Participation(models.Model):
    """One person at one consultation: organisation and stakeholder type as they were at that event.

    `attended` is None while it is not known. Who was checked in at the door has the moment as well.
    `link_number` is part of the signed link of the invitation: raising it revokes every earlier link.
    `more_time_until` lets this one person give and change inputs after the window has closed for everybody.
    """

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="participations"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="participations"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation at this event"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="participations",
    )  # fmt: skip
    stakeholder_type = models.ForeignKey(
        StakeholderType, verbose_name=_("stakeholder type at this event"), on_delete=models.PROTECT,
        related_name="participations",
    )  # fmt: skip
    capacity = models.CharField(_("capacity"), max_length=17, choices=Capacity, default=Capacity.REPRESENTATIVE)
    role = models.CharField(_("role"), max_length=11, choices=Role, default=Role.PARTICIPANT)
    answer = models.CharField(
        _("answer to the invitation"), max_length=11, choices=Answer, default=Answer.NOT_INVITED, editable=False
    )
    invited_at = models.DateTimeField(_("invited at"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, editable=False)
    decline_reason = models.TextField(_("why declined"), blank=True, editable=False)
    attended = models.BooleanField(_("was there"), null=True, blank=True)
    checked_in_at = models.DateTimeField(_("checked in at"), null=True, editable=False)
    checked_in_by = models.ForeignKey(
        Person,
        verbose_name=_("checked in by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    may_be_listed = models.BooleanField(_("agreed to be named in the list of participants"), default=False)
    may_be_photographed = models.BooleanField(_("agreed to be seen on photographs"), default=False)
    may_be_asked_again = models.BooleanField(_("agreed to follow-up invitations"), default=False)
    link_number = models.PositiveSmallIntegerField(default=1, editable=False)

    more_time_until = models.DateTimeField(_("may give inputs until"), null=True, editable=False)
    more_time_at = models.DateTimeField(_("more time given at"), null=True, editable=False)
    more_time_by = models.ForeignKey(
        Person,
        verbose_name=_("more time given by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    objects = ParticipationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["consultation", "person__name", "pk"]
        indexes = [models.Index(fields=["consultation", "answer"], name="consultations_by_answer")]
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "person"],
                name="consultations_participation_once",
                violation_error_message=_("This person takes part in this consultation already."),
            ),
            models.CheckConstraint(
                name="consultations_participation_invited_has_time",
                condition=Q(answer="not_invited", invited_at__isnull=True) | ~Q(answer="not_invited"),
            ),
            models.CheckConstraint(
                name="consultations_participation_answered_has_time",
                condition=Q(answer__in=["accepted", "waiting", "declined"], answered_at__isnull=False)
                | Q(answer__in=["not_invited", "invited"], answered_at__isnull=True),
            ),
            models.CheckConstraint(
                name="consultations_participation_checked_in_is_a_pair",
                condition=Q(checked_in_at__isnull=True, checked_in_by__isnull=True)
                | Q(checked_in_at__isnull=False, checked_in_by__isnull=False, attended=True),
            ),
            models.CheckConstraint(
                name="consultations_participation_more_time_is_told_whole",
                condition=Q(more_time_until__isnull=True, more_time_at__isnull=True, more_time_by__isnull=True)
                | Q(more_time_until__isnull=False, more_time_at__isnull=False, more_time_by__isnull=False),
            ),
        ]

    def has_more_time(self, *, at: datetime) -> bool:
        """Whether the organisers take inputs from this person at that moment, whatever the window says."""
        return (
            self.consultation.state in {ConsultationState.ANNOUNCED, ConsultationState.IN_SYNTHESIS}
            and self.more_time_until is not None
            and at < self.more_time_until
        )

    def may_give_inputs(self, *, at: datetime) -> bool:
        """Whether inputs are taken from this person at that moment. Needs the consultation loaded."""
        return self.consultation.window_is_open(at=at) or self.has_more_time(at=at)

    def __str__(self) -> str:
        return f"{self.person} ({self.consultation.code})"
