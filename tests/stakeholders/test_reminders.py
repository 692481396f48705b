from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.translation import get_language

from consultations import invitations
from consultations.models import Answer, LetterKind
from stakeholders.messages import STOP_DAYS, in_language_of, post, stop_path, stop_reminders
from stakeholders.models import Message, Person
from stakeholders.tasks import send_message
from tests.factories import NOW, bring_to, make_person, make_series, make_staff, plan, take_part
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def ada() -> Person:
    return make_person("Ada (sample)", email="ada@city.example")


@pytest.fixture
def reminder(ada) -> Message:
    asked = take_part(bring_to(plan(make_series()), "announced"), ada, answer=Answer.INVITED)
    invitations.send_link(asked, LetterKind.REMINDER)
    return Message.objects.get()


def test_a_reminder_can_be_stopped_with_one_click_in_the_mail_program(reminder, client):
    send_message(pk=reminder.pk)
    headers = mail.outbox[0].extra_headers
    link = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link.startswith("http://127.0.0.1:8000/reminders/stop/")
    answer = client.post(link.removeprefix("http://127.0.0.1:8000"), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    reminder.person.refresh_from_db()
    assert reminder.person.reminders_stopped_at == NOW


def test_other_mail_has_no_such_button(ada):
    post(ada, occasion="x", subject="Hello", template="stakeholders/mail/second_factor_reset", context={"url": ""})
    send_message(pk=Message.objects.get().pk)
    assert "List-Unsubscribe" not in mail.outbox[0].extra_headers


def test_the_link_in_the_text_asks_first(reminder, client, ada):
    path = next(word for word in reminder.text.split() if "/reminders/stop/" in word).removeprefix(
        "http://127.0.0.1:8000"
    )
    assert "Stop reminders?" in text_of(client.get(path))
    ada.refresh_from_db()
    assert ada.reminders_stopped_at is None
    assert "You get no reminders any more" in text_of(client.post(path))
    assert ada.name not in text_of(client.get(path))


def test_what_waits_in_the_outbox_is_held_back_too(reminder, ada):
    stop_reminders(ada, at=NOW)
    send_message(pk=reminder.pk)
    reminder.refresh_from_db()
    assert (reminder.state, reminder.error) == ("failed", "Held back: this person has asked for no reminders.")
    assert not mail.outbox


@pytest.mark.parametrize("fault", ["forged", "old", "nonsense", "somebody else's"])
def test_a_link_that_is_not_valid_reveals_nothing(client, ada, fault, clock):
    path = stop_path(ada)
    match fault:
        case "forged":
            path = path[:-2] + ("a" if path[-2] != "a" else "b") + "/"
        case "old":
            clock.move_to(NOW + timedelta(days=STOP_DAYS, seconds=1))
        case "nonsense":
            path = "/reminders/stop/x/"
        case "somebody else's":
            Person.objects.filter(pk=ada.pk).update(key="another")
    answer = client.post(path)
    assert answer.status_code == 403
    assert "This link is not valid, or not valid any more. Sign in, and stop reminders under" in text_of(answer)
    assert ada.name not in text_of(answer)
    ada.refresh_from_db()
    assert ada.reminders_stopped_at is None


def test_under_my_account_reminders_stop_and_come_again(sign_in, ada):
    client = sign_in(ada)
    assert "You are reminded by mail" in text_of(client.get(reverse("stakeholders:account")))
    page = client.post(reverse("stakeholders:reminders"), {"act": "stop"}, follow=True)
    assert "You get no reminders. Invitations, receipts" in text_of(page)
    page = client.post(reverse("stakeholders:reminders"), {"act": "let_come"}, follow=True)
    assert "You are reminded again when something waits for you." in text_of(page)
    ada.refresh_from_db()
    assert ada.reminders_stopped_at is None


def test_staff_hold_back_mail_that_came_back_later(sign_in, ada):
    client = sign_in(make_staff())
    chosen = {"action": "hold_back_mail", "_selected_action": [ada.pk]}
    told = client.post(reverse("admin:stakeholders_person_changelist"), chosen, follow=True)
    assert "Nothing more is sent to 1 person until the address is mended." in text_of(told)
    ada.refresh_from_db()
    assert (ada.mail_refused_at, ada.mail_refusal) == (NOW, "Mail came back later, said staff.")


def test_staff_read_a_reminder_without_the_keys_in_it(reminder, sign_in):
    page = text_of(sign_in(make_staff()).get(reverse("admin:stakeholders_message_change", args=[reminder.pk])))
    assert "/reminders/stop/…" in page
    assert "/invitation/…" in page


@pytest.mark.parametrize(("language", "spoken"), [("tr", "tr"), ("fr", "en"), ("", "en")])
def test_people_are_written_to_in_their_language_where_the_site_speaks_it(ada, settings, language, spoken):
    settings.LANGUAGES = [("en", "English"), ("tr", "Türkçe")]
    ada.language = language
    with in_language_of(ada):
        assert get_language() == spoken


def test_once_is_once(ada):
    told = {"occasion": "x", "subject": "Hello", "template": "stakeholders/mail/second_factor_reset"}
    rows = [post(ada, **told, context={"url": ""}, once="moved-1-1") for _ in range(2)]
    assert rows[0] == rows[1]
    assert Message.objects.count() == 1
