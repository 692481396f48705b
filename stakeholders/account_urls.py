"""Of allauth's pages those by which people here sign in and out. The others are not there, for nobody sets a password,
adds an address or makes an account: the address book decides. Their names stay, because allauth asks for them.
"""

from typing import Never

from allauth.account import views
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest
from django.urls import path
from django.views.generic import RedirectView


@login_not_required
def not_here(request: HttpRequest) -> Never:
    raise Http404


to_the_code = login_not_required(RedirectView.as_view(pattern_name="account_request_login_code", query_string=True))

urlpatterns = [
    path("login/", to_the_code, name="account_login"),
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", views.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", not_here, name="account_signup"),
    path("reauthenticate/", not_here, name="account_reauthenticate"),
    path("email/", not_here, name="account_email"),
    path("confirm-email/", not_here, name="account_email_verification_sent"),
    path("password/change/", not_here, name="account_change_password"),
    path("password/set/", not_here, name="account_set_password"),
    path("password/reset/", not_here, name="account_reset_password"),
]
