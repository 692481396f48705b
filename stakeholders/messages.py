"""Mail to people, through the outbox: written down in the transaction of the act it tells of, sent after it."""

from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from jobs.running import JobFailed
from stakeholders.models import Message, Person


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


def send(message: Message) -> None:
    """Hand one message to the mail server. Raises JobFailed for a person without an address, and what mail raises.

    A worker that dies between the server's yes and its own note sends it again: the `Message-ID` is the same then,
    so that mail programs show it once.
    """
    if not message.person.email:
        raise JobFailed(_("There is no e-mail address for this person any more. Add it in the address book."))
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        to=[message.person.email],
        headers={"Message-ID": f"<message-{message.pk}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(message.html, "text/html")
    mail.send()
