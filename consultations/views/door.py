"""At the door: checking people in by name or by the code on their badge, and those who come uninvited."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations import attendance
from consultations.forms import WalkInForm
from consultations.models import Answer, Consultation, Needs, Participation
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused

PEOPLE_A_PAGE = 50
LATEST = 5
STILL_EXPECTED_FIRST = (F("checked_in_at").asc(nulls_first=True), "person__name", "pk")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, code: str) -> HttpResponse:
    """Find people by name, check them in, and put walk-ins on the list."""
    consultation = _consultation(request, code)
    is_walk_in = request.POST.get("act") == "walk_in"
    form = WalkInForm(request.POST if is_walk_in else None, consultation=consultation)
    if request.method == "POST" and not is_walk_in:
        return _check_in_or_undo(request, consultation)
    if form.is_valid():
        typed, by, at = form.cleaned_data, person_of(request.user), timezone.now()
        try:
            walk_in = attendance.add_walk_in(consultation, **typed, by=by, at=at)
        except Refused as refusal:
            form.add_error(None, refusal.reasons)
        else:
            messages.success(request, _("%(name)s is on the list and checked in.") % {"name": walk_in.person.name})
            return redirect("consultations:door", code)
    words = request.GET.get("q", "").strip()
    rows = attendance.at_the_door(consultation, words).order_by(*STILL_EXPECTED_FIRST)
    come = consultation.participations.filter(checked_in_at__isnull=False)
    numbers = consultation.participations.aggregate(
        expected=Count("pk", filter=Q(answer=Answer.ACCEPTED)), come=Count("pk", filter=Q(checked_in_at__isnull=False))
    )
    return render(
        request,
        "consultations/door.html",
        {
            "consultation": consultation,
            "words": words,
            "page": Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
            "numbers": numbers,
            "latest": come.select_related("person", "checked_in_by").order_by("-checked_in_at", "-pk")[:LATEST],
            "form": form,
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def badge(request: HttpRequest, token: str) -> HttpResponse:
    """Whose badge it is, to whoever stands at the door; a POST checks them in. Nobody else learns anything."""
    at = timezone.now()
    try:
        participation = attendance.participation_of_badge(token, at=at)
    except attendance.NotThere as refusal:
        raise Http404(str(refusal)) from refusal
    if not request.user.has_perm("consultations.check_in", participation.consultation):
        raise Http404(_("This code is not valid, or not valid any more."))
    if request.method == "POST":
        _act(request, participation)
        return redirect("consultations:door", participation.consultation.code)
    return render(
        request,
        "consultations/badge.html",
        {"participation": participation, "consultation": participation.consultation},
    )


@require_POST
def attendance_of_one(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Correct afterwards whether somebody was there."""
    consultation = _consultation(request, code)
    participation = get_object_or_404(consultation.participations.select_related("person"), pk=pk)
    known = {"yes": True, "no": False, "unknown": None}
    if request.POST.get("attended") not in known:
        raise Http404
    attended = known[request.POST["attended"]]
    try:
        attendance.correct_attendance(participation, attended=attended, by=person_of(request.user), at=timezone.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        told = {
            True: _("%(name)s was there."),
            False: _("%(name)s was not there."),
            None: _("It is not known whether %(name)s was there."),
        }[attended]
        messages.success(request, told % {"name": participation.person.name})
    return redirect("consultations:attendance", code)


@require_http_methods(["GET", "HEAD", "POST"])
def attendance_list(request: HttpRequest, code: str) -> HttpResponse:
    """Who was there, to be corrected after the event; a POST notes that nobody else came."""
    consultation = _consultation(request, code)
    if request.method == "POST":
        try:
            number = attendance.note_absent(consultation, by=person_of(request.user), at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            told = ngettext(
                "%(number)s person is noted as not there.", "%(number)s people are noted as not there.", number
            )
            messages.success(request, told % {"number": number})
        return redirect("consultations:attendance", code)
    rows = attendance.at_the_door(consultation, request.GET.get("q", "").strip())
    numbers = consultation.participations.aggregate(
        there=Count("pk", filter=Q(attended=True)),
        absent=Count("pk", filter=Q(attended=False)),
        unknown=Count("pk", filter=Q(attended=None, answer=Answer.ACCEPTED)),
    )
    return render(
        request,
        "consultations/attendance.html",
        {
            "consultation": consultation,
            "words": request.GET.get("q", "").strip(),
            "page": Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
            "numbers": numbers,
        },
    )


@never_cache
@require_safe
def needs(request: HttpRequest, code: str) -> HttpResponse:
    """What people who come need on site, for those who see to it."""
    consultation = _consultation(request, code)
    rows = Needs.objects.filter(participation__consultation=consultation).exclude(participation__answer=Answer.DECLINED)
    loaded = rows.select_related("participation__person", "participation__organisation")
    page = Paginator(loaded.order_by("participation__person__name", "pk"), PEOPLE_A_PAGE)
    return render(
        request,
        "consultations/needs.html",
        {
            "consultation": consultation,
            "page": page.get_page(request.GET.get("page")),
            "needs_days": settings.NEEDS_DAYS,
        },
    )


def _check_in_or_undo(request: HttpRequest, consultation: Consultation) -> HttpResponse:
    value = request.POST.get("participation", "")
    rows = consultation.participations.select_related("person", "consultation")
    _act(request, get_object_or_404(rows, pk=value if value.isdigit() else 0))
    return redirect(request.get_full_path() if request.POST.get("act") == "undo" else request.path)


def _act(request: HttpRequest, participation: Participation) -> None:
    """Check in, or take it back, and tell what came of it."""
    at, name = timezone.now(), {"name": participation.person.name}
    try:
        if request.POST.get("act") == "undo":
            attendance.take_back_check_in(participation, at=at)
            messages.success(request, _("%(name)s is not checked in any more.") % name)
        else:
            attendance.check_in(participation, by=person_of(request.user), at=at)
            messages.success(request, _("%(name)s is checked in. Welcome!") % name)
    except Refused as refusal:
        messages.error(request, str(refusal))


def _consultation(request: HttpRequest, code: str) -> Consultation:
    visible = Consultation.objects.visible_to(request.user).select_related("series")
    consultation = get_object_or_404(visible, code=code)
    if not request.user.has_perm("consultations.check_in", consultation):
        raise PermissionDenied
    return consultation
