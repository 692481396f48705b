"""The one place where those who must have a second factor are stopped until they have shown it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from stakeholders.models import User
from stakeholders.second_factor import FACTORS, has_second_factor, must_have_second_factor

WITHOUT = {
    "account_logout",
    "health",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "stakeholders:mail",
    "stakeholders:second_factor",
    "stakeholders:stop_reminders",
}
"""The addresses that are reached without: those of showing and setting one up. allauth lets nobody who has a second
factor add another one before they have shown it."""


class SecondFactorMiddleware:
    """Leads who has not shown a second factor, and must, to where they do. Everything else stays shut to them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if name in WITHOUT or request.user.is_anonymous or has_shown(request):
            return None
        if not must_have_second_factor(request.user):
            return None
        reads = request.method in {"GET", "HEAD"}
        way = _way(request.user, request.get_full_path() if reads else "")
        # What was typed is still in the window that sent it.
        return (
            redirect(way)
            if reads
            else render(request, "stakeholders/second_factor_first.html", {"way": way}, status=403)
        )


def has_shown(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session."""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def _way(user: User | AnonymousUser, to: str) -> str:
    """Where to show a second factor, or to set one up; from there on leads back to `to`."""
    way = reverse("stakeholders:second_factor")
    if has_second_factor(user):
        way = get_adapter().get_reauthentication_methods(user)[0]["url"]
    return f"{way}?{urlencode({'next': to})}" if to else way


def note_new_factor(*, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Whoever has just set up a second factor has shown it."""
    if authenticator.type in FACTORS:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type, reauthenticated=True)


def note_removed_factor(*, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever has removed the last one has none to show: they set up another one, if they must have it."""
    if not has_second_factor(user):
        clear_authentication_records(request)
