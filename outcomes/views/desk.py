"""The desk's first page: where the work stands and what comes next."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations import lifecycle
from consultations.forms import ClosingForm
from consultations.models import Consultation
from consultations.window import window_sentence
from outcomes import conclusion
from outcomes.conclusion import Obstacle, Where, unfinished
from outcomes.fates import coverage_table, types_on_the_list
from outcomes.models import Consideration, Disposition, Version
from outcomes.views.access import consultation_for, told, told_in
from stakeholders.accounts import person_of


@require_safe
def desk(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.view_desk")
    now = timezone.now()
    before = Consideration.objects.before(consultation)
    dispositions = dict(before.order_by().values_list("disposition").annotate(Count("pk")))
    texts = Version.objects.made_at(consultation)
    return render(
        request,
        "outcomes/desk/desk.html",
        {
            "consultation": consultation,
            "tab": "desk",
            "coverage": coverage_table(
                consultation, areas=list(consultation.areas.all()), types=list(types_on_the_list(consultation))
            ),
            "dispositions": [(one, dispositions[one]) for one in Disposition if one in dispositions],
            "before_count": sum(dispositions.values()),
            "undisposed": dispositions.get(Disposition.NONE, 0),
            "texts": texts.aggregate(all=Count("pk"), signed=Count("pk", filter=Q(signed_at__isnull=False))),
            "obstacles": _to_do(request, consultation),
            "window": window_sentence(consultation, at=now),
            "window_is_open": consultation.window_is_open(at=now),
            "window_has_closed": consultation.inputs_close_at is not None and consultation.inputs_close_at <= now,
        },
    )


def _to_do(request: HttpRequest, consultation: Consultation) -> list[Obstacle]:
    """What is left before the conclusion; signatures concern those alone who conclude."""
    found = unfinished(consultation, by=person_of(request.user))
    if request.user.has_perm("outcomes.conclude", consultation):
        return found
    return [obstacle for obstacle in found if obstacle.where != Where.SIGNATURES]


@require_POST
def begin_synthesis(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.begin_synthesis")
    with told(request):
        lifecycle.close_inputs(consultation, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("The time for inputs has ended. The synthesis has begun."))
    return redirect("outcomes:desk", code)


@require_http_methods(["GET", "HEAD", "POST"])
def open_validation(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    form = ClosingForm(request.POST or None, consultation=consultation)
    if form.is_valid():
        with told_in(form):
            conclusion.open_validation(
                consultation,
                closes_at=form.moment(),
                by=person_of(request.user),
                at=timezone.now(),
            )
        if form.is_valid():
            messages.success(request, _("The drafts are open: everybody who was invited can read them now."))
            return redirect("outcomes:desk", code)
    context = {"consultation": consultation, "tab": "desk", "form": form}
    return render(request, "outcomes/desk/open_validation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def extend_validation(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.synthesise")
    form = ClosingForm(request.POST or None, consultation=consultation)
    if form.is_valid():
        with told_in(form):
            conclusion.extend_validation(
                consultation, closes_at=form.moment(), by=person_of(request.user), at=timezone.now()
            )
        if form.is_valid():
            messages.success(request, _("Answers are taken until then."))
            return redirect("outcomes:desk_positions", code)
    context = {"consultation": consultation, "tab": "positions", "form": form}
    return render(request, "outcomes/desk/extend_validation.html", context)
