"""The second factor beside the code by mail: a passkey or an authenticator app. Who must have one, and a lost one."""

from datetime import datetime

import rules
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.translation import gettext as _

from stakeholders.messages import post
from stakeholders.models import Person, SecondFactorReset, User
from stakeholders.refusals import Refused
from stakeholders.sessions import end_all_sessions

FACTORS = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)
"""What counts as one. Recovery codes stand in for it, and go with the last of these."""


def has_second_factor(user: User | AnonymousUser) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def must_have_second_factor(user: User | AnonymousUser) -> bool:
    """Whether this person is let in only with a second factor: as the rules say, unless this is a try-out."""
    return settings.SECOND_FACTOR_REQUIRED and rules.test_rule("stakeholders.must_have_second_factor", user)


def reset_second_factor(user: User, *, reason: str, by: Person, at: datetime) -> SecondFactorReset:
    """Take away the passkeys, app and recovery codes that somebody has lost, end their sessions, and tell them by mail.

    `reason` says how `by` made sure who asked. Who must have a second factor sets up a new one at the next sign-in.
    Raises Refused for one's own, without a reason, and where there is nothing to reset.
    """
    if user.pk == by.user_id:
        raise Refused(_("You cannot reset your own second factor. Ask somebody else of the programme staff."))
    if not reason.strip():
        raise Refused(_("Say how you made sure that it is this person who asks."))
    with transaction.atomic():
        removed, _rows = Authenticator.objects.filter(user=user).delete()
        if not removed:
            raise Refused(_("There is no second factor to reset. A new one is set up when signing in."))
        end_all_sessions(user)
        reset = SecondFactorReset.objects.create(user=user, reset_at=at, reset_by=by, reason=reason.strip())
        person = Person.objects.filter(user=user).first()
        if person is not None:
            post(
                person,
                occasion="second_factor_reset",
                subject=_("Your second factor was reset"),
                template="stakeholders/mail/second_factor_reset",
                context={"url": settings.SITE_URL},
            )
    return reset
