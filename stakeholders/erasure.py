"""Asking to be erased, and the part of it that is about the person, the account and the mail.

What upper apps hold is erased by them; `reports.erasure.grant` is the one act that does all of it.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from stakeholders.accounts import close_account, follow_address_book
from stakeholders.importing import steps
from stakeholders.models import AddressImport, ErasureRequest, ImportRow, Message, Person, User
from stakeholders.refusals import Refused
from stakeholders.sessions import end_all_sessions

NOBODY = "Erased person"
"""The name of the record that is left, at which what they did still points. The same in every language."""
GONE = "[…]"
"""Stands where a name or an address stood in a text."""


@dataclass(frozen=True)
class Traces:
    """What would tell of somebody: the addresses they ever had here, and the names, where nobody else has them."""

    addresses: frozenset[str]
    names: frozenset[str]

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds them as whole words, however they are capitalised."""
        told = sorted([*self.addresses, *self.names], key=len, reverse=True)
        words = "|".join(re.escape(text) for text in told)
        return re.compile(rf"(?<!\w)(?:{words})(?!\w)" if told else r"(?!)", re.IGNORECASE)

    def __iter__(self) -> Any:
        return iter(sorted([*self.addresses, *self.names]))


def ask(person: Person, *, removes_texts: bool, at: datetime) -> ErasureRequest:
    """Ask to be erased; `removes_texts` says whether the own inputs are to go as well. Raises Refused when it waits."""
    try:
        with transaction.atomic():
            return ErasureRequest.objects.create(person=person, asked_at=at, removes_texts=removes_texts)
    except IntegrityError as fault:
        raise Refused(_("You have asked for it already. Programme staff will answer.")) from fault


def take_back(person: Person) -> None:
    """Take back an open wish to be erased."""
    ErasureRequest.objects.filter(person=person, answered_at=None).delete()


def refuse(request: ErasureRequest, *, reason: str, by: Person, at: datetime) -> None:
    """Refuse a wish, with a reason that the person reads. Raises Refused without one, or when it was answered."""
    if not reason.strip():
        raise Refused(_("Say why: the person will read it."))
    answer(request, is_granted=False, reason=reason.strip(), by=by, at=at)


def answer(request: ErasureRequest, *, is_granted: bool, reason: str = "", by: Person, at: datetime) -> None:
    """Write down how a wish was answered. Raises Refused when somebody else was faster."""
    open_one = ErasureRequest.objects.filter(pk=request.pk, answered_at=None)
    if not open_one.update(answered_at=at, answered_by=by, is_granted=is_granted, reason=reason):
        raise Refused(_("Somebody has answered this already."))
    request.refresh_from_db()


def traces_of(person: Person) -> Traces:
    """Find what would tell of somebody, from the record and its history.

    A name of one word, or one that somebody else in the address book has as well, is not looked for in texts: too much
    of other people's would go with it. Their own records lose it all the same.
    """
    rows = [person, *person.history.all()]
    addresses = {row.email.lower() for row in rows if row.email}
    if person.user is not None:
        addresses.add(person.user.email.lower())
    names = {row.name for row in rows if len(row.name.split()) > 1}
    others = Person.objects.exclude(pk=person.pk)
    names = {name for name in names if name not in addresses and not others.filter(name__iexact=name).exists()}
    return Traces(frozenset(addresses), frozenset(names - {NOBODY}))


def erase_person(person: Person, traces: Traces, *, at: datetime) -> None:
    """Take name, address, organisation and account from the record and all its earlier versions, and empty their mail.

    Files and rows of imports that tell of them, or may, are deleted. Raises Refused for programme staff.
    """
    user: User | None = person.user
    if user is not None and user.is_staff:
        raise Refused(_("They are programme staff. Take those rights away first, under “Accounts”."))
    blank: dict[str, Any] = {
        "name": NOBODY,
        "email": None,
        "organisation": None,
        "country": "",
        "language": "",
        "mail_refused_at": None,
        "mail_refusal": "",
        "reminders_stopped_at": None,
    }
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(**blank, user=None)
        person.history.model.objects.filter(id=person.pk).update(**blank, history_change_reason=None)
        for message in Message.objects.filter(person=person):
            Message.objects.filter(pk=message.pk).update(subject=GONE, text="", html="", calendar="", error="")
        telling = _tell_of(ImportRow.objects.all(), "cells", traces).values("address_import")
        # Of a file whose rows were not read yet nobody knows whom it tells of.
        unread = Q(stage=AddressImport.Stage.COLUMNS)
        for address_import in AddressImport.objects.filter(Q(pk__in=telling) | unread, forgotten_at=None):
            steps.forget_at_once(address_import, at=at)
        if user is not None:
            end_all_sessions(user)
            close_account(user)
            Authenticator.objects.filter(user=user).delete()
            EmailAddress.objects.filter(user=user).delete()
            follow_address_book()
    person.refresh_from_db()


def scrub(traces: Traces, *, but: Iterable[type[models.Model]] = ()) -> int:
    """Take the traces out of every text of every table, history included; returns how many rows were changed.

    `but` names models that are never changed. Texts keep their other words: […] stands for what is gone.
    """
    changed, pattern = 0, traces.pattern
    for model in apps.get_models(include_auto_created=True):
        if model in set(but) or not model._meta.managed or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.CharField | models.TextField) and not field.choices:
                changed += _scrub_field(model, field.name, traces, lambda text: pattern.sub(GONE, text))
            elif isinstance(field, models.JSONField):
                changed += _scrub_field(model, field.name, traces, lambda value: _scrub_json(value, pattern))
    return changed


def _scrub_field(model: type[models.Model], name: str, traces: Traces, clean: Any) -> int:
    changed = 0
    rows = _tell_of(models.QuerySet(model), name, traces)
    for pk, value in rows.values_list("pk", name):
        cleaned = clean(value)
        if cleaned != value:
            changed += models.QuerySet(model).filter(pk=pk).update(**{name: cleaned})
    return changed


def _tell_of(rows: Any, name: str, traces: Traces) -> Any:
    """Narrow rows to those whose field may hold a trace, as it is or as JSON writes it."""
    told = {form for text in traces for form in [text, json.dumps(text)[1:-1]]}
    condition = Q(pk__in=[])
    for text in told:
        condition |= Q(as_text__icontains=text)
    return rows.annotate(as_text=Cast(name, TextField())).filter(condition)


def _scrub_json(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, list):
        return [_scrub_json(part, pattern) for part in value]
    if isinstance(value, dict):
        return {pattern.sub(GONE, key): _scrub_json(part, pattern) for key, part in value.items()}
    return value
