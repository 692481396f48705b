"""Who may do what at the desk and with outcomes. Whether the state allows it, the operations say."""

import rules

from consultations.models import Consultation, ConsultationState, Series
from consultations.rules import is_organiser, is_rapporteur
from outcomes.models import Outcome, Position
from outcomes.queries import asked_for_positions
from stakeholders.models import User
from stakeholders.rules import is_programme_staff, register_kept

register_kept(
    "outcomes",
    "outcome",
    "version",
    "consideration",
    "evidence",
    "settingaside",
    "descent",
    "rollforward",
    "tag",
    "tagging",
    "position",
    "factualcorrection",
    "correction",
    "flag",
)


@rules.predicate
def is_visible(user: User, outcome: Outcome | None) -> bool:
    """The twin of OutcomeQuerySet.visible_to."""
    return outcome is not None and Outcome.objects.visible_to(user).filter(pk=outcome.pk).exists()


@rules.predicate
def is_asked(user: User, consultation: Consultation | None) -> bool:
    """The twin of `asked_for_positions`."""
    return consultation is not None and user.is_authenticated and asked_for_positions([consultation]).of(user).exists()


@rules.predicate
def is_own_position(user: User, position: Position | None) -> bool:
    return position is not None and user.is_authenticated and position.participation.person.user_id == user.pk


@rules.predicate
def takes_part_in_validation(user: User, consultation: Consultation | None) -> bool:
    """Was invited, and did not decline, to a consultation whose drafts are laid open."""
    return (
        consultation is not None
        and consultation.state in ["in_validation", "concluded"]
        and user.is_authenticated
        and consultation.participations.of(user).filter(answer__in=["invited", "accepted", "waiting"]).exists()
    )


@rules.predicate
def reports_on_the_series(user: User, series: Series | None) -> bool:
    """Is rapporteur of an event of the series that is in work now.

    The codebook is shared by all desks of a series, so its words are those rapporteurs' together: each may rename,
    merge and retire a tag that other desks use too. Whose event is over leaves them to those who still work with them.
    """
    if series is None or not user.is_authenticated:
        return False
    in_work = series.consultations.filter(state__in=ConsultationState.in_work())
    return any(is_rapporteur.test(user, consultation) for consultation in in_work)


rules.add_perm("outcomes.view_desk", is_programme_staff | is_organiser | is_rapporteur)
rules.add_perm("outcomes.begin_synthesis", is_programme_staff | is_organiser | is_rapporteur)
rules.add_perm("outcomes.synthesise", is_programme_staff | is_rapporteur)
rules.add_perm("outcomes.change_codebook", is_programme_staff | reports_on_the_series)
rules.add_perm("outcomes.conclude", is_programme_staff | is_organiser)
rules.add_perm("outcomes.propose_correction", is_programme_staff | is_organiser | is_rapporteur)
rules.add_perm("outcomes.take_position", is_asked)
rules.add_perm("outcomes.enter_position", is_programme_staff)
rules.add_perm("outcomes.withdraw_position", is_own_position)
rules.add_perm("outcomes.view_drafts", is_programme_staff | is_organiser | is_rapporteur | takes_part_in_validation)
rules.set_perm("outcomes.view_outcome", is_programme_staff | is_visible)
