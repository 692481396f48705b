"""Accounts: only people of the address book have one, and they sign in with a code sent to their address there."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from stakeholders.models import Person, User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account for themselves: the address book decides."""
        return False


def ensure_account(person: Person) -> User:
    """Give the person's account, made now if there is none, under the address that stands in the address book.

    Whoever proves with a code that they read that address is the person. Raises ValueError without an address.
    """
    if not person.email:
        raise ValueError("an account needs an e-mail address")
    email = person.email.lower()
    with transaction.atomic():
        user = person.user or User.objects.filter(email=email, person__isnull=True).first()
        if user is None:
            user = User.objects.create_user(email)
        elif user.email != email:
            user.email = email
            user.save(update_fields=["email"])
        if person.user_id != user.pk:
            person.user = user
            person.save(update_fields=["user"])
        EmailAddress.objects.filter(user=user).exclude(email=email).delete()
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True})
    return user


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
