"""“My account”: how somebody signs in, and where they are signed in."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from stakeholders.accounts import person_of
from stakeholders.second_factor import must_have_second_factor
from stakeholders.sessions import browser_of, end_sessions, sessions_of

SESSIONS_A_PAGE = 20


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """What there is to set, and how it is set now."""
    factors = list(Authenticator.objects.filter(user=request.user).order_by("pk"))
    return render(
        request,
        "stakeholders/account.html",
        {
            "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
            "person": person_of(request.user),
            "has_app": any(factor.type == Authenticator.Type.TOTP for factor in factors),
            "must_have_second_factor": must_have_second_factor(request.user),
            "number_of_sessions": sessions_of(request.user, at=timezone.now()).count(),
        },
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """List one's own sessions; a POST ends the one that `session` names, or else all but this one."""
    if request.method != "POST" and not UserSession.objects.filter(session_key=request.session.session_key).exists():
        UserSession.objects.create_from_request(request)
    own = sessions_of(request.user, at=timezone.now())
    if request.method == "POST":
        others = own.exclude(session_key=request.session.session_key)
        if "session" in request.POST:
            chosen = get_object_or_404(others, pk=request.POST["session"] if request.POST["session"].isdigit() else 0)
            others = others.filter(pk=chosen.pk)
        ended = end_sessions(others)
        told = ngettext("%(count)s session has ended.", "%(count)s sessions have ended.", ended) % {"count": ended}
        messages.success(request, told if ended else _("There was no other session."))
        return redirect("stakeholders:sessions")
    page = Paginator(own, SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    for session in page:
        session.browser = browser_of(session)
        session.is_here = session.session_key == request.session.session_key
    return render(request, "stakeholders/sessions.html", {"page": page})
