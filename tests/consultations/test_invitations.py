import re
from datetime import timedelta

import pytest
from django.core import signing

from consultations import invitations
from consultations.models import Answer, ConsultationState, Participation
from outcomes import conclusion
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import NOW, bring_to, invite, make_person, make_series, make_staff, plan, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def consultation():
    return bring_to(plan(make_series()), ConsultationState.ANNOUNCED)


@pytest.fixture
def uninvited(consultation):
    return take_part(consultation, answer=Answer.NOT_INVITED)


def token_of(path: str) -> str:
    return path.split("/")[2]


def test_inviting_writes_one_mail_with_a_link_each(clock, consultation, uninvited):
    already = take_part(consultation, answer=Answer.ACCEPTED)
    sent = invitations.invite([uninvited, already], by=make_staff(), at=NOW)
    assert sent == 1
    uninvited.refresh_from_db()
    assert (uninvited.answer, uninvited.invited_at) == ("invited", NOW)
    mail = Message.objects.get()
    assert (mail.person, mail.subject) == (uninvited.person, "Invitation: Consultation JHB11")
    url = "http://127.0.0.1:8000" + invitations.invitation_path(uninvited)
    assert url in mail.text
    assert url in mail.html


def test_inviting_twice_sends_one_mail(uninvited):
    staff = make_staff()
    assert [invitations.invite([uninvited], by=staff, at=NOW) for _ in range(2)] == [1, 0]
    assert Message.objects.count() == 1


def test_a_person_without_address_is_named_and_nobody_is_invited(consultation, uninvited):
    walk_in = take_part(consultation, make_person("Walk In (sample)", email=None), answer=Answer.NOT_INVITED)
    with pytest.raises(Refused, match=r"There is no e-mail address for: Walk In \(sample\)\. Add it"):
        invitations.invite([uninvited, walk_in], by=make_staff(), at=NOW)
    assert set(Participation.objects.values_list("answer", flat=True)) == {"not_invited"}
    assert not Message.objects.exists()


def test_nobody_is_invited_to_a_planned_consultation():
    participation = take_part(plan(make_series()), answer=Answer.NOT_INVITED)
    with pytest.raises(Refused, match="JHB11 is planned. Invitations go out while a consultation is announced"):
        invitations.invite([participation], by=make_staff(), at=NOW)


def test_accepting_declining_and_changing_ones_mind(uninvited):
    invite(uninvited)
    invitations.accept(uninvited, may_be_listed=True, at=NOW)
    assert (uninvited.answer, uninvited.may_be_listed) == ("accepted", True)
    invitations.decline(uninvited, reason=" Ill. ", at=NOW + timedelta(days=1))
    assert (uninvited.answer, uninvited.decline_reason) == ("declined", "Ill.")
    invitations.accept(uninvited, may_be_listed=False, at=NOW + timedelta(days=2))
    stored = Participation.objects.get()
    assert (stored.answer, stored.decline_reason, stored.may_be_listed) == ("accepted", "", False)
    answers = list(stored.history.order_by("history_id").values_list("answer", flat=True))
    assert answers == ["not_invited", "invited", "accepted", "declined", "accepted"]


def test_the_uninvited_cannot_answer(uninvited):
    with pytest.raises(Refused, match="There is no invitation to answer"):
        invitations.accept(uninvited, may_be_listed=True, at=NOW)
    assert Participation.objects.get().answer == "not_invited"


def test_after_the_end_the_answer_stays(consultation, uninvited):
    invite(uninvited)
    conclusion.cancel(consultation, reason="No venue.", by=make_staff(), at=NOW)
    with pytest.raises(Refused, match="This consultation has ended"):
        invitations.accept(Participation.objects.get(), may_be_listed=True, at=NOW)


def test_the_link_leads_to_the_participation(clock, uninvited):
    token = token_of(invite(uninvited))
    assert invitations.participation_of_link(token) == uninvited


def test_the_link_holds_nothing_personal(uninvited):
    token = token_of(invite(uninvited))
    pk, link_number, mark = signing.loads(token, salt=invitations.SALT)
    assert (pk, link_number) == (uninvited.pk, 1)
    assert re.fullmatch("[0-9a-f]{16}", mark)


def test_a_link_is_no_good_for_another_in_the_same_row(uninvited):
    """As on a site to which the series was moved."""
    token = token_of(invite(uninvited))
    Participation.objects.filter(pk=uninvited.pk).update(person=make_person())
    with pytest.raises(invitations.InvalidLink):
        invitations.participation_of_link(token)


def test_links_expire(clock, settings, uninvited):
    token = token_of(invite(uninvited))
    clock.move_to(NOW + timedelta(days=settings.INVITATION_DAYS, seconds=-1))
    assert invitations.participation_of_link(token) == uninvited
    clock.move_to(NOW + timedelta(days=settings.INVITATION_DAYS, seconds=1))
    with pytest.raises(invitations.InvalidLink):
        invitations.participation_of_link(token)


def test_revoked_forged_and_foreign_links_are_refused_with_the_same_words(clock, consultation, uninvited):
    revoked = token_of(invite(uninvited))
    invitations.revoke_link(uninvited)
    uninvited.refresh_from_db()
    fresh = token_of(invitations.invitation_path(uninvited))
    other_use = signing.dumps([uninvited.pk, uninvited.link_number], salt="another")
    not_invited = take_part(consultation, answer=Answer.NOT_INVITED)
    never_sent = token_of(invitations.invitation_path(not_invited))
    odd = signing.dumps("text", salt=invitations.SALT)
    texts = set()
    for token in [revoked, fresh[:-1] + ("A" if fresh[-1] != "A" else "B"), other_use, never_sent, odd, "x"]:
        with pytest.raises(invitations.InvalidLink) as refusal:
            invitations.participation_of_link(token)
        texts.add(str(refusal.value))
    assert texts == {"This link is not valid, or not valid any more. Sign in with your e-mail address instead."}
    assert invitations.participation_of_link(fresh) == uninvited
