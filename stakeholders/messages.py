"""Mail to people, through the outbox: written down in the transaction of the act it tells of, sent after it."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import parseaddr
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from jobs.running import JobFailed
from stakeholders.models import Message, Person

FOR_GOOD = 500
"""From this reply code on, a mail server says that trying again will not help."""


def post(person: Person, *, occasion: str, subject: str, template: str, context: dict[str, Any]) -> Message:
    """Put a mail to one person into the outbox; a worker sends it once the transaction is committed.

    `template` names a pair of templates, without `.txt` and `.html`; both get `context`, `person`, `subject` and
    `site_url`. Returns the row.
    """
    shown = {"person": person, "subject": subject, "site_url": settings.SITE_URL, **context}
    message = Message.objects.create(
        person=person,
        occasion=occasion,
        subject=" ".join(subject.split())[: Message._meta.get_field("subject").max_length],
        text=render_to_string(f"{template}.txt", shown),
        html=render_to_string(f"{template}.html", shown),
    )
    message.ring()
    return message


def send(message: Message, *, at: datetime) -> None:
    """Hand one message to the mail server.

    Raises JobFailed, with words for staff, for a person without an address, one whose address refused mail before,
    and what the server refuses for good (RFC 5321: replies that begin with 5). Everything else that mail raises may
    pass, and is tried again.

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
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[person.email],
        headers={"Message-ID": f"<message-{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(message.html, "text/html")
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


def _words(refusal: SMTPResponseException) -> str:
    said = refusal.smtp_error
    return said.decode(errors="replace") if isinstance(said, bytes) else said
