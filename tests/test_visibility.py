"""Who may see what: each rule and its QuerySet twin agree for every kind of viewer, and say what the domain says."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser

from consultations import inputs, invitations
from consultations.models import Answer, Consultation, ConsultationState, Input, Participation, Role
from outcomes import drafting
from outcomes.models import Outcome
from stakeholders.accounts import ensure_account
from tests.factories import (
    NOW,
    SYNTHESIS,
    bring_to,
    draft_input,
    draft_outcome,
    give_input,
    make_person,
    make_series,
    make_staff,
    plan,
    take_part,
)

pytestmark = pytest.mark.django_db
VIEWERS = ["visitor", "participant", "invited", "declined", "rapporteur", "organiser", "elsewhere", "staff"]


@pytest.fixture
def scene() -> dict[str, dict[str, object]]:
    """One consultation in each state, inputs and outcomes of every sort, and one person of each kind."""
    series, staff = make_series(), make_staff()
    writer = make_person()
    people = {name: make_person(f"{name} (sample)") for name in VIEWERS[1:-1]}
    people["staff"] = staff
    rows: dict[str, object] = {}
    for number, state in enumerate(["planned", "announced", "in_synthesis", "in_validation", "concluded"]):
        consultation = plan(series, f"E{number}")
        rows[state] = consultation
        for name, role in [("participant", "participant"), ("rapporteur", "rapporteur"), ("organiser", "organiser")]:
            take_part(consultation, people[name], role=Role(role))
        take_part(consultation, people["invited"], answer=Answer.INVITED)
        take_part(consultation, people["declined"], role=Role.RAPPORTEUR, answer=Answer.DECLINED)
        if state == "planned":
            continue
        bring_to(consultation, ConsultationState.ANNOUNCED, by=staff)
        author = consultation.participations.get(person=people["participant"])
        rows[f"{state} draft input"] = draft_input(author)
        rows[f"{state} input"] = give_input(author)
        rows[f"{state} withdrawn input"] = give_input(author)
        inputs.withdraw(rows[f"{state} withdrawn input"], by=author.person, at=NOW)
        if state == "announced":
            continue
        bring_to(consultation, ConsultationState.IN_SYNTHESIS, by=staff)
        rows[f"{state} outcome"] = draft_outcome(consultation, by=writer)
        rows[f"{state} dropped"] = draft_outcome(consultation, by=writer, title="Dropped")
        drafting.drop_draft(rows[f"{state} dropped"], by=writer, at=SYNTHESIS)
        bring_to(consultation, ConsultationState(state), by=staff)
    elsewhere = plan(make_series("other"), "OTHER")
    take_part(elsewhere, people["elsewhere"], role=Role.RAPPORTEUR)
    users = {name: ensure_account(person) for name, person in people.items()}
    fresh = {name: type(row).objects.get(pk=row.pk) for name, row in rows.items()}
    return {"rows": fresh, "users": {"visitor": AnonymousUser(), **users}}


def seen(scene: dict, viewer: str, model: type) -> set[str]:
    user = scene["users"][viewer]
    visible = set(model.objects.visible_to(user).values_list("pk", flat=True))
    return {name for name, row in scene["rows"].items() if isinstance(row, model) and row.pk in visible}


def agreements(scene: dict) -> Iterator[tuple[str, str, bool, bool]]:
    permissions = {
        Consultation: "consultations.view_consultation",
        Input: "consultations.view_input",
        Outcome: "outcomes.view_outcome",
    }
    for viewer, user in scene["users"].items():
        for name, row in scene["rows"].items():
            by_query = type(row).objects.visible_to(user).filter(pk=row.pk).exists()
            yield viewer, name, user.has_perm(permissions[type(row)], row), by_query


def test_rule_and_query_agree(scene):
    assert [line for line in agreements(scene) if line[2] != line[3]] == []


PUBLIC = {"announced", "in_synthesis", "in_validation", "concluded"}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_consultations(scene, viewer):
    assert seen(scene, viewer, Consultation) == PUBLIC | ({"planned"} if viewer == "staff" else set())


@pytest.mark.parametrize("viewer", VIEWERS)
def test_inputs(scene, viewer):
    submitted = {f"{state} input" for state in PUBLIC}
    own = submitted | {f"{state} {kind} input" for state in PUBLIC for kind in ["draft", "withdrawn"]}
    expected = {"participant": own, "rapporteur": submitted, "organiser": submitted, "staff": submitted}
    assert seen(scene, viewer, Input) == expected.get(viewer, set())


@pytest.mark.parametrize("viewer", VIEWERS)
def test_outcomes(scene, viewer):
    public, validation = {"concluded outcome"}, {"in_validation outcome"}
    drafts = {"in_synthesis outcome"}
    dropped = {"in_synthesis dropped", "in_validation dropped", "concluded dropped"}
    desk = public | validation | drafts | dropped
    expected = {
        "participant": public | validation,
        "invited": public | validation,
        "rapporteur": desk,
        "organiser": desk,
        "staff": desk,
    }
    assert seen(scene, viewer, Outcome) == expected.get(viewer, public)


def test_names_behind_inputs(scene):
    rows = scene["rows"]
    named = Input.objects.get(pk=rows["in_synthesis input"].pk)
    Input.objects.filter(pk=named.pk).update(attribution="named")
    named.refresh_from_db()
    by_type = rows["in_validation input"]
    users = scene["users"]
    allowed = {
        attribution: {viewer for viewer in VIEWERS if users[viewer].has_perm("consultations.see_author", row)}
        for attribution, row in [("named", named), ("type", by_type)]
    }
    assert allowed == {
        "named": {"participant", "rapporteur", "organiser", "staff"},
        "type": {"participant", "organiser", "staff"},
    }


def test_acts_belong_to_roles_of_that_consultation(scene):
    users, rows = scene["users"], scene["rows"]
    consultation = rows["in_validation"]
    permissions = [
        "outcomes.view_desk",
        "outcomes.synthesise",
        "outcomes.conclude",
        "outcomes.view_drafts",
        "consultations.view_participants",
        "consultations.invite",
    ]
    allowed = {
        permission: {viewer for viewer in VIEWERS if users[viewer].has_perm(permission, consultation)}
        for permission in permissions
    }
    assert allowed == {
        "outcomes.view_desk": {"rapporteur", "organiser", "staff"},
        "outcomes.synthesise": {"rapporteur", "staff"},
        "outcomes.conclude": {"organiser", "staff"},
        "outcomes.view_drafts": {"participant", "invited", "rapporteur", "organiser", "staff"},
        "consultations.view_participants": {"organiser", "staff"},
        "consultations.invite": {"organiser", "staff"},
    }


def test_an_invitation_is_its_persons_own(scene):
    users, consultation = scene["users"], scene["rows"]["announced"]
    own = {
        viewer: {
            row.person.name
            for row in Participation.objects.filter(consultation=consultation).select_related("person")
            if users[viewer].has_perm("consultations.answer_invitation", row)
        }
        for viewer in VIEWERS
    }
    assert own == {
        viewer: {f"{viewer} (sample)"} if viewer in {"participant", "invited", "declined", "rapporteur", "organiser"}
        else set()
        for viewer in VIEWERS
    }  # fmt: skip


def test_who_was_not_invited_yet_does_not_see_the_participation():
    participation = take_part(bring_to(plan(make_series()), ConsultationState.ANNOUNCED), answer=Answer.NOT_INVITED)
    user = ensure_account(participation.person)
    assert not Participation.objects.visible_to(user).exists()
    invitations.invite([participation], by=make_staff(), at=NOW)
    assert Participation.objects.visible_to(user).get() == participation
