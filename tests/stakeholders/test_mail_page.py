import os

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, settings):
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def send(*mails, at):
    """Send mails into one file, as one connection does, and set the moment of that file."""
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend")
    connection._fname = f"{connection.file_path}/{at}.log"
    connection.open()
    for subject, text in mails:
        mail = EmailMultiAlternatives(subject, text, to=["Naledi <naledi@city.example>"], connection=connection)
        mail.attach_alternative("<p>HTML part</p>", "text/html")
        mail.send()
    os.utime(connection._fname, (at, at))
    connection.close()


def test_no_mail_yet(client, folder):
    response = client.get(reverse("stakeholders:mail"))
    assert response.status_code == 200
    assert "No mail yet." in response.content.decode()


def test_mails_newest_first_with_text_codes_and_links(client, folder):
    send(("Oldest", "a"), ("Second", "b"), at=1000)
    text = "\n\n".join(["K7TQ", "-" * 79, "See http://127.0.0.1:8000/invitation/x:y-z_1/ ü"])
    send(("Your sign-in code: K7TQ", text), at=2000)
    response = client.get("/mail/")
    assert [mail.subject for mail in response.context["mails"]] == ["Your sign-in code: K7TQ", "Second", "Oldest"]
    page = response.content.decode()
    assert 'href="http://127.0.0.1:8000/invitation/x:y-z_1/"' in page
    assert "naledi@city.example" in page
    assert "ü" in page
    assert "HTML part" not in page
    assert "no-store" in response["Cache-Control"]


def test_markup_in_a_mail_is_text(client, folder):
    send(("<b>Subject</b>", "<script>alert(1)</script> javascript:alert(1)"), at=1000)
    page = client.get("/mail/").content.decode()
    assert "&lt;b&gt;Subject&lt;/b&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'href="javascript' not in page


def test_a_mail_half_written_is_left_out(client, folder):
    send(("Whole", "a"), at=1000)
    (folder / "half.log").write_bytes(b"Subject: Half\n\ntext")
    assert [mail.subject for mail in client.get("/mail/").context["mails"]] == ["Whole"]


def test_long_lists_come_in_pages(client, folder):
    for number in range(21):
        send((f"Mail {number}", "text"), at=1000 + number)
    assert [mail.subject for mail in client.get("/mail/").context["mails"]][:2] == ["Mail 20", "Mail 19"]
    assert [mail.subject for mail in client.get("/mail/?page=2").context["mails"]] == ["Mail 0"]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1"])
def test_whoever_sits_at_the_machine_sees_it(client, folder, address):
    assert client.get("/mail/", REMOTE_ADDR=address).status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.4", "2001:db8::1"])
def test_nobody_else_sees_it(client, folder, address):
    send(("Secret", "code"), at=1000)
    response = client.get("/mail/", REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR="127.0.0.1")
    assert response.status_code == 403
    assert "Secret" not in response.content.decode()
