"""What participants are told by mail about the outcomes that their words and positions concern."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consultations.lifecycle import local_moment
from consultations.models import Answer, Consultation, Participation, Role
from consultations.notices import FOR_MAIL
from outcomes.concerned import Bearing, Concerned, concerned_by
from outcomes.models import Correction, Disposition, Evidence, FactualCorrection, Flag, Position, Stance
from outcomes.queries import asked_for_positions
from stakeholders.messages import in_language_of, post

LINES_AT_MOST = 20
"""How many outcomes a message tells of one by one; the page tells of all."""
LONGEST_REASON = 300
"""How much of a reason a message gives, in letters."""
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
    """Tell everybody who came or said something what became of it, and those of earlier events what this one made of
    the outcomes that their words concern; once each person, also where they belong to both. Returns how many they are.
    """
    rows = consultation.participations.filter(
        Q(answer=Answer.ACCEPTED) | Q(attended=True) | Q(inputs__submitted_at__isnull=False),
        person__email__isnull=False,
    )
    came = list(rows.exclude(attended=False, inputs=None).select_related(*FOR_MAIL).distinct())
    earlier = concerned_by(consultation)
    for participation in came:
        concerned = earlier.pop(participation.person_id, None)
        with in_language_of(participation.person):
            lines = _lines(concerned) if concerned else []
            also = _(
                "It also worked on outcomes that rest on what you said at earlier consultations, or on which you took "
                "a position there:"
            )
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
                    *([also] if lines else []),
                ],
                lines=lines,
                link=reverse("outcomes:became", args=[consultation.code]),
                label=_("See what became of it"),
                once=f"concluded-{participation.pk}",
            )
    _tell_earlier(earlier, consultation)
    return len(came) + len(earlier)


def _tell_earlier(earlier: dict[int, Concerned], consultation: Consultation) -> None:
    """Tell people of earlier events what a later one made of it. Who was asked to that one has the same key as those
    who came, so that they are told once, whatever is put right in the list of those who came.
    """
    asked = dict(consultation.participations.filter(person__in=list(earlier)).values_list("person", "pk"))
    for person, concerned in earlier.items():
        participation = concerned.participation
        with in_language_of(participation.person):
            where = ngettext(
                "It worked on outcomes that rest on what you said at the consultation named below, or on which you "
                "took a position there. This is what it made of them:",
                "It worked on outcomes that rest on what you said at %(count)s consultations, the last of which is "
                "named below, or on which you took a position. This is what it made of them:",
                concerned.events,
            )
            _tell(
                participation,
                "concluded_later",
                _("What became of what you said: %(title)s") % {"title": consultation.title},
                [
                    _("a later consultation is concluded: %(title)s.") % {"title": consultation.title},
                    where % {"count": concerned.events},
                ],
                lines=_lines(concerned),
                link=(
                    reverse("outcomes:became", args=[participation.consultation.code])
                    if concerned.events == 1
                    else reverse("consultations:my_page")
                ),
                label=_("See what became of it"),
                once=f"concluded-{asked[person]}" if person in asked else f"concluded-{consultation.pk}-by-{person}",
            )


def _lines(concerned: Concerned) -> list[str]:
    """The digest of a message: a line for each outcome, the first of them, and one for all that was not considered."""
    decided = [each for each in concerned.bearings if each.verdict.disposition != Disposition.NOT_CONSIDERED]
    lines = [_line(each) for each in decided[:LINES_AT_MOST]]
    if more := len(decided) - len(lines):
        text = ngettext("and %(count)s more, on the page", "and %(count)s more, on the page", more)
        lines.append(text % {"count": more})
    if passed_over := len(concerned.bearings) - len(decided):
        text = ngettext(
            "%(count)s outcome was not considered. That changes nothing: it is carried on as it came.",
            "%(count)s outcomes were not considered. That changes nothing: they are carried on as they came.",
            passed_over,
        )
        lines.append(text % {"count": passed_over})
    return lines


def _line(bearing: Bearing) -> str:
    """Tell one verdict, how it bears on who reads it, and the reason: nothing but published words and own inputs."""
    verdict = bearing.verdict
    told = [
        _("%(reference)s “%(title)s”: %(disposition)s.")
        % {"reference": verdict.reference, "title": verdict.title, "disposition": verdict.disposition.label}
    ]
    if verdict.goes_on_in:
        told.append(_("It goes on in %(which)s.") % {"which": ", ".join(verdict.goes_on_in)})
    if bearing.through:
        told.append(_("It came out of %(which)s.") % {"which": ", ".join(sorted(bearing.through))})
    if bearing.inputs:
        text = ngettext("Your input: %(which)s.", "Your inputs: %(which)s.", len(bearing.inputs))
        told.append(text % {"which": ", ".join(sorted(bearing.inputs))})
    if bearing.stances & Stance.dissenting():
        told.append(_("You stood against it."))
    elif bearing.stances:
        told.append(_("You had reservations."))
    if verdict.reason:
        told.append(_("The reason: %(reason)s") % {"reason": Truncator(verdict.reason).chars(LONGEST_REASON)})
    return " ".join(told)


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
    lines: Sequence[str] = (),
    once: str | None = None,
) -> None:
    """Post one notice, with a list after its paragraphs where there are `lines`.

    Call it in the language of the person, with the participation loaded FOR_MAIL.
    """
    post(
        participation.person,
        occasion=occasion,
        subject=subject,
        template="stakeholders/mail/notice",
        context={
            "paragraphs": paragraphs,
            "lines": lines,
            "participation": participation,
            "consultation": participation.consultation,
            "url": settings.SITE_URL + link,
            "link_label": label,
        },
        once=once,
    )
