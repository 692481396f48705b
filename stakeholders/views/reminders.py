"""Whether somebody is reminded by mail: by the link in a reminder, or under “My account”."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from stakeholders.accounts import person_of
from stakeholders.messages import let_reminders_come, person_of_stop_link, stop_reminders
from stakeholders.refusals import Refused


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop the reminders of whom the link was sent to. Opening it only asks: programs that scan mail open it too.

    Mail programs post here without a form of ours (RFC 8058), so that there is no CSRF token; the link is the proof.
    """
    try:
        person = person_of_stop_link(token)
    except Refused as refusal:
        return render(request, "stakeholders/stop_reminders.html", {"refusal": refusal}, status=403)
    if request.method == "POST":
        stop_reminders(person, at=timezone.now())
        person.refresh_from_db()
    return render(request, "stakeholders/stop_reminders.html", {"is_stopped": bool(person.reminders_stopped_at)})


@require_POST
def reminders(request: HttpRequest) -> HttpResponse:
    """Stop one's own reminders, or let them come again."""
    person = person_of(request.user)
    if request.POST.get("act") == "let_come":
        let_reminders_come(person)
        messages.success(request, _("You are reminded again when something waits for you."))
    else:
        stop_reminders(person, at=timezone.now())
        messages.success(request, _("You get no reminders any more."))
    return redirect("stakeholders:account")
