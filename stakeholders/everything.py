"""Everything that is held about one person, from all apps, in plain data.

What is a person's own is found by its foreign keys: rows that point at the person, the account, a participation or an
input by a key of that name, and the earlier versions of each. What somebody did for the programme, such as signing a
text, is told as a number: the rows themselves are about other things.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from stakeholders.models import Person

OWN = {"person", "user", "participation", "input"}
"""The names of keys by which a row belongs to what they point at."""
LEFT_OUT = {
    "mfa.Authenticator": "keys to sign in with; My account names them",
    "stakeholders.Person": "it is where the search begins",
    "outcomes.Evidence": "what rapporteurs made of an input is told on the page of that input, once it is concluded",
    "outcomes.SettingAside": "the same",
    "outcomes.Tagging": "the same",
}
"""Models whose rows hang on a person and are not given, each with the reason."""
SECRET = {
    "id", "password", "session_key", "lease", "leased_until", "form_key", "once", "link_number", "history_type",
    "history_change_reason", "history_user",
}  # fmt: skip
"""Fields that open something, or that say nothing of the person."""


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    value: Any

    @property
    def shown(self) -> str:
        """The value as people read it."""
        if isinstance(self.value, bool):
            return _("yes") if self.value else _("no")
        if isinstance(self.value, datetime):
            return date_format(self.value, "j F Y, H:i")
        return str(self.value)


@dataclass(frozen=True)
class Section:
    """Rows of one kind; `is_earlier` marks what they were before they were changed."""

    name: str
    label: str
    is_earlier: bool
    rows: list[list[Field]]


def everything_about(person: Person) -> list[Section]:
    """Give all rows about a person, by kind: a constant number of queries for each model."""
    found: dict[type[models.Model], dict[Any, models.Model]] = defaultdict(dict)
    found[Person][person.pk] = person
    if person.user is not None:
        found[type(person.user)][person.user.pk] = person.user
    newest: dict[type[models.Model], set[Any]] = {model: set(rows) for model, rows in found.items()}
    while newest:
        further: dict[type[models.Model], set[Any]] = defaultdict(set)
        for field in keys_of_ones_own():
            if pks := newest.get(field.related_model):
                pointing: models.QuerySet[Any] = models.QuerySet(field.model)
                for row in pointing.filter(**{f"{field.name}__in": pks}):
                    if row.pk not in found[field.model]:
                        found[field.model][row.pk] = row
                        further[field.model].add(row.pk)
        newest = further
    sections = []
    for model, rows in found.items():
        if rows:
            sections.append(_section(model, [rows[pk] for pk in sorted(rows)], is_earlier=False))
            if earlier := _earlier(model, rows):
                sections.append(_section(model, earlier, is_earlier=True))
    return sections


def what_they_did(person: Person) -> list[tuple[str, int]]:
    """Count what somebody did for the programme, as [(kind of thing and part in it, number)]."""
    counted = []
    for field in keys_of_acts():
        target = person if field.related_model is Person else person.user
        if target is None:
            continue
        if number := models.QuerySet(field.model).filter(**{field.name: target}).count():
            label = f"{capfirst(str(field.model._meta.verbose_name_plural))}: {field.verbose_name}"
            counted.append((label, number))
    return sorted(counted)


def keys_of_ones_own() -> Iterator[models.ForeignKey]:
    """Give the keys by which rows belong to a person, account, participation or input."""
    for field in _keys():
        if field.name in OWN and field.model._meta.label not in {*LEFT_OUT, "admin.LogEntry"}:
            yield field


def keys_of_acts() -> Iterator[models.ForeignKey]:
    """Give the keys that say who did something, or has a part in it."""
    for field in _keys():
        of_the_admin = field.model._meta.label == "admin.LogEntry" and field.name == "user"
        if of_the_admin or (field.related_model is Person and field.name not in OWN):
            yield field


def as_json(person: Person, *, at: datetime) -> dict[str, Any]:
    """Give everything about a person for a program to read; `at` is when it was put together."""
    data: dict[str, Any] = {"made_at": at.isoformat(), "person": person.key}
    for section in everything_about(person):
        key = f"earlier_{section.name}" if section.is_earlier else section.name
        data[key] = [{field.name: field.value for field in row} for row in section.rows]
    return data | {"what_you_did": dict(what_they_did(person))}


def _keys() -> Iterator[models.ForeignKey]:
    for model in apps.get_models():
        if hasattr(model, "instance_type") or model.__name__.startswith("Historical"):
            continue
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                yield field


def _earlier(model: type[models.Model], rows: dict[Any, models.Model]) -> list[models.Model]:
    history = getattr(model, "history", None)
    return list(history.filter(id__in=list(rows)).order_by("id", "history_id")) if history is not None else []


def _section(model: type[models.Model], rows: list[Any], *, is_earlier: bool) -> Section:
    label = capfirst(str(model._meta.verbose_name if len(rows) == 1 else model._meta.verbose_name_plural))
    return Section(model._meta.model_name or "", label, is_earlier, [_fields(row) for row in rows])


def _fields(row: models.Model) -> list[Field]:
    """What a row says, without what is empty and without secrets; keys to other rows by their names."""
    told = []
    for field in row._meta.concrete_fields:
        if field.name in SECRET or field.primary_key or (field.is_relation and field.name in OWN):
            continue
        value = getattr(row, field.name) if field.is_relation else field.value_from_object(row)
        if value in (None, "", [], {}):
            continue
        if field.choices:
            value = str(dict(field.flatchoices).get(value, value))
        elif field.is_relation or isinstance(field, models.FileField):
            value = str(value)
        told.append(Field(field.name, capfirst(str(field.verbose_name)), value))
    return told
