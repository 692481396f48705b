"""Accounts: only people of the address book have one, and they sign in with a code sent to their address there."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _

from stakeholders.models import Person, User
from stakeholders.refusals import Refused
from stakeholders.sessions import end_all_sessions

logger = logging.getLogger(__name__)

NOWHERE = "@nowhere.invalid"
"""Behind the name of an account that has no address (RFC 2606: nobody can have one there)."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves: the address book decides."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a code at once, not through the outbox, and say so where that cannot be done (decision 5)."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError) as fault:
            logger.warning("a code could not be sent: %s", type(fault).__name__)
            page = render(allauth_context.request, "account/mail_failed.html", status=503)
            raise ImmediateHttpResponse(page) from fault

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """Ask for a passkey first, where there is one: a recovery code is for when it is not at hand."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: method["id"] != "mfa_reauthenticate:webauthn")


class SecondFactorAdapter(DefaultMFAAdapter):
    def get_totp_issuer(self) -> str:
        """The name that an authenticator app shows."""
        return _("THP consultations")

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}


def ensure_account(person: Person) -> User:
    """Give the person's account, made now if there is none, under the address that stands in the address book.

    Whoever proves with a code that they read that address is the person. An account that had it before lets it go.
    Raises ValueError without an address.
    """
    with transaction.atomic():
        # Of two who come at once the second waits here, and finds what the first has made.
        stored = Person.objects.select_for_update().get(pk=person.pk)
        if not stored.email:
            raise ValueError("an account needs an e-mail address")
        email = stored.email.lower()
        for other in User.objects.filter(email=email).exclude(person=stored):
            if Person.objects.filter(user=other).exists():
                _let_go(other)
            else:
                stored.user = stored.user or other
        user = stored.user or User.objects.create_user(email)
        if user.email != email:
            user.email = email
            user.save(update_fields=["email"])
        if stored.user_id != person.user_id or person.user_id != user.pk:
            stored.user = person.user = user
            stored.save(update_fields=["user"])
        EmailAddress.objects.filter(user=user).exclude(email=email).delete()
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True})
    return user


def follow_address_book() -> None:
    """Let accounts follow the addresses of their people: an old address opens nothing any more, and sessions end.

    To be called by whatever changes addresses, after it. Accounts without a person lose their address too.
    """
    moved = Q(person__isnull=True) | Q(person__email__isnull=True) | ~Q(email=Lower("person__email"))
    with transaction.atomic():
        for user in User.objects.filter(moved).exclude(email__endswith=NOWHERE).select_related("person"):
            _let_go(user)
            person = Person.objects.filter(user=user, email__isnull=False).first()
            if person:
                ensure_account(person)


def close_account(user: User) -> None:
    """Let nobody sign in as this person any more, and end their sessions; `open_account` takes it back."""
    end_all_sessions(user)
    User.objects.filter(pk=user.pk).update(is_active=False)


def open_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)


def remove_staff(user: User) -> None:
    """Take the rights of programme staff away; the person stays in the address book and can sign in."""
    User.objects.filter(pk=user.pk).update(is_staff=False)


def _let_go(user: User) -> None:
    """Take its address from an account."""
    end_all_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    user.email = f"nobody-{user.pk}{NOWHERE}"
    user.save(update_fields=["email"])


def is_taken(address: str, *, besides: Person) -> bool:
    """Whether somebody else in the address book, or another account, has this e-mail address."""
    people = Person.objects.filter(email__iexact=address).exclude(pk=besides.pk)
    return people.exists() or User.objects.filter(email__iexact=address).exclude(person=besides).exists()


def change_address(person: Person, *, to: str) -> None:
    """Give a person another e-mail address, which they have proved to read: in the address book and for signing in.

    Raises Refused when somebody else has it.
    """
    with transaction.atomic():
        if is_taken(to, besides=person):
            raise Refused(_("This address belongs to somebody else in the address book. Ask the organisers."))
        person.email, person.mail_refused_at, person.mail_refusal = to.lower(), None, ""
        person.save(update_fields=["email", "mail_refused_at", "mail_refusal"])
        user = ensure_account(person)
        EmailAddress.objects.filter(user=user).update(verified=True)


def correct_record(person: Person, *, name: str, country: str, language: str) -> None:
    """Let somebody correct their own record; what it was before stays in its history."""
    person.name, person.country, person.language = name.strip(), country.strip(), language
    person.save(update_fields=["name", "country", "language"])


def sign_in_by_link(request: HttpRequest, user: User) -> None:
    """Sign in who has opened a link that was sent to them; the session is listed with their others."""
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.create_from_request(request)


def person_of(user: User | AnonymousUser) -> Person:
    """Give the person who acts by this account. Raises PermissionDenied for one that stands for nobody."""
    person: Person | None = getattr(user, "person", None)
    if person is None:
        raise PermissionDenied
    return person


def add_staff(email: str, *, name: str) -> Person:
    """Make somebody programme staff, adding them to the address book (under `name`) where they are not in it yet."""
    with transaction.atomic():
        person = Person.objects.filter(email__iexact=email).first()
        if person is None:
            person = Person.objects.create(email=email.lower(), name=name or email)
        user = ensure_account(person)
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    return person
