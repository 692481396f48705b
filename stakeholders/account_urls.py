"""The pages of allauth that the product has. Its others (passwords, sign-up, several addresses) are not there at all.

The names are those that allauth asks for; where it has several pages, the same one answers to all their names.
"""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as app
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_not_required
from django.urls import path
from django.views.generic import RedirectView

from stakeholders.views.address import address

to_the_code = login_not_required(RedirectView.as_view(pattern_name="account_request_login_code", query_string=True))

urlpatterns = [
    path("login/code/", account.request_login_code, name="account_request_login_code"),
    path("login/", to_the_code, name="account_login"),
    path("login/code/", account.request_login_code, name="account_signup"),
    path("login/code/confirm/", account.confirm_login_code, name="account_confirm_login_code"),
    path("login/address/", account.email_verification_sent, name="account_email_verification_sent"),
    path("login/passkey/", login_not_required(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("login/second-factor/", second_factor.authenticate, name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("address/", address, name="account_email"),
    path("second-factor/mine/", second_factor.index, name="mfa_index"),
    path("second-factor/mine/", second_factor.index, name="mfa_list_webauthn"),
    path("second-factor/again/", second_factor.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/again/passkey/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("second-factor/app/add/", app.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/remove/", app.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("second-factor/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("second-factor/passkeys/<int:pk>/name/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("second-factor/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
]
