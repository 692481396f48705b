"""Who takes part: stakeholder types, organisations, people, their accounts, and the messages sent to them."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from jobs.models import Job
from stakeholders.kept import Kept, KeptQuerySet
from stakeholders.languages import language_choices

KEY_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_key() -> str:
    """A fresh public key: 10 characters that nobody can guess or misread."""
    return get_random_string(10, KEY_ALPHABET)


class UserManager(BaseUserManager["User"]):
    def get_queryset(self) -> models.QuerySet["User"]:
        """With the person who acts by the account: whoever needs one needs the other."""
        return super().get_queryset().select_related("person")

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

    def has_usable_password(self) -> bool:
        """Nobody here signs in with a password, whatever a command has set."""
        return False


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
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=language_choices,
        help_text=_("In which they are written to, as far as there is a text in it. Empty: the one of the event."),
    )  # fmt: skip
    user = models.OneToOneField(
        User, verbose_name=_("account"), null=True, blank=True, on_delete=models.PROTECT, related_name="person"
    )
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Invented, to show how things work."))
    mail_refused_at = models.DateTimeField(_("mail refused at"), null=True, editable=False)
    mail_refusal = models.TextField(_("what the mail server said"), blank=True, editable=False)
    reminders_stopped_at = models.DateTimeField(_("asked for no reminders at"), null=True, editable=False)

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


class SecondFactorReset(Kept):
    """Programme staff have taken away the second factor that somebody has lost, and said how they knew who asked."""

    user = models.ForeignKey(
        User, verbose_name=_("account"), on_delete=models.PROTECT, related_name="second_factor_resets", editable=False
    )
    reset_at = models.DateTimeField(_("reset at"), editable=False)
    reset_by = models.ForeignKey(
        Person, verbose_name=_("reset by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    reason = models.TextField(_("reason"), editable=False)

    objects = KeptQuerySet.as_manager()

    class Meta:
        verbose_name = _("reset of a second factor")
        verbose_name_plural = _("resets of the second factor")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="stakeholders_reset_has_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return str(self.user)


class ErasureRequest(models.Model):
    """Somebody has asked to be erased. Granted, the record that is left says nothing of who they were."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="erasure_requests", editable=False
    )
    removes_texts = models.BooleanField(_("wants the own inputs removed as well"), editable=False)
    asked_at = models.DateTimeField(_("asked at"), editable=False)
    answered_at = models.DateTimeField(_("answered at"), null=True, editable=False)
    answered_by = models.ForeignKey(
        Person, verbose_name=_("answered by"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    is_granted = models.BooleanField(_("granted"), null=True, editable=False)
    reason = models.TextField(_("why it was refused"), blank=True, editable=False)

    class Meta:
        verbose_name = _("wish to be erased")
        verbose_name_plural = _("wishes to be erased")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(answered_at__isnull=True),
                name="stakeholders_erasurerequest_one_open",
            ),
            models.CheckConstraint(
                name="stakeholders_erasurerequest_answer_is_whole",
                condition=models.Q(answered_at=None, answered_by=None, is_granted=None, reason="")
                | models.Q(answered_at__isnull=False, answered_by__isnull=False, is_granted=True, reason="")
                | (
                    models.Q(answered_at__isnull=False, answered_by__isnull=False, is_granted=False)
                    & ~models.Q(reason="")
                ),
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Message(Job):
    """One mail to one person, written down before it is sent: the outbox.

    `once` names what it tells and to whom, where the same must not be told twice. `calendar` is an iCalendar object
    (RFC 5546) that mail programs take over. Reminders can be stopped by whoever gets them.
    """

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
    calendar = models.TextField(_("calendar entry"), blank=True, editable=False)
    is_reminder = models.BooleanField(_("reminder"), default=False, editable=False)
    once = models.CharField(max_length=80, null=True, unique=True, editable=False)  # noqa: DJ001  most have none

    class Meta(Job.Meta):
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.subject


class AddressImport(Job):
    """One file of people and organisations on its way into the address book; as a job, the step that is asked for.

    `columns` says by its name what a column is about: {"email": 2}. `sample` holds the first rows as they were read.
    `counts` holds how many rows there were of each `RowAction`, once it is written. `forgotten_at` is set when the file
    and its rows are deleted, for they are personal; this row stays, to tell what was imported when and by whom.
    """

    TASK = "stakeholders.tasks.work_on_import"

    class Stage(models.TextChoices):
        COLUMNS = "columns", _("columns to be matched")
        PREVIEW = "preview", _("preview")
        WRITING = "writing", _("being written")
        WRITTEN = "written", _("in the address book")
        DISCARDED = "discarded", _("discarded")

    class Kind(models.TextChoices):
        CSV = "csv", _("text with delimiters (CSV)")
        XLSX = "xlsx", _("Excel workbook (XLSX)")

    stage = models.CharField(_("stage"), max_length=9, choices=Stage, default=Stage.COLUMNS, editable=False)
    file_name = models.CharField(_("file"), max_length=200, editable=False)
    file = models.FileField(upload_to="address-imports/", blank=True, editable=False)
    kind = models.CharField(_("kind of file"), max_length=4, choices=Kind, editable=False)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True, editable=False)
    delimiter = models.CharField(_("delimiter"), max_length=1, blank=True, editable=False)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True, editable=False)
    sheets = models.JSONField(_("sheets"), default=list, editable=False)
    header_row = models.PositiveSmallIntegerField(_("row of the headers"), default=1, editable=False)
    sample = models.JSONField(_("first rows"), default=list, editable=False)
    columns = models.JSONField(_("columns"), default=dict, editable=False)
    usual_type = models.ForeignKey(
        StakeholderType, verbose_name=_("stakeholder type of rows that name none"), null=True, editable=False,
        on_delete=models.PROTECT, related_name="+",
    )  # fmt: skip
    language = models.CharField(_("language"), max_length=10, default="en", editable=False)
    counts = models.JSONField(_("rows"), default=dict, editable=False)
    asked_by = models.ForeignKey(
        Person, verbose_name=_("imported by"), on_delete=models.PROTECT, related_name="+", editable=False
    )
    written_at = models.DateTimeField(_("written at"), null=True, editable=False)
    forgotten_at = models.DateTimeField(_("file deleted at"), null=True, editable=False)

    class Meta(Job.Meta):
        verbose_name = _("import into the address book")
        verbose_name_plural = _("imports into the address book")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["state", "due_at"], name="stakeholders_import_todo")]
        constraints = [
            *Job.Meta.constraints,
            models.CheckConstraint(
                name="stakeholders_addressimport_written_has_time",
                condition=models.Q(stage="written", written_at__isnull=False)
                | (~models.Q(stage="written") & models.Q(written_at__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("admin:stakeholders_addressimport_change", args=[self.pk])

    @property
    def headers(self) -> list[str]:
        """The texts over the columns."""
        return next((cells for number, cells in self.sample if number == self.header_row), [])


class RowAction(models.TextChoices):
    """What a row of an import will do."""

    ADD = "add", _("new")
    UPDATE = "update", _("update")
    UNCHANGED = "unchanged", _("nothing to change")
    DECIDE = "decide", _("to decide")
    REPEATED = "repeated", _("twice in the file")
    LEFT_OUT = "left_out", _("left out")
    FAULTY = "faulty", _("faulty")

    @classmethod
    def written(cls) -> set["RowAction"]:
        return {cls.ADD, cls.UPDATE}

    @classmethod
    def left_over(cls) -> set["RowAction"]:
        """Those that somebody has still to mend or to decide, and that are given back as a file."""
        return {cls.DECIDE, cls.FAULTY}


class Decision(models.TextChoices):
    """What staff say about a row that may be somebody who is known already."""

    OPEN = "", _("not decided")
    SAME = "same", _("the same one")
    ANOTHER = "another", _("another one")
    LEAVE_OUT = "leave_out", _("leave this row out")


class ImportRow(models.Model):
    """One row of a file that is imported: what it says, and what it will do to the address book.

    `cells` is the row as it was read, `values` what was understood; `changes` tells field by field [before, after].
    `found_key` names the person or organisation of the book that it is about or may be about, `found_row` an earlier
    row of the file. Where `moved_at` is set, the book has changed since somebody looked at what the row would do.
    """

    address_import = models.ForeignKey(AddressImport, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    cells = models.JSONField(_("cells"))
    values = models.JSONField(_("what was understood"))
    action = models.CharField(_("what it will do"), max_length=9, choices=RowAction)
    reason = models.TextField(_("why"), blank=True)
    found_key = models.CharField(max_length=60, blank=True)
    found_row = models.PositiveIntegerField(null=True)
    changes = models.JSONField(_("changes"), default=dict)
    decision = models.CharField(_("decision"), max_length=9, choices=Decision, default=Decision.OPEN, blank=True)
    moved_at = models.DateTimeField(_("the address book has changed since"), null=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["address_import", "number"]
        constraints = [
            models.UniqueConstraint(fields=["address_import", "number"], name="stakeholders_importrow_once"),
        ]
        indexes = [models.Index(fields=["address_import", "action", "number"], name="stakeholders_importrow_action")]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def is_decidable(self) -> bool:
        """Whether staff say, or have said, who it is."""
        return self.action == RowAction.DECIDE or bool(self.decision)

    @property
    def may_be_another(self) -> bool:
        """Whether it can be added beside the one that was found: nobody has its e-mail address."""
        return bool(self.found_row) or not self.values["email"] or "email" in self.changes
