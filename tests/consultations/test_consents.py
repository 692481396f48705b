"""What is mine: what I agreed to, what I need, and how I am quoted."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from consultations import consents, invitations
from consultations.exporting import participations_table
from consultations.models import Answer, Consent, ConsentKind, Needs, Participation, Role
from consultations.tasks import forget_needs
from outcomes import conclusion
from reports.door import door_pdf
from reports.seriesfile.writing import write
from stakeholders.kept import FrozenError
from tests.factories import NOW, bring_to, make_series, make_staff, plan, take_part
from tests.pages import text_of
from tests.reports import pdfs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), "announced")


@pytest.fixture
def participation(consultation):
    return take_part(consultation, answer=Answer.INVITED)


def said(participation) -> list[tuple[str, bool]]:
    return list(participation.consents.order_by("pk").values_list("kind", "is_given"))


def test_each_is_kept_apart_with_time_and_words(participation):
    invitations.accept(participation, may_be_listed=True, may_be_asked_again=True, at=NOW)
    assert said(participation) == [
        ("may_be_listed", True),
        ("may_be_photographed", False),
        ("may_be_asked_again", True),
    ]
    listing = participation.consents.get(kind="may_be_listed")
    assert (listing.said_at, listing.wording) == (
        NOW,
        "My name and organisation may stand in the public list of participants",
    )
    participation.refresh_from_db()
    assert (participation.may_be_listed, participation.may_be_photographed, participation.may_be_asked_again) == (
        True,
        False,
        True,
    )


def test_only_what_changes_is_told_anew_and_nothing_is_deleted(participation):
    invitations.accept(participation, may_be_listed=True, at=NOW)
    later = NOW + timedelta(days=900)
    for _ in range(2):
        consents.set_consents(participation, {ConsentKind.LISTING: False, ConsentKind.PHOTOGRAPHS: False}, at=later)
    assert said(participation)[3:] == [("may_be_listed", False)]
    assert Participation.objects.get().may_be_listed is False
    with pytest.raises(FrozenError):
        Consent.objects.all().delete()


def test_it_is_said_and_taken_back_on_the_page_of_the_invitation(participation, sign_in):
    client = sign_in(participation.person)
    page = reverse("consultations:invitation", args=["JHB11"])
    client.post(page, {"act": "accept", "may_be_listed": "on", "may_be_photographed": "on"})
    assert "Your name may stand in the list of participants" in text_of(client.get(page))
    client.post(page, {"act": "consents", "may_be_asked_again": "on"})
    assert said(participation)[3:] == [
        ("may_be_listed", False),
        ("may_be_photographed", False),
        ("may_be_asked_again", True),
    ]


def test_who_did_not_agree_is_not_found_for_later_consultations(consultation, sign_in):
    later = plan(consultation.series, "TOR12")
    agreed, other = (take_part(consultation) for _ in range(2))
    consents.set_consents(agreed, {ConsentKind.FOLLOW_UP: True}, at=NOW)
    page = reverse("consultations:put_on_list", args=[later.code])
    found = sign_in(make_staff()).get(page, {"came_to": consultation.pk}).context["page"]
    assert list(found) == [agreed.person]
    assert other.person not in found


def test_a_badge_says_who_does_not_want_to_be_photographed(consultation, tmp_path):
    seen, _unseen = take_part(consultation), take_part(consultation)
    consents.set_consents(seen, {ConsentKind.PHOTOGRAPHS: True}, at=NOW)
    file = tmp_path / "badges.pdf"
    file.write_bytes(door_pdf(consultation, "badges").content)
    assert pdfs.text_of(file).count("No photographs") == 1


# What people need on site


SECRET = "Nut allergy, anaphylaxis"


@pytest.fixture
def needs(participation):
    invitations.accept(participation, may_be_listed=True, at=NOW)
    consents.tell_needs(participation, dietary=SECRET, access="Ramp at the door", visa="Letter for Pretoria", at=NOW)
    return Needs.objects.get()


def test_it_reaches_the_organisers_of_that_event_alone(needs, consultation, sign_in):
    page = reverse("consultations:needs", args=["JHB11"])
    organiser = take_part(consultation, role=Role.ORGANISER).person
    shown = text_of(sign_in(organiser).get(page))
    for words in [SECRET, "Ramp at the door", "Letter for Pretoria"]:
        assert words in shown
    elsewhere = plan(consultation.series, "TOR12")
    for person in [
        take_part(elsewhere, role=Role.ORGANISER).person,
        take_part(consultation, role=Role.RAPPORTEUR).person,
        take_part(consultation).person,
    ]:
        assert sign_in(person).get(page).status_code == 403


def test_it_is_in_no_export_no_print_and_no_history(needs, consultation, sign_in, tmp_path):
    staff = sign_in(make_staff())
    told = str(list(participations_table(Participation.objects.all())))
    told += write(consultation.series)
    for what in ["list", "sign-in", "badges"]:
        told += door_pdf(consultation, what).content.decode("latin-1")
    admin = reverse("admin:consultations_participation_change", args=[needs.participation_id])
    told += staff.get(admin).content.decode()
    told += staff.get(admin.replace("change", "history")).content.decode()
    exported = staff.post(
        reverse("admin:consultations_participation_changelist"),
        {"action": "export_xlsx", "_selected_action": [needs.participation_id]},
    )
    sheets = zipfile.ZipFile(io.BytesIO(exported.content))
    told += "".join(sheets.read(name).decode() for name in sheets.namelist() if name.endswith(".xml"))
    assert SECRET not in told
    assert "Ramp at the door" not in told
    assert not hasattr(Needs, "history")


def test_it_is_told_and_taken_back_on_the_page_of_the_invitation(participation, sign_in):
    invitations.accept(participation, may_be_listed=True, at=NOW)
    client = sign_in(participation.person)
    page = reverse("consultations:invitation", args=["JHB11"])
    told = text_of(client.post(page, {"act": "needs", "dietary": SECRET, "access": "", "visa": ""}, follow=True))
    assert "That is kept for the organisers of this event, and for nobody else." in told
    assert "is deleted 14 days after the event" in told
    assert SECRET in told
    client.post(page, {"act": "needs", "dietary": " ", "access": "", "visa": ""})
    assert not Needs.objects.exists()


def test_who_does_not_come_is_forgotten_at_once(needs):
    invitations.decline(needs.participation, reason="", at=NOW)
    assert not Needs.objects.exists()


@pytest.mark.parametrize(
    ("at", "is_left"),
    [(datetime(2011, 7, 13, 23, 59, tzinfo=UTC), True), (datetime(2011, 7, 14, 0, tzinfo=UTC), False)],
)
def test_it_is_deleted_after_the_event(needs, clock, at, is_left):
    """The last day is 29 June, and a day is over everywhere one later than in Greenwich."""
    clock.move_to(at)
    forget_needs()
    assert Needs.objects.exists() is is_left


def test_it_is_deleted_when_the_event_is_cancelled(needs, consultation):
    conclusion.cancel(consultation, reason="No money.", by=make_staff(), at=NOW)
    assert consents.forget_needs(at=NOW) == 1
