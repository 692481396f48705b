"""What participants are told by mail about the outcomes that their words and positions concern."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consultations.lifecycle import local_moment
from consultations.models import Answer, Consultation, Participation, Role
from consultations.notices import FOR_MAIL
from outcomes.models import Correction, Evidence, FactualCorrection, Flag, Position
from outcomes.queries import asked_for_positions
from stakeholders.messages import in_language_of, post

TO_VALIDATION = gettext_lazy("Say where you stand")


def ask_for_positions(consultation: Consultation, *, at: datetime) -> int:
    """Ask everybody who is there where they stand on the drafts, until the validation closes; returns how many."""
    asked = list(asked_for_positions([consultation]).filter(person__email__isnull=False).select_related(*FOR_MAIL))
    closes_at = consultation.validation_closes_at
    for participation in asked:
        with in_language_of(participation.person):
            until = local_moment(closes_at, consultation) if closes_at else ""
            _tell(
                participation,
                "positions_asked",
                _("Where do you stand? %(title)s") % {"title": consultation.title},
                [
                    _("the rapporteurs have drafted what this consultation is about to stand by."),
                    _(
                        "Please read it and say for each outcome whether you support it and whether it holds where "
                        "you are. You can also mend a wording and correct facts. This is possible until %(until)s."
                    )
                    % {"until": until},
                ],
                link=reverse("outcomes:validation", args=[consultation.code]),
                label=TO_VALIDATION,
            )
    return len(asked)


def ask_again(participations: Iterable[Participation], consultation: Consultation, *, at: datetime) -> None:
    """Tell those whose positions were given on an earlier text that it has changed; each once a day."""
    day = at.astimezone(consultation.zone).date().isoformat()
    rows = Participation.objects.filter(pk__in=[row.pk for row in participations], person__email__isnull=False)
    for participation in rows.select_related(*FOR_MAIL):
        with in_language_of(participation.person):
            _tell(
                participation,
                "positions_asked_again",
                _("A text has changed on which you took a position: %(title)s") % {"title": consultation.title},
                [
                    _(
                        "the rapporteurs have changed a text after you said where you stand on it. Your position stays "
                        "with the earlier text and is not counted for the new one."
                    ),
                    _("Please read what has changed and say again where you stand."),
                ],
                link=reverse("outcomes:validation", args=[consultation.code]),
                label=TO_VALIDATION,
                once=f"ask-again-{participation.pk}-{day}",
            )


def tell_answer(correction: FactualCorrection, *, at: datetime) -> None:
    """Tell a participant what the rapporteurs answered to their factual correction."""
    participation = Participation.objects.select_related(*FOR_MAIL).get(pk=correction.participation_id)
    if not participation.person.email:
        return
    reference = {"reference": correction.consideration.outcome.reference}
    with in_language_of(participation.person):
        verdict = (
            _("the rapporteurs have accepted your factual correction of %(reference)s. Thank you.") % reference
            if correction.is_accepted
            else _("the rapporteurs have not taken over your factual correction of %(reference)s.") % reference
        )
        _tell(
            participation,
            "factual_correction_answered",
            _("Your factual correction of %(reference)s") % reference,
            [verdict, correction.answer] if correction.answer else [verdict],
            link=reverse("outcomes:validation", args=[participation.consultation.code]),
            label=_("Read it"),
            once=f"factual-correction-{correction.pk}",
        )


def tell_concluded(consultation: Consultation, *, at: datetime) -> int:
    """Tell everybody who came or said something what became of it, once each; returns how many these are."""
    rows = consultation.participations.filter(
        Q(answer=Answer.ACCEPTED) | Q(attended=True) | Q(inputs__submitted_at__isnull=False),
        person__email__isnull=False,
    )
    concerned = list(rows.exclude(attended=False, inputs=None).select_related(*FOR_MAIL).distinct())
    for participation in concerned:
        with in_language_of(participation.person):
            _tell(
                participation,
                "concluded",
                _("What became of what you said: %(title)s") % {"title": consultation.title},
                [
                    _("the consultation is concluded, and what it stands by is public. Thank you for your part in it."),
                    _(
                        "On the page below you find what became of each of your inputs: the outcome that rests on it "
                        "and the passage that is quoted, or why it was not taken up. It goes on from there: every "
                        "later consultation that works on these outcomes adds what it made of them."
                    ),
                ],
                link=reverse("outcomes:became", args=[consultation.code]),
                label=_("See what became of it"),
                once=f"concluded-{participation.pk}",
            )
    return len(concerned)


def tell_corrected(correction: Correction, *, at: datetime) -> None:
    """Tell those whose inputs an outcome rests on, and who took a position on it, what was done to it."""
    outcome = correction.outcome
    evidence = Evidence.objects.standing().filter(outcome=outcome)
    said = Position.objects.standing().filter(consideration__outcome=outcome)
    concerned = Participation.objects.filter(
        Q(pk__in=evidence.values("input__participation")) | Q(pk__in=said.values("participation")),
        person__email__isnull=False,
    )
    told = {row.person_id: row for row in concerned.select_related(*FOR_MAIL).order_by("consultation__order", "pk")}
    for participation in told.values():
        with in_language_of(participation.person):
            reference = {"reference": outcome.reference}
            happened = (
                _("the outcome %(reference)s, which your words concern, was withdrawn after the conclusion.")
                if correction.is_withdrawal
                else _("the text of %(reference)s, which your words concern, was corrected after the conclusion.")
            )
            _tell(
                participation,
                "outcome_corrected",
                _("%(reference)s was changed after the conclusion") % reference,
                [happened % reference, _("The reason: %(reason)s") % {"reason": correction.reason}],
                link=outcome.get_absolute_url(),
                label=_("Read it"),
                once=f"correction-{correction.pk}-{participation.person_id}",
            )


def ask_desk(flag: Flag, *, at: datetime) -> None:
    """Tell the rapporteurs and organisers of a later event that what they worked on was changed, and ask them."""
    consideration = flag.consideration
    desk = consideration.consultation.participations.filter(
        role__in=[Role.RAPPORTEUR, Role.ORGANISER], answer__in=Answer.expecting(), person__email__isnull=False
    )
    for participation in desk.select_related(*FOR_MAIL):
        with in_language_of(participation.person):
            reference = {"reference": consideration.outcome.reference}
            happened = (
                _("%(reference)s, on which you have worked, was withdrawn where it came from.")
                if flag.correction.is_withdrawal
                else _("the text of %(reference)s, on which you have worked, was corrected where it came from.")
            )
            _tell(
                participation,
                "desk_asked",
                _("Please decide about %(reference)s") % reference,
                [
                    happened % reference,
                    _("The reason: %(reason)s") % {"reason": flag.correction.reason},
                    _("Both stand side by side at the desk: take the change, or keep what you have."),
                ],
                link=reverse(
                    "outcomes:consideration", args=[consideration.consultation.code, consideration.outcome.reference]
                ),
                label=_("Decide at the desk"),
                once=f"flag-{flag.pk}-{participation.pk}",
            )


def _tell(
    participation: Participation,
    occasion: str,
    subject: str,
    paragraphs: list[str],
    *,
    link: str,
    label: str | Promise,
    once: str | None = None,
) -> None:
    """Post one notice. Call it in the language of the person, with the participation loaded FOR_MAIL."""
    post(
        participation.person,
        occasion=occasion,
        subject=subject,
        template="stakeholders/mail/notice",
        context={
            "paragraphs": paragraphs,
            "participation": participation,
            "consultation": participation.consultation,
            "url": settings.SITE_URL + link,
            "link_label": label,
        },
        once=once,
    )
