"""Asking to be erased, and the part of it that is about the person, the account and the mail.

What upper apps hold is erased by them; `reports.erasure.grant` is the one act that does all of it.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import IntegrityError, models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from stakeholders.accounts import close_account, follow_address_book
from stakeholders.importing import steps
from stakeholders.models import (
    AddressImport,
    ErasureRequest,
    ImportRow,
    Message,
    Organisation,
    Person,
    SecondFactorReset,
    User,
    new_key,
)
from stakeholders.refusals import Refused
from stakeholders.sessions import end_all_sessions

NOBODY = "Erased person"
"""The name of the record that is left, at which what they did still points. The same in every language."""
GONE = "[…]"
"""Stands where a name or an address stood in a text."""
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that write words without spaces between them, or with endings joined to them."""


@dataclass(frozen=True)
class Traces:
    """What would tell of somebody: the addresses they ever had here, and the names, where nobody else has them.

    `own` is what is looked for in their own texts alone: every name they had, and their organisations.
    """

    addresses: frozenset[str]
    names: frozenset[str]
    own: frozenset[str] = frozenset()

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds them as whole words, however they are capitalised."""
        return _pattern([*self.addresses, *self.names])

    @property
    def own_pattern(self) -> re.Pattern[str]:
        return _pattern([*self.addresses, *self.names, *self.own])

    def __iter__(self) -> Any:
        return iter(sorted([*self.addresses, *self.names]))


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    told = sorted(words, key=len, reverse=True)
    alone = [re.escape(word) if UNSPACED.search(word) else rf"(?<!\w){re.escape(word)}(?!\w)" for word in told]
    return re.compile("|".join(alone) or r"(?!)", re.IGNORECASE)


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

    A name of one word, or one that somebody else in the address book has as well, is not looked for in other people's
    texts: too much of theirs would go with it. Their own records and texts lose it all the same.
    """
    rows = [person, *person.history.all()]
    addresses = {row.email.lower() for row in rows if row.email}
    if person.user is not None:
        addresses.add(person.user.email.lower())
    had = {row.name for row in rows} - {NOBODY}
    names = {name for name in had if len(name.split()) > 1 or (len(name) > 1 and UNSPACED.search(name))}
    others = Person.objects.exclude(pk=person.pk)
    names = {name for name in names if name not in addresses and not others.filter(name__iexact=name).exists()}
    belonged = Organisation.objects.filter(pk__in={row.organisation_id for row in rows} - {None})
    own = had | set(belonged.values_list("name", flat=True))
    return Traces(frozenset(addresses), frozenset(names), frozenset(own))


def erase_person(person: Person, traces: Traces, *, at: datetime) -> None:
    """Take name, address, organisation and account from the record and all its earlier versions, and empty their mail.

    Files and rows of imports that tell of them, or may, are deleted. Raises Refused for programme staff.
    """
    user: User | None = person.user
    if user is not None and user.is_staff:
        raise Refused(_("They are programme staff. Take those rights away first, under “Accounts”."))
    blank: dict[str, Any] = {
        # Signed links in old mail hold for the old key alone, and a file may have brought one that names them.
        "key": new_key(),
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
        forget_log(Person, [person.pk])
        _delete_sessions(user, traces)
        if user is not None:
            forget_log(User, [user.pk])
            scrub_own(models.QuerySet(SecondFactorReset).filter(user=user), ["reason"], traces)
            end_all_sessions(user)
            close_account(user)
            Authenticator.objects.filter(user=user).delete()
            EmailAddress.objects.filter(user=user).delete()
            follow_address_book()
    person.refresh_from_db()


def scrub_own(rows: models.QuerySet[Any], fields: Sequence[str], traces: Traces) -> None:
    """Take names and organisations out of texts of rows that are somebody's own, with no new history."""
    pattern = traces.own_pattern
    plain: models.QuerySet[Any] = models.QuerySet(rows.model)
    for pk, *texts in rows.values_list("pk", *fields):
        cleaned = [pattern.sub(GONE, text) for text in texts]
        if cleaned != texts:
            plain.filter(pk=pk).update(**dict(zip(fields, cleaned, strict=True)))


def forget_log(model: type[models.Model], pks: Iterable[Any]) -> None:
    """Empty what the admin wrote down of acts on these rows: how they were called then, and what was changed."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
    about.filter(object_id__in=[str(pk) for pk in pks]).update(object_repr=GONE, change_message="")


def forms_of(text: str) -> set[str]:
    """Give a text as it may be written in a column: SQLite compares letters beyond ASCII as they are capitalised, and
    JSON may escape them.
    """
    capitals = {text, text.upper(), text.lower(), text.title()}
    return capitals | {json.dumps(form)[1:-1] for form in capitals}


def _delete_sessions(user: User | None, traces: Traces) -> None:
    """Delete the sessions of an account, and those in which somebody has begun to sign in with one of the addresses."""
    gone = []
    for session in Session.objects.iterator():
        held = session.get_decoded()
        is_own = user is not None and held.get("_auth_user_id") == str(user.pk)
        if is_own or any(address in str(held).lower() for address in traces.addresses):
            gone.append(session.pk)
    Session.objects.filter(pk__in=gone).delete()


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
    condition = Q(pk__in=[])
    for form in {form for trace in traces for form in forms_of(trace)}:
        condition |= Q(as_text__icontains=form)
    return rows.annotate(as_text=Cast(name, TextField())).filter(condition)


def _scrub_json(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(GONE, value)
    if isinstance(value, list):
        return [_scrub_json(part, pattern) for part in value]
    if isinstance(value, dict):
        return {pattern.sub(GONE, key): _scrub_json(part, pattern) for key, part in value.items()}
    return value
