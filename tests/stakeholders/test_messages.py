from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from django.core import mail
from django.urls import reverse

from jobs.running import retry
from stakeholders.messages import let_mail_go_again
from stakeholders.models import Message, Person
from stakeholders.tasks import send_message
from tests.factories import NOW, make_person, make_staff
from tests.pages import text_of
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


class MailServer:
    """What a mail server keeps, and the replies that it gives before it takes anything."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.to_recipient: list[str] = []
        self.to_data: list[str] = []
        self.hangs_up_after_keeping = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: object, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.to_data:
            return self.to_data.pop(0)
        self.envelopes.append(envelope)
        if self.hangs_up_after_keeping:
            server.transport.close()
        return "250 Kept"


@pytest.fixture
def smtp_server(settings):
    """A real mail server on this machine."""
    keeper = MailServer()
    controller = Controller(keeper, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.hostname, controller.port
    yield keeper
    controller.stop()


def test_a_real_mail_server_gets_it_whole(message, smtp_server):
    send_message(pk=message.pk)
    envelope = smtp_server.envelopes[0]
    mail_received = message_from_bytes(envelope.content, policy=policy.default)
    assert (envelope.rcpt_tos, mail_received["Subject"], mail_received["From"]) == (
        ["ada@city.example"],
        "Hello",
        "The Hague Process <consultations@thp.example>",
    )
    assert [part.get_content_type() for part in mail_received.iter_parts()] == ["text/plain", "text/html"]
    assert mail_received.get_body(("plain",)).get_content().strip() == "Text"


def after_sending(message: Message) -> tuple[str, str]:
    send_message(pk=message.pk)
    message.refresh_from_db()
    return message.state, message.error


def test_a_server_that_asks_to_come_back_later_is_asked_again(clock, message, smtp_server):
    smtp_server.to_recipient = ["451 4.7.1 Greylisted, come back in five minutes"]
    assert after_sending(message) == ("queued", "")
    assert message.due_at > NOW
    assert Person.objects.get(pk=message.person_id).mail_refused_at is None
    clock.move_to(message.due_at)
    assert after_sending(message) == ("done", "")
    assert len(smtp_server.envelopes) == 1


def test_an_address_that_is_refused_for_good_gets_no_more_mail(clock, message, smtp_server):
    smtp_server.to_recipient = ["550 5.1.1 No such mailbox"]
    assert after_sending(message) == ("failed", "The mail server refuses the address: 5.1.1 No such mailbox")
    person = Person.objects.get(pk=message.person_id)
    assert (person.mail_refused_at, person.mail_refusal) == (NOW, "5.1.1 No such mailbox")

    later = Message.objects.create(person=person, occasion="receipt", subject="Again", text="Text", html="HTML")
    assert after_sending(later) == (
        "failed",
        "Held back: the address refused mail before. Mend it in the address book, or let mail go there again.",
    )
    assert smtp_server.envelopes == []

    assert let_mail_go_again([person]) == 1
    retry(later, at=NOW)
    assert after_sending(later) == ("done", "")
    assert len(smtp_server.envelopes) == 1
    assert let_mail_go_again([person]) == 0


def test_a_message_that_is_refused_says_nothing_against_the_address(clock, message, smtp_server):
    smtp_server.to_data = ["554 5.7.1 Looks like spam"]
    assert after_sending(message) == ("failed", "The mail server refuses the message: 5.7.1 Looks like spam")
    assert Person.objects.get(pk=message.person_id).mail_refused_at is None


def test_a_mail_that_may_have_gone_out_goes_again_under_the_same_number(clock, message, smtp_server):
    """SMTP has no way to ask; mail programs show the two as one."""
    smtp_server.hangs_up_after_keeping = True
    assert after_sending(message) == ("queued", "")
    smtp_server.hangs_up_after_keeping = False
    clock.move_to(message.due_at)
    assert after_sending(message) == ("done", "")
    numbers = {message_from_bytes(one.content)["Message-ID"] for one in smtp_server.envelopes}
    assert (len(smtp_server.envelopes), numbers) == (2, {f"<message-{message.pk}@thp.example>"})


def test_staff_mend_the_address_in_the_admin(message, sign_in, clock):
    person = message.person
    Person.objects.filter(pk=person.pk).update(mail_refused_at=NOW, mail_refusal="No such mailbox")
    staff = sign_in(make_staff())
    page = reverse("admin:stakeholders_person_change", args=[person.pk])
    assert "No such mailbox" in staff.get(page).content.decode()
    staff.post(page, {"name": "Ada", "email": "ada@new.example"})
    person.refresh_from_db()
    assert (person.email, person.mail_refused_at, person.mail_refusal) == ("ada@new.example", None, "")


def test_staff_let_mail_go_again_in_the_admin(message, sign_in, clock):
    Person.objects.filter(pk=message.person_id).update(mail_refused_at=NOW, mail_refusal="No such mailbox")
    chosen = {"action": "let_mail_go_again", "_selected_action": [message.person_id]}
    told = sign_in(make_staff()).post(reverse("admin:stakeholders_person_changelist"), chosen, follow=True)
    assert "Mail goes to 1 address again." in text_of(told)
    assert Person.objects.get(pk=message.person_id).mail_refused_at is None


def test_staff_read_a_message_without_the_key_in_it(sign_in):
    link = "http://127.0.0.1:8000/invitation/WzE3LDFd:1xVXRF:z-lBDsaoxF/"
    message = Message.objects.create(
        person=make_person(), occasion="invitation", subject="Come", text=f"Open {link} now", html="<p></p>"
    )
    page = sign_in(make_staff()).get(reverse("admin:stakeholders_message_change", args=[message.pk])).content.decode()
    assert "Open http://127.0.0.1:8000/invitation/…/ now" in page
    assert "WzE3LDFd" not in page


def test_a_calendar_entry_goes_as_what_mail_programs_take_over(message, smtp_server):
    message.calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Ünlü\r\nEND:VCALENDAR\r\n"
    message.save()
    send_message(pk=message.pk)
    received = message_from_bytes(smtp_server.envelopes[0].content, policy=policy.default)
    *_text, entry = received.iter_parts()
    assert (entry.get_content_type(), entry.get_param("method")) == ("text/calendar", "REQUEST")
    assert "SUMMARY:Ünlü" in entry.get_content()
