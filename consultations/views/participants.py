"""Who takes part: to everybody those who agreed to be named, to organisers the whole list with the invitations."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from consultations import colleagues, invitations
from consultations.models import (
    Answer,
    Capacity,
    ColleagueProposal,
    Consultation,
    ConsultationState,
    Participation,
    Role,
)
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused

ROWS_A_PAGE = 50
IN_ORDER = ("stakeholder_type__order", "stakeholder_type", "person__name", "pk")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def participants(request: HttpRequest, code: str) -> HttpResponse:
    """The list of participants; a POST sends the invitations that have not gone out."""
    visible = Consultation.objects.visible_to(request.user).select_related("series")
    consultation = get_object_or_404(visible, code=code)
    if request.method == "POST":
        return _invite(request, consultation)
    sees_all = request.user.has_perm("consultations.view_participants", consultation)
    if sees_all and request.GET.get("list") != "public":
        return _whole_list(request, consultation)
    coming = _coming(consultation)
    return render(
        request,
        "consultations/participants.html",
        {
            "consultation": consultation,
            "sees_all": sees_all,
            "page": _page(request, coming.filter(may_be_listed=True)),
            "unnamed": coming.filter(may_be_listed=False).count(),
        },
    )


def _whole_list(request: HttpRequest, consultation: Consultation) -> HttpResponse:
    everybody = consultation.participations.order_by(*IN_ORDER)
    answer = request.GET.get("answer", "")
    rows = everybody.filter(answer=answer) if answer in Answer.values else everybody
    by_answer = dict(consultation.participations.order_by().values_list("answer").annotate(Count("pk")))
    listed, uninvited = sum(by_answer.values()), by_answer.get(Answer.NOT_INVITED, 0)
    numbers = {"listed": listed, "invited": listed - uninvited}
    numbers |= {str(given): by_answer.get(given, 0) for given in Answer.told()}
    may_invite = request.user.has_perm("consultations.invite", consultation)
    return render(
        request,
        "consultations/participants_whole.html",
        {
            "consultation": consultation,
            "page": _labelled(
                _page(request, rows, number=by_answer.get(answer, 0) if answer in Answer.values else listed)
            ),
            "answers": Answer.choices,
            "answer": answer,
            "numbers": numbers,
            "uninvited": uninvited,
            "may_give_more_time": _takes_inputs(consultation)
            and request.user.has_perm("consultations.give_more_time", consultation),
            "may_enter_inputs": _takes_inputs(consultation)
            and request.user.has_perm("consultations.enter_input", consultation),
            "may_write": may_invite,
            "may_check_in": request.user.has_perm("consultations.check_in", consultation)
            and consultation.announced_at is not None,
            "may_put_on_list": request.user.has_perm("consultations.put_on_list")
            and consultation.state not in ConsultationState.ended(),
            "proposals": _open_proposals(consultation) if may_invite else [],
            "may_invite": may_invite and uninvited and consultation.state == ConsultationState.ANNOUNCED,
        },
    )


@require_POST
def proposal(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Invite the colleague whom somebody named who cannot come, or set the proposal aside."""
    consultation = get_object_or_404(Consultation.objects.visible_to(request.user), code=code)
    if not request.user.has_perm("consultations.invite", consultation):
        raise PermissionDenied
    proposed = get_object_or_404(_open_proposals(consultation), pk=pk)
    by, at = person_of(request.user), timezone.now()
    try:
        if request.POST.get("act") == "invite":
            invited = colleagues.invite_colleague(proposed, by=by, at=at)
            told = _("The invitation for %(name)s is on its way.") % {"name": invited.person.name}
        elif request.POST.get("act") == "set_aside":
            colleagues.set_aside(proposed, by=by, at=at)
            told = _("Set aside: nobody is asked, and the name and address are deleted.")
        else:
            raise Http404
        messages.success(request, told)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("consultations:participants", code)


def _open_proposals(consultation: Consultation) -> QuerySet[ColleagueProposal]:
    """Those that wait for a decision, the oldest first, with who made them."""
    rows = ColleagueProposal.objects.filter(participation__consultation=consultation, decided_at=None)
    return rows.select_related("participation__person", "participation__organisation").order_by("proposed_at", "pk")


def _takes_inputs(consultation: Consultation) -> bool:
    """Whether inputs can still come in, by more time or through staff."""
    return consultation.state in {ConsultationState.ANNOUNCED, ConsultationState.IN_SYNTHESIS}


def _invite(request: HttpRequest, consultation: Consultation) -> HttpResponse:
    if not request.user.has_perm("consultations.invite", consultation):
        raise PermissionDenied
    waiting = consultation.participations.filter(answer=Answer.NOT_INVITED)
    try:
        sent = invitations.invite(waiting, by=person_of(request.user), at=timezone.now())
        told = ngettext("%(number)d invitation is on its way.", "%(number)d invitations are on their way.", sent)
        messages.success(request, told % {"number": sent})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("consultations:participants", consultation.code)


def _labelled(page: Page[Participation]) -> Page[Participation]:
    """Add the words for role, capacity and answer to each row; asking the model for each of them took half the time."""
    roles, capacities, answers = (
        {choice.value: str(choice.label) for choice in kind} for kind in (Role, Capacity, Answer)
    )
    for row in page:
        row.as_whom = f"{roles[row.role]}, {capacities[row.capacity]}"  # type: ignore[attr-defined]
        row.said = answers[row.answer]  # type: ignore[attr-defined]
    return page


def _coming(consultation: Consultation) -> QuerySet[Participation]:
    """Those who accepted; once the event has been held, without those who were not there."""
    coming = consultation.participations.filter(answer=Answer.ACCEPTED).exclude(attended=False)
    return coming.order_by(*IN_ORDER)


def _page(request: HttpRequest, rows: QuerySet[Participation], *, number: int | None = None) -> Page[Participation]:
    """Give the page that is asked for; `number` is how many rows there are, where that is known already."""
    pages = Paginator(rows.select_related("person", "organisation", "stakeholder_type"), ROWS_A_PAGE)
    if number is not None:
        pages.count = number
    return pages.get_page(request.GET.get("page"))
