"""The browsers in which somebody is signed in."""

import re
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from stakeholders.models import User

BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox|FxiOS": "Firefox", "Chrome|CriOS": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone|iPad": "iOS", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}
"""What a browser's name for itself holds, the telling ones first: each claims to be the older ones too."""


def sessions_of(user: User | AnonymousUser, *, at: datetime) -> QuerySet[UserSession]:
    """Give this person's sessions that have not ended, the newest first."""
    alive = Session.objects.filter(expire_date__gt=at).values("session_key")
    return UserSession.objects.filter(user_id=user.pk, session_key__in=alive).order_by("-created_at", "-pk")


def end_sessions(sessions: QuerySet[UserSession]) -> int:
    """End these sessions at once; whoever is at one of them must sign in anew. Returns how many."""
    with transaction.atomic():
        keys = list(sessions.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def end_all_sessions(user: User) -> None:
    """End every session of an account, also one that is not listed: each holds what it was signed in with."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    UserSession.objects.filter(user=user).delete()


def browser_of(session: UserSession) -> str:
    """Name a session's browser and system as people do."""
    names = [
        next((name for sign, name in known.items() if re.search(sign, session.user_agent)), "")
        for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, names)) or _("Another program")
