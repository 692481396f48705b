"""Accounts: only people of the address book have one, and they sign in with a code sent to their address there."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.http import HttpRequest

from stakeholders.models import Person, User

NOWHERE = "@nowhere.invalid"
"""Behind the name of an account that has no address (RFC 2606: nobody can have one there)."""


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves: the address book decides."""
        return False


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
    _end_sessions(user)
    User.objects.filter(pk=user.pk).update(is_active=False)


def open_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=True)


def remove_staff(user: User) -> None:
    """Take the rights of programme staff away; the person stays in the address book and can sign in."""
    User.objects.filter(pk=user.pk).update(is_staff=False)


def _let_go(user: User) -> None:
    """Take its address from an account."""
    _end_sessions(user)
    EmailAddress.objects.filter(user=user).delete()
    user.email = f"nobody-{user.pk}{NOWHERE}"
    user.save(update_fields=["email"])


def _end_sessions(user: User) -> None:
    """Sessions hold a hash of the password: a new one that nobody knows ends them all."""
    user.set_unusable_password()
    user.save(update_fields=["password"])


def person_of(user: User | AnonymousUser) -> Person:
    """Give the person who acts by this account. Raises PermissionDenied for one that stands for nobody."""
    person = Person.objects.filter(user_id=user.pk).first() if user.is_authenticated else None
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
