"""Mail to people, through the outbox: written down in the transaction of the act it tells of, sent after it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override

from jobs.running import JobFailed
from stakeholders.models import Message, Person
from stakeholders.refusals import Refused

FOR_GOOD = 500
"""From this reply code on, a mail server says that trying again will not help."""
STOP_SALT = "stakeholders.reminders"
STOP_DAYS = 400
"""How long the link in a reminder stops reminders."""


@contextmanager
def in_language_of(person: Person) -> Iterator[None]:
    """Write in the person's language inside the block, where this site speaks it; else in its own."""
    spoken = dict(settings.LANGUAGES)
    with override(person.language if person.language in spoken else settings.LANGUAGE_CODE):
        yield


def post(
    person: Person,
    *,
    occasion: str,
    subject: str,
    template: str,
    context: dict[str, Any],
    once: str | None = None,
    calendar: str = "",
    is_reminder: bool = False,
) -> Message:
    """Put a mail to one person into the outbox; a worker sends it once the transaction is committed.

    `template` names a pair of templates, without `.txt` and `.html`; both get `context`, `person`, `subject`,
    `site_url` and, of a reminder, `stop_url`. `once` names what may be told this person a single time: where it has
    been told, that row is given back and nothing is sent. `calendar` is an iCalendar object with a METHOD.
    Returns the row.
    """
    shown = {"person": person, "subject": subject, "site_url": settings.SITE_URL, **context}
    if is_reminder:
        shown["stop_url"] = settings.SITE_URL + stop_path(person)
    with in_language_of(person):
        written = {
            "person": person,
            "occasion": occasion,
            "subject": " ".join(subject.split())[: Message._meta.get_field("subject").max_length],
            "text": render_to_string(f"{template}.txt", shown),
            "html": render_to_string(f"{template}.html", shown),
            "calendar": calendar,
            "is_reminder": is_reminder,
        }
    if once is None:
        message, is_new = Message.objects.create(**written), True
    else:
        message, is_new = Message.objects.get_or_create(once=once, defaults=written)
    if is_new:
        message.ring()
    return message


def send(message: Message, *, at: datetime) -> None:
    """Hand one message to the mail server.

    Raises JobFailed, with words for staff, for a person without an address, one whose address refused mail before, a
    reminder to somebody who wants none, and what the server refuses for good (RFC 5321: replies that begin with 5).
    Everything else that mail raises may pass, and is tried again.

    A worker that dies between the server's yes and its own note sends it again: the `Message-ID` is the same then,
    so that mail programs show it once.
    """
    person = message.person
    if not person.email:
        raise JobFailed(_("There is no e-mail address for this person any more. Add it in the address book."))
    if person.mail_refused_at:
        raise JobFailed(
            _("Held back: the address refused mail before. Mend it in the address book, or let mail go there again.")
        )
    if message.is_reminder and person.reminders_stopped_at:
        raise JobFailed(_("Held back: this person has asked for no reminders."))
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<message-{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"}
    if message.is_reminder:
        # RFC 8058: mail programs show a button that stops reminders with one POST.
        headers["List-Unsubscribe"] = f"<{settings.SITE_URL}{stop_path(person)}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[person.email],
        headers=headers,
    )
    mail.attach_alternative(message.html, "text/html")
    if message.calendar:
        method = next(line for line in message.calendar.splitlines() if line.startswith("METHOD:"))
        mail.attach_alternative(message.calendar, f"text/calendar; method={method.removeprefix('METHOD:')}")
    try:
        mail.send()
    except SMTPRecipientsRefused as refusal:
        code, words = next(iter(refusal.recipients.values()))
        if code < FOR_GOOD:
            raise TryAgainLater(f"the mail server answered {code}") from None
        said = words.decode(errors="replace")
        Person.objects.filter(pk=person.pk).update(mail_refused_at=at, mail_refusal=said)
        raise JobFailed(_("The mail server refuses the address: %(words)s") % {"words": said}) from refusal
    except SMTPResponseException as refusal:
        if refusal.smtp_code < FOR_GOOD:
            raise
        said = _words(refusal)
        raise JobFailed(_("The mail server refuses the message: %(words)s") % {"words": said}) from refusal


class TryAgainLater(Exception):
    """The mail server does not take the message now. The text names nobody, for it goes into the log."""


def let_mail_go_again(people: Iterable[Person]) -> int:
    """Forget that the addresses of these people refused mail; what was held back can be tried again then."""
    refused = Person.objects.filter(pk__in=[person.pk for person in people], mail_refused_at__isnull=False)
    return refused.update(mail_refused_at=None, mail_refusal="")


def hold_back_mail(people: Iterable[Person], *, words: str, at: datetime) -> int:
    """Send nothing more to people whose mail came back later, until staff let it go again; `words` say what came."""
    held = Person.objects.filter(pk__in=[person.pk for person in people], mail_refused_at__isnull=True)
    return held.update(mail_refused_at=at, mail_refusal=words)


def stop_path(person: Person) -> str:
    """Give the path of the signed link by which this person stops reminders; it holds nothing personal."""
    return reverse("stakeholders:stop_reminders", args=[signing.dumps([person.pk, _mark(person)], salt=STOP_SALT)])


def person_of_stop_link(token: str) -> Person:
    """Give the person whose reminders a link stops. Raises Refused for a forged one, and after STOP_DAYS."""
    try:
        pk, mark = signing.loads(token, salt=STOP_SALT, max_age=timedelta(days=STOP_DAYS))
        person = Person.objects.get(pk=pk)
        if mark != _mark(person):
            raise signing.BadSignature("the row is somebody else's")
        return person
    except (signing.BadSignature, Person.DoesNotExist, TypeError, ValueError) as fault:
        raise Refused(
            _("This link is not valid, or not valid any more. Sign in, and stop reminders under “My account”.")
        ) from fault


def stop_reminders(person: Person, *, at: datetime) -> None:
    """Send this person no reminders any more; a second wish changes nothing."""
    Person.objects.filter(pk=person.pk, reminders_stopped_at__isnull=True).update(reminders_stopped_at=at)


def let_reminders_come(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(reminders_stopped_at=None)


def _mark(person: Person) -> str:
    return salted_hmac(STOP_SALT, person.key).hexdigest()[:16]


def _words(refusal: SMTPResponseException) -> str:
    said = refusal.smtp_error
    return said.decode(errors="replace") if isinstance(said, bytes) else said
