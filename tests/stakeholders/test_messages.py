from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from django.core import mail

from stakeholders.models import Message
from stakeholders.tasks import send_message
from tests.factories import make_person
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def message() -> Message:
    return Message.objects.create(
        person=make_person(email="ada@city.example"),
        occasion="receipt",
        subject="Hello",
        text="Text",
        html="<p>HTML</p>",
    )


def test_a_message_goes_out_once_with_both_parts(message):
    for _ in range(2):
        send_message(pk=message.pk)
    sent = mail.outbox
    assert [(one.to, one.subject, one.body) for one in sent] == [(["ada@city.example"], "Hello", "Text")]
    assert [(part.content, part.mimetype) for part in sent[0].alternatives] == [("<p>HTML</p>", "text/html")]
    assert sent[0].extra_headers["Message-ID"] == f"<message-{message.pk}@thp.example>"
    message.refresh_from_db()
    assert message.state == "done"


def test_a_person_whose_address_went_away_is_told_to_staff(message):
    message.person.email = None
    message.person.save()
    send_message(pk=message.pk)
    message.refresh_from_db()
    assert (message.state, message.error) == (
        "failed",
        "There is no e-mail address for this person any more. Add it in the address book.",
    )
    assert mail.outbox == []


def test_a_mail_server_that_is_away_is_tried_again(message, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    send_message(pk=message.pk)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == ("queued", 1, "")


@pytest.fixture
def smtp_server(settings):
    """A mail server that keeps what it gets; gives the list of envelopes."""

    class Keeper:
        def __init__(self) -> None:
            self.envelopes: list[Envelope] = []

        async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
            self.envelopes.append(envelope)
            return "250 Kept"

    keeper = Keeper()
    controller = Controller(keeper, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield keeper.envelopes
    controller.stop()


def test_a_real_mail_server_gets_it_whole(message, smtp_server):
    send_message(pk=message.pk)
    envelope = smtp_server[0]
    mail_received = message_from_bytes(envelope.content, policy=policy.default)
    assert (envelope.rcpt_tos, mail_received["Subject"], mail_received["From"]) == (
        ["ada@city.example"],
        "Hello",
        "The Hague Process <consultations@thp.example>",
    )
    assert [part.get_content_type() for part in mail_received.iter_parts()] == ["text/plain", "text/html"]
    assert mail_received.get_body(("plain",)).get_content().strip() == "Text"
