"""Signing the texts of a consultation, concluding it, and watching its outcomes being carried on."""

import json

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.models import ConsultationState
from outcomes import conclusion
from outcomes.models import Consideration, RollForward, Version
from outcomes.rollforward import receiver_of
from outcomes.views.access import consultation_for, told
from stakeholders.accounts import person_of


@require_http_methods(["GET", "HEAD", "POST"])
def conclude(request: HttpRequest, code: str) -> HttpResponse:
    """What stands in the way and what will happen; a POST signs and concludes."""
    consultation = consultation_for(
        request, code, "outcomes.conclude" if request.method == "POST" else "outcomes.view_desk"
    )
    if request.method == "POST":
        with told(request):
            conclusion.conclude(consultation, seen=_seen(request), by=person_of(request.user), at=timezone.now())
            messages.success(
                request, _("%(title)s is concluded. Its outcomes are public now.") % {"title": consultation.title}
            )
        return redirect("outcomes:conclude", code)
    unsigned = Q(signed_at__isnull=True)
    own = unsigned & Q(drafted_by=person_of(request.user))
    texts = Version.objects.made_at(consultation).aggregate(
        all=Count("pk"), unsigned=Count("pk", filter=unsigned), own_unsigned=Count("pk", filter=own)
    )
    return render(
        request,
        "outcomes/desk/conclude.html",
        {
            "consultation": consultation,
            "tab": "conclude",
            "may_conclude": request.user.has_perm("outcomes.conclude", consultation),
            "in_validation": consultation.state == ConsultationState.IN_VALIDATION,
            "obstacles": conclusion.unfinished(consultation, by=person_of(request.user)),
            "seen": json.dumps(conclusion.texts_as_they_stand(consultation)),
            "texts": texts["all"],
            "unsigned": texts["unsigned"],
            "own_unsigned": texts["own_unsigned"],
            "carried": Consideration.objects.live().filter(consultation=consultation).count(),
            "receiver": receiver_of(consultation),
            "run": RollForward.objects.filter(consultation=consultation).select_related("receiver").first(),
        },
    )


@require_POST
def sign(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "outcomes.conclude")
    with told(request):
        count = conclusion.sign(consultation, seen=_seen(request), by=person_of(request.user), at=timezone.now())
        text = ngettext("You have signed %(count)s text.", "You have signed %(count)s texts.", count)
        messages.success(request, text % {"count": count})
    return redirect("outcomes:conclude", code)


@require_safe
def roll_forward(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The progress of one roll-forward, asked for again and again by the page until it is finished."""
    consultation = consultation_for(request, code, "outcomes.view_desk")
    runs = RollForward.objects.filter(consultation=consultation).select_related("receiver")
    context = {"consultation": consultation, "run": get_object_or_404(runs, pk=pk)}
    return render(request, "outcomes/desk/roll_forward.html", context)


def _seen(request: HttpRequest) -> dict[int, int]:
    """The texts as the page showed them; none where that cannot be read, and then every text counts as changed."""
    try:
        shown = json.loads(request.POST.get("seen", "{}"))
        return {int(pk): int(revision) for pk, revision in shown.items()}
    except (ValueError, AttributeError, TypeError):
        return {}
