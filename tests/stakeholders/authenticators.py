"""Second factors in tests: an authenticator app, and a session that has shown it."""

import time

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from django.test import Client

from stakeholders.models import User

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def number_now(secret: str = SECRET) -> str:
    """What an authenticator app shows at the moment."""
    return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30))


def give_app(user: User) -> list[str]:
    """Let somebody have an authenticator app and recovery codes; gives the codes."""
    auth.TOTP.activate(user, SECRET)
    return RecoveryCodes.activate(user).get_unused_codes()


def has_shown(client: Client) -> bool:
    """Whether a second factor was shown in the client's session."""
    return any(record["method"] == "mfa" for record in client.session.get(AUTHENTICATION_METHODS_SESSION_KEY, []))


def factors_of(user: User) -> set[str]:
    return set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
