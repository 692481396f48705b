"""Who may do what with series, consultations, participations and inputs; operations say whether the state allows it."""

import rules

from consultations.models import Answer, Attribution, Consultation, Input, Participation, Role
from stakeholders.models import User
from stakeholders.rules import is_programme_staff, register_kept, register_planned


def has_role(user: User, consultation: Consultation | None, *roles: Role) -> bool:
    """Whether the person holds one of the roles at this very consultation (and was invited, and did not decline)."""
    if consultation is None or not user.is_authenticated:
        return False
    if getattr(consultation, "viewer", None) == user.pk:
        return consultation.role_of_viewer in roles
    return consultation.participations.of(user).holding_a_role().filter(role__in=roles).exists()


@rules.predicate
def is_announced(user: User, consultation: Consultation | None) -> bool:
    return consultation is not None and consultation.announced_at is not None


@rules.predicate
def is_organiser(user: User, consultation: Consultation | None) -> bool:
    return has_role(user, consultation, Role.ORGANISER)


@rules.predicate
def is_rapporteur(user: User, consultation: Consultation | None) -> bool:
    return has_role(user, consultation, Role.RAPPORTEUR)


@rules.predicate
def is_own_participation(user: User, participation: Participation | None) -> bool:
    return (
        participation is not None
        and user.is_authenticated
        and participation.person.user_id == user.pk
        and participation.answer != Answer.NOT_INVITED
    )


@rules.predicate
def has_accepted(user: User, participation: Participation | None) -> bool:
    return participation is not None and participation.answer == Answer.ACCEPTED


@rules.predicate
def is_own_input(user: User, input: Input | None) -> bool:
    return input is not None and user.is_authenticated and input.participation.person.user_id == user.pk


@rules.predicate
def is_submitted(user: User, input: Input | None) -> bool:
    return input is not None and input.is_submitted


@rules.predicate
def sits_at_its_desk(user: User, input: Input | None) -> bool:
    return input is not None and has_role(user, input.consultation, Role.RAPPORTEUR, Role.ORGANISER)


@rules.predicate
def organises_its_consultation(user: User, input: Input | None) -> bool:
    return input is not None and has_role(user, input.consultation, Role.ORGANISER)


@rules.predicate
def is_quotable_by_name(user: User, input: Input | None) -> bool:
    return input is not None and input.attribution == Attribution.NAMED


@rules.predicate
def organises_the_participation(user: User, participation: Participation | None) -> bool:
    return participation is not None and has_role(user, participation.consultation, Role.ORGANISER)


@rules.predicate
def may_enter_a_desk(user: User) -> bool:
    """Rapporteurs and organisers of any consultation, past ones too: the twin of ConsultationQuerySet.desk_of."""
    return user.is_authenticated and Consultation.objects.desk_of(user).exists()


may_view_input = is_own_input | (is_submitted & (is_programme_staff | sits_at_its_desk))

rules.set_rule("stakeholders.must_have_second_factor", is_programme_staff | may_enter_a_desk)
register_planned(
    "consultations",
    "series",
    "cooperationarea",
    "guidingquestion",
    "earliermeeting",
    "region",
    "consultation",
    "agendasession",
    "target",
    "regiontarget",
    "theme",
    "participation",
)
register_kept("consultations", "dispatch", "consent")
for permission in ["consultations.view_consultation"]:
    rules.set_perm(permission, is_programme_staff | is_announced)
rules.set_perm(
    "consultations.view_participation", is_programme_staff | is_own_participation | organises_the_participation
)
rules.add_perm("consultations.view_participants", is_programme_staff | is_organiser)
rules.add_perm("consultations.invite", is_programme_staff | is_organiser)
rules.add_perm("consultations.put_on_list", is_programme_staff)
rules.add_perm("consultations.check_in", is_programme_staff | is_organiser)
rules.add_perm("consultations.enter_input", is_programme_staff)
rules.add_perm("consultations.give_more_time", is_programme_staff | is_organiser)
rules.add_perm("consultations.answer_invitation", is_own_participation)
rules.add_perm("consultations.add_input", is_own_participation & has_accepted)
rules.add_perm("consultations.change_input", is_own_input)
rules.add_perm("consultations.view_input", may_view_input)
rules.add_perm(
    "consultations.see_author",
    is_own_input
    | (is_submitted & (is_programme_staff | organises_its_consultation | (sits_at_its_desk & is_quotable_by_name))),
)
