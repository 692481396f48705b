"""Who takes part: stakeholder types, organisations, people, their accounts, and the messages sent to them."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from jobs.models import Job

KEY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_key() -> str:
    """A fresh public key: 10 characters that nobody can guess or misread."""
    return get_random_string(10, KEY_ALPHABET)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: Any) -> "User":
        """Make an account; without a password it signs in with a code sent by e-mail."""
        user = self.model(email=self.normalize_email(email).lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> "User":
        user = self.create_user(email, password, is_staff=True, is_superuser=True, **extra)
        Person.objects.get_or_create(email=user.email, defaults={"name": user.email, "user": user})
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """The account of one person. `is_staff` marks THP's programme staff."""

    email = models.EmailField(_("e-mail address"), unique=True)
    is_staff = models.BooleanField(_("programme staff"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    date_joined = models.DateTimeField(_("account made at"), auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.email


class StakeholderType(models.Model):
    """A kind of stakeholder: city, business, trade union ... Lead types are watched and named apart."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=100, help_text=_("One of them: “City”, “Trade union”."))
    plural = models.CharField(_("name of many"), max_length=100)
    is_lead = models.BooleanField(_("lead stakeholder"), default=False)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("stakeholder type")
        verbose_name_plural = _("stakeholder types")
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Organisation(models.Model):
    """A city, a company, a union ... in the address book."""

    key = models.SlugField(_("key"), max_length=60, unique=True, default=new_key)
    name = models.CharField(_("name"), max_length=200)
    stakeholder_type = models.ForeignKey(
        StakeholderType, verbose_name=_("stakeholder type"), null=True, blank=True, on_delete=models.PROTECT
    )
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Invented, to show how things work."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody in the address book. With `user` they can sign in; a walk-in may have neither that nor an e-mail.

    `mail_refused_at` is set when a mail server has said for good that it does not take mail for the address;
    `mail_refusal` are its words. Further mail is held back until staff mend the address or try again.
    """

    key = models.SlugField(_("key"), max_length=60, unique=True, default=new_key)
    name = models.CharField(_("name"), max_length=200, help_text=_("As it is to stand on a badge."))
    email = models.EmailField(_("e-mail address"), null=True, blank=True)  # noqa: DJ001  many walk-ins have none
    organisation = models.ForeignKey(
        Organisation, verbose_name=_("organisation"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="people",
    )  # fmt: skip
    stakeholder_type = models.ForeignKey(
        StakeholderType, verbose_name=_("stakeholder type"), null=True, blank=True, on_delete=models.PROTECT
    )
    country = models.CharField(_("country"), max_length=100, blank=True)
    user = models.OneToOneField(
        User, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="person"
    )
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Invented, to show how things work."))
    mail_refused_at = models.DateTimeField(_("mail refused at"), null=True, editable=False)
    mail_refusal = models.TextField(_("what the mail server said"), blank=True, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="stakeholders_person_email_once",
                violation_error_message=_("Somebody in the address book has this e-mail address already."),
            ),
            models.CheckConstraint(name="stakeholders_person_email_not_empty", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = self.email or None


class Message(Job):
    """One mail to one person, written down before it is sent: the outbox."""

    TASK = "stakeholders.tasks.send_message"
    MAX_ATTEMPTS = 12
    """Eleven hours in all: a mail server that is away over night, or asks to come back later, gets its time."""

    person = models.ForeignKey(
        Person, verbose_name=_("to"), on_delete=models.PROTECT, related_name="messages", editable=False
    )
    occasion = models.CharField(_("occasion"), max_length=40, editable=False)
    subject = models.CharField(_("subject"), max_length=200, editable=False)
    text = models.TextField(_("text"), editable=False)
    html = models.TextField(_("HTML"), editable=False)

    class Meta(Job.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject
