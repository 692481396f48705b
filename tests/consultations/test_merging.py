"""Merging two records: nothing that points at one of them is lost, whatever app it is in."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import models
from django.urls import reverse

from consultations import invitations
from consultations.admin import MergingOrganisationAdmin, MergingPersonAdmin
from consultations.merging import RULES, combined, merge_organisations, merge_people
from consultations.models import Answer, ColleagueProposal, Dispatch, Input, InputSheet, Letter, Participation, Role
from outcomes import synthesis
from outcomes.models import Correction, FactualCorrection, Flag, Position, Version
from reports.models import Edition, EditionJob
from stakeholders.accounts import ensure_account
from stakeholders.importing import steps
from stakeholders.merging import WAYS_IN, references_to, unique_sets_of
from stakeholders.models import ErasureRequest, Message, Organisation, Person, SecondFactorReset, User
from stakeholders.refusals import Refused
from tests import factories
from tests.factories import NOW, OPENS, make_organisation, make_person, make_staff, make_type, take_part
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WHOLE: dict[str, dict[str, Any]] = {
    "more_time_by": {"more_time_until": NOW},
    "decided_by": {"name": "", "email": ""},
    "answered_by": {"is_granted": True, "is_accepted": True},
    "resolved_by": {"is_taken": True},
    "cancelled_by": {"cancellation_reason": "Said."},
    "withdrawn_by": {"withdrawal_reason": "Said."},
}
"""What must be set with a key, besides its moment."""


@pytest.fixture
def staff() -> Person:
    return make_staff()


@pytest.fixture
def world(staff) -> None:
    """One row at least of everything that points at a person, all of it of other people."""
    writer = make_person("Writer (sample)")
    consultation = factories.bring_to(factories.plan(factories.make_series()), "announced", by=staff)
    consultation.sessions.create(title="Opening")
    author = take_part(consultation)
    used, other = factories.give_input(author), factories.give_input(author)
    factories.bring_to(consultation, "in_synthesis", by=staff)
    outcome = factories.draft_outcome(consultation, by=writer, evidence=[used])
    here = outcome.considerations.get()
    on_text = {"consideration": here, "participation": author, "version": here.version_after}
    Position.objects.create(**on_text, stance="support", attribution="type", taken_at=NOW)
    FactualCorrection.objects.create(**on_text, text="It is ten.", given_at=NOW)
    correction = Correction.objects.create(
        outcome=outcome, consultation=consultation, reason="Wrong.", made_at=NOW, made_by=staff
    )
    Flag.objects.create(correction=correction, consideration=here, raised_at=NOW)
    synthesis.set_aside([other], consultation=consultation, reason="Said.", by=writer, at=factories.SYNTHESIS)
    synthesis.tag([used], consultation=consultation, name="training", by=writer, at=factories.SYNTHESIS)
    Edition.objects.create(
        consultation=consultation, number=1, language="en", snapshot="{}", sha256="0" * 64, frozen_at=NOW,
        frozen_by=staff,
    )  # fmt: skip
    EditionJob.objects.create(consultation=consultation, asked_by=staff)
    Message.objects.create(person=writer, occasion="x", subject="Hello", text="…", html="…")
    SecondFactorReset.objects.create(user=staff.user, reset_at=NOW, reset_by=staff, reason="Lost.")
    ErasureRequest.objects.create(person=writer, removes_texts=False, asked_at=NOW)
    InputSheet.objects.create(
        consultation=consultation, file_name="x.csv", headers=[], rows=[], uploaded_at=NOW, uploaded_by=writer
    )
    letter = Letter.objects.create(consultation=consultation, kind="reminder", written_at=NOW, written_by=staff)
    letter.recipients.add(author)
    Dispatch.objects.create(letter=letter, asked_by=staff)
    ColleagueProposal.objects.create(
        participation=author, name="Colleague (sample)", email="colleague@city.example", proposed_at=NOW
    )
    steps.upload(io.BytesIO(b"name\nJan\n"), name="list.csv", by=writer, at=NOW)


def as_they_are(kept: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in names}


def merge(kept: Person, other: Person, *, by: Person, **fields: Any) -> None:
    values = as_they_are(kept, MergingPersonAdmin.merged_fields)
    merge_people(kept, other, fields=values | fields, by=by, at=NOW)
    kept.refresh_from_db()


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "field", list(references_to(Person)), ids=lambda field: f"{field.model._meta.label}.{field.name}"
)
def test_everything_that_points_at_a_person_is_moved(field, staff):
    """Also what a new model brings: it fails until `world` has a row of it."""
    kept, other = make_person("Kept (sample)"), make_person("Other (sample)")
    rows: models.QuerySet[Any] = models.QuerySet(field.model)
    pk = rows.values_list("pk", flat=True).latest("pk")
    moment = {f"{field.name.removesuffix('_by')}_at": NOW} if field.null and field.name.endswith("_by") else {}
    known = {each.name for each in field.model._meta.concrete_fields}
    whole = {name: value for name, value in (moment | WHOLE.get(field.name, {})).items() if name in known}
    rows.filter(pk=pk).update(**{field.name: other}, **whole)
    merge(kept, other, by=staff)
    assert getattr(rows.get(pk=pk), field.attname) == kept.pk
    assert not Person.objects.filter(pk=other.pk).exists()


def test_of_two_positions_of_one_person_the_later_counts_and_the_other_is_kept(staff):
    writer, kept, other = make_person(), make_person("Kept (sample)"), make_person("Other (sample)")
    consultation = factories.bring_to(factories.plan(factories.make_series()), "in_synthesis", by=staff)
    here = factories.draft_outcome(consultation, by=writer).considerations.get()
    said = [
        Position.objects.create(
            consideration=here, participation=take_part(consultation, person), version=here.version_after,
            stance=stance, attribution="type", taken_at=at,
        )
        for person, stance, at in [(kept, "abstain", NOW), (other, "support", NOW + timedelta(hours=1))]
    ]  # fmt: skip
    merge(kept, other, by=staff)
    assert list(Position.objects.order_by("pk").values_list("stance", "participation__person", "superseded_at")) == [
        ("abstain", kept.pk, said[1].taken_at), ("support", kept.pk, None),
    ]  # fmt: skip


@pytest.mark.parametrize("model", [Person, Organisation, User, Participation])
def test_wherever_there_can_be_one_only_there_is_a_rule(model):
    """A new constraint fails here until it is said what becomes of two rows that it does not let stand."""
    without = {
        f"{field.model._meta.label}.{field.name}"
        for field in references_to(model)
        if unique_sets_of(field)
        and field.model not in RULES
        and not field.model._meta.auto_created
        and field.model._meta.label not in WAYS_IN
    }
    # A person who goes is gone before the accounts are merged.
    assert without == ({"stakeholders.Person.user"} if model is User else set())


def test_the_rule_says_something_of_every_field_of_a_participation():
    city = make_type("city")
    rows = [Participation(pk=pk, role="participant", stakeholder_type=city) for pk in [1, 2]]
    told = set(combined(*rows))
    assert told | {"id", "consultation", "person"} == {field.name for field in Participation._meta.concrete_fields}


class TestBothAtOneConsultation:
    @pytest.fixture
    def consultation(self, staff):
        return factories.bring_to(factories.plan(factories.make_series()), "announced", by=staff)

    def test_one_is_left_with_all_inputs(self, staff, consultation):
        kept, other = make_person("Kept (sample)"), make_person("Other (sample)")
        one, two = take_part(consultation, kept), take_part(consultation, other, role=Role.RAPPORTEUR, attended=True)
        first, second = factories.give_input(one), factories.give_input(two)
        draft = factories.draft_input(two)
        merge(kept, other, by=staff)
        left = Participation.objects.get()
        assert (left.pk, left.person, left.role, left.attended) == (one.pk, kept, "rapporteur", True)
        assert set(left.inputs.values_list("pk", "number", "state")) == {
            (first.pk, 1, "submitted"),
            (second.pk, 2, "submitted"),
            (draft.pk, None, "draft"),
        }

    def test_elsewhere_both_participations_stay(self, staff, consultation):
        kept, other = make_person(), make_person()
        second = factories.plan(consultation.series, "SECOND")
        take_part(consultation, kept), take_part(second, other)
        merge(kept, other, by=staff)
        assert set(kept.participations.values_list("consultation__code", flat=True)) == {"JHB11", "SECOND"}

    @pytest.mark.parametrize(
        ("own", "double", "expected"),
        [
            # (answer, days after the opening, may be listed)
            (("not_invited", None, False), ("accepted", 2, True), ("accepted", 2, True)),
            (("accepted", 3, True), ("not_invited", None, False), ("accepted", 3, True)),
            (("accepted", 3, False), ("invited", None, True), ("accepted", 3, True)),
            (("accepted", 1, True), ("declined", 2, False), ("declined", 2, False)),
            (("declined", 1, False), ("accepted", 2, True), ("accepted", 2, True)),
            (("accepted", 2, True), ("accepted", 1, False), ("accepted", 2, True)),
            (("accepted", 1, True), ("accepted", 2, False), ("accepted", 2, False)),
            (("invited", None, False), ("not_invited", None, True), ("invited", None, True)),
        ],
    )
    def test_the_later_answer_counts_and_no_consent_is_lost(self, staff, consultation, own, double, expected):
        def answered(person: Person, answer: str, day: int | None, may_be_listed: bool) -> Participation:
            row = take_part(consultation, person, answer=Answer(answer), may_be_listed=may_be_listed)
            row.answered_at = OPENS + timedelta(days=day) if day else None
            row.save()
            return row

        kept, other = make_person(), make_person()
        answered(kept, *own)
        answered(other, *double)
        merge(kept, other, by=staff)
        left = Participation.objects.get()
        days = (left.answered_at - OPENS).days if left.answered_at else None
        assert (left.answer, days, left.may_be_listed) == expected

    @pytest.mark.parametrize(
        ("own", "double", "left"),
        [(None, True, True), (False, True, True), (True, False, True), (None, False, False), (None, None, None)],
    )
    def test_attendance_of_either_counts(self, staff, consultation, own, double, left):
        kept, other = make_person(), make_person()
        take_part(consultation, kept, attended=own), take_part(consultation, other, attended=double)
        merge(kept, other, by=staff)
        assert Participation.objects.get().attended is left

    def test_more_time_for_either_stays(self, staff, consultation):
        kept, other = make_person(), make_person()
        take_part(consultation, kept)
        take_part(consultation, other, more_time_until=NOW + timedelta(days=9), more_time_at=NOW, more_time_by=staff)
        merge(kept, other, by=staff)
        left = Participation.objects.get()
        assert (left.more_time_until, left.more_time_by) == (NOW + timedelta(days=9), staff)

    def test_links_to_the_record_that_stays_go_on_working(self, staff, consultation):
        kept, other = make_person(), make_person()
        one = take_part(consultation, kept, answer=Answer.INVITED)
        two = take_part(consultation, other, answer=Answer.INVITED)
        tokens = [invitations.invitation_path(row).split("/")[2] for row in [one, two]]
        merge(kept, other, by=staff)
        assert invitations.participation_of_link(tokens[0]) == one
        with pytest.raises(invitations.InvalidLink):
            invitations.participation_of_link(tokens[1])

    def test_two_inputs_of_one_copy_of_a_form_both_stay(self, staff, consultation):
        kept, other = make_person(), make_person()
        inputs = [factories.draft_input(take_part(consultation, person)) for person in [kept, other]]
        Input.objects.update(form_key="same")
        merge(kept, other, by=staff)
        assert set(Participation.objects.get().inputs.all()) == set(inputs)


class TestRecords:
    def test_the_chosen_values_stand(self, staff):
        kept = make_person("J. Jansen", email="old@city.example")
        other = make_person("Jan Jansen", email="new@city.example", country="Belgium", mail_refused_at=NOW)
        merge(kept, other, by=staff, name="Jan Jansen", email="new@city.example", country="Belgium")
        assert (kept.name, kept.email, kept.country, kept.mail_refused_at) == (
            "Jan Jansen", "new@city.example", "Belgium", NOW,
        )  # fmt: skip

    def test_the_history_tells_it_and_holds_that_of_both(self, staff):
        kept, other = make_person("Kept (sample)"), make_person("Other (sample)")
        participation = take_part(factories.plan(factories.make_series()), other)
        merge(kept, other, by=staff)
        reason = "Merged: Other (sample) is Kept (sample)"
        told = kept.history.order_by("history_id")
        assert list(told.values_list("name", "history_type", "history_change_reason")) == [
            ("Kept (sample)", "+", None),
            ("Other (sample)", "+", None),
            ("Other (sample)", "-", reason),
            ("Kept (sample)", "~", reason),
        ]
        assert {row.history_user for row in told.filter(history_change_reason=reason)} == {staff.user}
        last = participation.history.latest("history_id")
        assert (last.person_id, last.history_change_reason, last.history_date) == (kept.pk, reason, NOW)
        assert not Person.history.filter(id=other.pk).exists()
        assert not Participation.history.filter(person_id=other.pk).exists()

    def test_organisations_are_merged_with_people_hosts_and_partners(self, staff):
        kept, other = make_organisation("City of Utrecht"), make_organisation("Gemeente Utrecht")
        person = make_person(organisation=other)
        hosted = factories.plan(factories.make_series(), host=other)
        hosted.partners.set([kept, other])
        participation = take_part(hosted, person, organisation=other)
        merge_organisations(kept, other, fields={"name": "Utrecht"}, by=staff, at=NOW)
        for row in [person, participation, hosted, kept]:
            row.refresh_from_db()
        assert (person.organisation, participation.organisation, hosted.host, kept.name) == (
            kept,
            kept,
            kept,
            "Utrecht",
        )
        assert list(hosted.partners.all()) == [kept]
        last = hosted.history.latest("history_id")
        assert [row.organisation_id for row in last.partners.all()] == [kept.pk]
        assert last.history_change_reason == "Merged: Gemeente Utrecht is City of Utrecht"

    def test_who_signed_the_others_text_is_not_the_same_person(self, staff):
        writer, signer = make_person("Writer (sample)"), make_person("Signer (sample)")
        consultation = factories.bring_to(factories.plan(factories.make_series()), "in_synthesis", by=staff)
        factories.draft_outcome(consultation, by=writer)
        factories.bring_to(consultation, "concluded", by=signer)
        with pytest.raises(Refused, match="among the versions, one of them has done what only somebody else may"):
            merge(writer, signer, by=staff)
        assert Person.objects.filter(pk=signer.pk).exists()
        assert Version.objects.get().signed_by == signer

    def test_frozen_texts_and_published_editions_are_of_the_record_that_stays(self, staff):
        writer, kept = make_person(), make_person()
        consultation = factories.bring_to(factories.plan(factories.make_series()), "in_synthesis", by=staff)
        factories.draft_outcome(consultation, by=writer)
        factories.bring_to(consultation, "concluded", by=staff)
        merge(kept, writer, by=staff)
        version = Version.objects.get()
        assert (version.drafted_by, version.frozen_at is not None) == (kept, True)

    def test_one_cannot_merge_oneself_away_nor_a_record_with_itself(self, staff):
        person = make_person()
        with pytest.raises(Refused, match="the other way round"):
            merge(person, staff, by=staff)
        with pytest.raises(Refused, match="Choose two records"):
            merge(person, person, by=staff)
        merge(staff, person, by=staff)
        assert staff.user.is_staff


class TestAccounts:
    def test_the_only_account_stays(self, staff):
        kept, other = make_person(email="kept@city.example"), make_person(email="other@city.example")
        user = ensure_account(other)
        merge(kept, other, by=staff)
        user.refresh_from_db()
        assert (kept.user, user.email) == (user, "kept@city.example")
        assert list(user.emailaddress_set.values_list("email", flat=True)) == ["kept@city.example"]

    def test_of_two_one_is_left_with_what_was_done_by_both(self, staff, client):
        kept, other = make_person(email="kept@city.example"), make_person(email="other@city.example")
        account, gone = ensure_account(kept), ensure_account(other)
        entry = LogEntry.objects.create(user=gone, action_flag=1, object_repr="x")
        row = make_person("Made by the other")
        row.history.update(history_user=gone)
        client.force_login(gone)
        merge(kept, other, by=staff, email="other@city.example")
        account.refresh_from_db()
        entry.refresh_from_db()
        assert (kept.user, account.email, entry.user, row.history.get().history_user) == (
            account, "other@city.example", account, account,
        )  # fmt: skip
        assert not User.objects.filter(pk=gone.pk).exists()
        assert list(account.emailaddress_set.values_list("email", flat=True)) == ["other@city.example"]
        assert client.get(reverse("consultations:my_page")).status_code == 302

    def test_the_account_of_staff_is_the_one_that_stays(self, staff):
        kept, other = make_person(), make_staff()
        ensure_account(kept)
        merge(kept, other, by=staff)
        assert (kept.user, kept.user.is_staff) == (other.user, True)

    def test_who_may_not_sign_in_by_one_may_not_at_all(self, staff):
        kept, other = make_person(), make_person()
        ensure_account(kept)
        User.objects.filter(pk=ensure_account(other).pk).update(is_active=False)
        other.refresh_from_db()
        merge(kept, other, by=staff)
        assert not kept.user.is_active


class TestPages:
    @pytest.fixture
    def client_of_staff(self, sign_in, staff):
        return sign_in(staff)

    def test_two_chosen_people_are_shown_side_by_side_and_merged(self, client_of_staff, staff):
        kept = make_person("J. Jansen", email="old@city.example")
        other = make_person("Jan Jansen", email="new@city.example", country="Belgium")
        consultation = factories.bring_to(factories.plan(factories.make_series()), "announced", by=staff)
        take_part(consultation, kept)
        factories.give_input(take_part(consultation, other, role=Role.SPEAKER))
        changelist = reverse("admin:stakeholders_person_changelist")
        page = client_of_staff.post(
            changelist, {"action": "merge_chosen", "_selected_action": [kept.pk, other.pk]}, follow=True
        )
        shown = text_of(page)
        for told in [
            "J. Jansen",
            "new@city.example",
            "Participations 1 1, moved to the record that stays",
            "Links in invitations that were sent to the record that goes do not work any more",
            "JHB11 Consultation JHB11: speaker, accepted, may not be named in the list",
        ]:
            assert told in shown
        url = reverse("admin:stakeholders_person_merge", args=[kept.pk, other.pk])
        page = client_of_staff.post(url, {"name": "other", "email": "kept"}, follow=True)
        assert [str(message) for message in page.context["messages"]] == ["Two records of Jan Jansen are one now."]
        left = Person.objects.get(pk=kept.pk)
        assert (left.name, left.email, left.country) == ("Jan Jansen", "old@city.example", "Belgium")
        assert left.participations.get().inputs.count() == 1

    def test_nothing_is_merged_by_looking(self, client_of_staff):
        kept, other = make_person(), make_person()
        client_of_staff.get(reverse("admin:stakeholders_person_merge", args=[kept.pk, other.pk]))
        assert Person.objects.filter(pk=other.pk).exists()

    def test_one_or_three_chosen_are_not_merged(self, client_of_staff):
        people = [make_person().pk for _ in range(3)]
        page = client_of_staff.post(
            reverse("admin:stakeholders_person_changelist"),
            {"action": "merge_chosen", "_selected_action": people}, follow=True,
        )  # fmt: skip
        told = [str(message) for message in page.context["messages"]]
        assert told == ["Choose two records that stand for one, no more and no fewer."]

    def test_a_refusal_is_told(self, client_of_staff, staff):
        person = make_person()
        url = reverse("admin:stakeholders_person_merge", args=[person.pk, staff.pk])
        page = client_of_staff.post(url, {"name": "kept", "email": "kept"})
        told = [str(message) for message in page.context["messages"]]
        assert told == ["You cannot merge your own record into another one. Do it the other way round."]

    def test_organisations_too(self, client_of_staff):
        kept, other = make_organisation("City of Utrecht"), make_organisation("Gemeente Utrecht")
        url = reverse("admin:stakeholders_organisation_merge", args=[kept.pk, other.pk])
        client_of_staff.post(url, {"name": "other"})
        assert list(Organisation.objects.values_list("pk", "name")) == [(kept.pk, "Gemeente Utrecht")]
        assert MergingOrganisationAdmin.merged_fields == ("name", "stakeholder_type", "city", "country")

    @pytest.mark.parametrize("model", ["person", "organisation"])
    def test_a_record_is_not_merged_with_itself_or_with_none(self, client_of_staff, model):
        row = make_person() if model == "person" else make_organisation()
        for other in [row.pk, row.pk + 1000]:
            url = reverse(f"admin:stakeholders_{model}_merge", args=[row.pk, other])
            assert client_of_staff.get(url).status_code == 404
