"""What organisers write to many people at one consultation: invitations, and reminders of them."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.models.consultations import Consultation
from consultations.models.participation import Answer, Participation
from consultations.queries import LetterQuerySet
from jobs.models import Job
from stakeholders.languages import language_choices
from stakeholders.models import Person


class LetterKind(models.TextChoices):
    INVITATION = "invitation", _("invitation")
    REMINDER = "reminder", _("reminder")

    @property
    def answer(self) -> Answer:
        """The answer of those to whom such a letter goes; whoever has another one by then gets none."""
        return Answer.NOT_INVITED if self == LetterKind.INVITATION else Answer.INVITED


class Letter(models.Model):
    """One letter to people on the list of a consultation, with its words in one or more languages.

    It goes to `recipients`; or, with `to_everybody`, to all to whom it applies at the moment when it goes. Until it
    has a `Dispatch` it is a draft.
    """

    consultation = models.ForeignKey(
        Consultation, verbose_name=_("consultation"), on_delete=models.PROTECT, related_name="letters"
    )
    kind = models.CharField(_("kind"), max_length=10, choices=LetterKind)
    to_everybody = models.BooleanField(_("to everybody to whom it applies when it goes"), default=True)
    recipients = models.ManyToManyField(Participation, verbose_name=_("to"), related_name="letters")
    written_at = models.DateTimeField(_("written at"))
    written_by = models.ForeignKey(
        Person, verbose_name=_("written by"), on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.consultation.code})"

    @property
    def kind_of(self) -> LetterKind:
        return LetterKind(self.kind)

    def get_absolute_url(self) -> str:
        return reverse("consultations:letter", args=[self.consultation.code, self.pk])


class LetterText(models.Model):
    """The words of a letter in one language, with {placeholders} for what differs from person to person."""

    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=10, choices=language_choices)
    subject = models.CharField(_("subject"), max_length=150)
    text = models.TextField(_("text"))

    class Meta:
        verbose_name = _("text of a letter")
        verbose_name_plural = _("texts of letters")
        ordering = ["letter", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "language"], name="consultations_lettertext_once_per_language"),
        ]

    def __str__(self) -> str:
        return self.subject


class Dispatch(Job):
    """The sending of one letter, at `due_at`. Taking it back before that deletes it, and the letter is a draft again.

    `sent` counts those who got the letter, `left_out` those who were chosen and to whom it did not apply any more, or
    who have no address.
    """

    TASK = "consultations.tasks.dispatch_letter"

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="dispatch", editable=False)
    asked_by = models.ForeignKey(
        Person, verbose_name=_("sent by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    sent = models.PositiveIntegerField(_("sent"), null=True, editable=False)
    left_out = models.PositiveIntegerField(_("left out"), null=True, editable=False)

    class Meta(Job.Meta):
        verbose_name = _("sending of a letter")
        verbose_name_plural = _("sendings of letters")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="consultations_dispatch_todo")]

    def __str__(self) -> str:
        return str(self.letter)


class ColleagueProposal(models.Model):
    """Somebody who cannot come names a colleague who could. The organisers decide.

    Once they have, name and address are gone from here: who was invited stands in the address book, and nobody else's
    are kept. `invited` is the participation that came of it.
    """

    participation = models.ForeignKey(
        Participation, verbose_name=_("proposed by"), on_delete=models.PROTECT, related_name="proposals"
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    proposed_at = models.DateTimeField(_("proposed at"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.ForeignKey(
        Person, verbose_name=_("decided by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    invited = models.ForeignKey(
        Participation, verbose_name=_("invited"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("proposal of a colleague")
        verbose_name_plural = _("proposals of colleagues")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["participation"],
                condition=Q(decided_at__isnull=True),
                name="consultations_proposal_one_open",
            ),
            models.CheckConstraint(
                name="consultations_proposal_decided_is_a_pair",
                condition=Q(decided_at__isnull=True, decided_by__isnull=True)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="consultations_proposal_keeps_no_address",
                condition=(Q(decided_at__isnull=True) & ~Q(name="") & ~Q(email=""))
                | Q(decided_at__isnull=False, name="", email=""),
            ),
            models.CheckConstraint(
                name="consultations_proposal_invites_another",
                condition=Q(invited__isnull=True) | ~Q(invited=F("participation")),
            ),
        ]

    def __str__(self) -> str:
        return self.name or str(self.pk)
