"""Making one record of two that stand for the same person or organisation, without losing anything that points at them.

Everything that points at the record that goes is moved, whichever app it is in: it is found by its foreign key. Where
both records have what only one may have, such as a participation in the same consultation, the app that has it gives
a rule that makes one of the two.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import get_history_manager_for_model

from stakeholders.accounts import follow_address_book
from stakeholders.models import Organisation, Person, User
from stakeholders.refusals import Refused

Rule = Callable[["Merger", Any, Any], None]
"""Makes one of two rows that cannot both be kept: it is called with the row that stays and the one that goes."""

OF_A_PERSON = ("name", "email", "language", "organisation", "stakeholder_type", "country")
OF_AN_ORGANISATION = ("name", "stakeholder_type", "city", "country")
"""The fields of which staff choose, one by one, what is kept."""
WAYS_IN = {
    "account.EmailAddress",
    "mfa.Authenticator",
    "usersessions.UserSession",
    "stakeholders.User_groups",
    "stakeholders.User_user_permissions",
}
"""What goes with an account, instead of opening another one: addresses and keys to sign in with, and powers."""


def merge_people(
    kept: Person, other: Person, *, fields: Mapping[str, Any], rules: Mapping[type, Rule], by: Person, at: datetime
) -> None:
    """Make `kept` stand for both: `fields` are the values that it has from now on, by name (OF_A_PERSON).

    Of two accounts one is left, with the rights of the stronger; the other's ways to sign in are gone. Raises Refused
    for a record with itself, for the one of the person who merges as the one that goes, and where the two have done
    what only two people may do, such as signing what the other wrote.
    """
    if other.pk == by.pk:
        raise Refused(_("You cannot merge your own record into another one. Do it the other way round."))
    with transaction.atomic():
        _hold(kept, other)
        accounts = [person.user for person in [kept, other] if person.user]
        merger = Merger(rules, by=by, at=at, reason=_reason(kept, other))
        merger.move(kept, other)
        merger.delete(other, into=kept)
        if fields.get("email") != kept.email:
            kept.mail_refused_at, kept.mail_refusal = other.mail_refused_at, other.mail_refusal
        kept.reminders_stopped_at = kept.reminders_stopped_at or other.reminders_stopped_at
        kept.user = _merge_accounts(accounts, merger)
        merger.save(kept, fields)
        follow_address_book()


def merge_organisations(
    kept: Organisation, other: Organisation, *, fields: Mapping[str, Any], rules: Mapping[type, Rule], by: Person,
    at: datetime,
) -> None:  # fmt: skip
    """Make `kept` stand for both: `fields` are the values that it has from now on. Raises Refused as `merge_people`."""
    with transaction.atomic():
        _hold(kept, other)
        merger = Merger(rules, by=by, at=at, reason=_reason(kept, other))
        merger.move(kept, other)
        merger.delete(other, into=kept)
        merger.save(kept, fields)


def references_to(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    """Give every foreign key of any app that points at a model, those of many-to-many tables too, history left out."""
    for field in _foreign_keys_to(model):
        if not _is_history(field.model):
            yield field


def unique_sets_of(field: models.ForeignKey) -> list[tuple[set[str], models.Q]]:
    """Give the sets of fields in which no two rows are alike and of which this key is one, each with its condition."""
    options = field.model._meta
    sets = [(set(names), models.Q()) for names in options.unique_together]
    for constraint in options.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            sets.append((set(constraint.fields), constraint.condition or models.Q()))
    if field.unique:
        sets.append(({field.name}, models.Q()))
    return [(names, condition) for names, condition in sets if field.name in names]


@dataclass(frozen=True)
class Pointing:
    """How many rows of one kind point at each of two records."""

    name: str
    at_kept: int
    at_other: int


def what_points_at(kept: models.Model, other: models.Model) -> list[Pointing]:
    """Count what points at two records, by the name of its model: one query for each foreign key."""
    found: dict[str, list[int]] = {}
    for field in references_to(type(kept)):
        owner = _owner(field.model) or field.model
        numbers = found.setdefault(str(owner._meta.verbose_name_plural), [0, 0])
        for place, record in enumerate([kept, other]):
            numbers[place] += models.QuerySet(field.model).filter(**{field.name: record}).count()
    return [Pointing(name, *numbers) for name, numbers in sorted(found.items()) if any(numbers)]


class Merger:
    """Moves what points at one row to another one, and tells it in the history of each."""

    def __init__(self, rules: Mapping[type, Rule], *, by: Person, at: datetime, reason: str) -> None:
        self.rules = rules
        self.told = {"default_user": by.user, "default_date": at, "default_change_reason": reason}

    def move(self, kept: models.Model, other: models.Model, *, but: Sequence[str] = ()) -> None:
        """Let everything that points at `other` point at `kept`, but for the models named. Raises Refused."""
        for field in references_to(type(kept)):
            if field.model._meta.label in but:
                continue
            for own, double in self._doubles(field, kept, other):
                self._make_one(field, own, double)
            self._repoint(field, kept, other)
        for field in _foreign_keys_to(type(kept)):
            if _is_history(field.model) and field.model._meta.label not in but:
                models.QuerySet(field.model).filter(**{field.attname: other.pk}).update(**{field.attname: kept.pk})

    def save(self, row: models.Model, fields: Mapping[str, Any]) -> None:
        """Write fields of a row, with its history."""
        for name, value in fields.items():
            setattr(row, name, value)
        self._tell(row)
        row.save()

    def delete(self, other: models.Model, *, into: models.Model) -> None:
        """Delete a row at which nothing points any more; its history is found with the one that it was merged into."""
        gone = other.pk
        self._tell(other)
        other.delete()
        history = get_history_manager_for_model(type(other)).model
        history.objects.filter(id=gone).update(id=into.pk)

    def _doubles(self, field: models.ForeignKey, kept: models.Model, other: models.Model) -> list[tuple[Any, Any]]:
        """Give the rows of both that cannot both point at `kept`, in pairs."""
        found = []
        for names, condition in unique_sets_of(field):
            rest = [each.attname for each in field.model._meta.concrete_fields if each.name in names - {field.name}]
            rows: models.QuerySet[Any] = models.QuerySet(field.model).filter(condition).order_by("pk")
            owns = {tuple(getattr(row, name) for name in rest): row for row in rows.filter(**{field.name: kept})}
            for row in rows.filter(**{field.name: other}):
                values = tuple(getattr(row, name) for name in rest)
                if values in owns and None not in values:
                    found.append((owns[values], row))
        return found

    def _make_one(self, field: models.ForeignKey, own: Any, double: Any) -> None:
        if field.model._meta.auto_created:
            double.delete()
        elif rule := self.rules.get(field.model):
            rule(self, own, double)
        else:
            raise Refused(
                _("Both have %(things)s of which there can be one only. Delete one of them first.")
                % {"things": field.model._meta.verbose_name_plural}
            )

    def _repoint(self, field: models.ForeignKey, kept: models.Model, other: models.Model) -> None:
        # The plain QuerySet: what is kept for good keeps its words, only whose they are is told by another record.
        rows: models.QuerySet[Any] = models.QuerySet(field.model)
        moved = list(rows.filter(**{field.name: other}).values_list("pk", flat=True))
        if not moved:
            return
        try:
            with transaction.atomic():
                rows.filter(pk__in=moved).update(**{field.name: kept})
        except IntegrityError as fault:
            raise Refused(
                _(
                    "These two cannot be one: among the %(things)s, one of them has done what only somebody else may "
                    "do after the other, such as signing what the other wrote."
                )
                % {"things": field.model._meta.verbose_name_plural}
            ) from fault
        if owner := _owner(field.model):
            owners = rows.filter(pk__in=moved).values_list(f"{owner._meta.model_name}_id", flat=True)
            self._note(owner, models.QuerySet(owner).filter(pk__in=list(owners)))
        else:
            self._note(field.model, rows.filter(pk__in=moved))

    def _note(self, model: type[models.Model], rows: models.QuerySet[Any]) -> None:
        """Write the history of rows that were moved, where their model has one."""
        if not hasattr(model._meta, "simple_history_manager_attribute"):
            return
        history = get_history_manager_for_model(model)
        if history.model._history_m2m_fields:
            for row in rows:
                self._tell(row)
                row.save()
        else:
            history.bulk_history_create(list(rows), update=True, **self.told)

    def _tell(self, row: Any) -> None:
        row._history_user = self.told["default_user"]
        row._history_date = self.told["default_date"]
        row._change_reason = self.told["default_change_reason"]


def _merge_accounts(accounts: Sequence[User], merger: Merger) -> User | None:
    """Give the one account that is left, with what was done by either; who may not sign in by one may not at all."""
    if len(accounts) < 2:
        return accounts[0] if accounts else None
    kept, other = sorted(accounts, key=lambda user: (not user.is_superuser, not user.is_staff))
    merger.move(kept, other, but=tuple(WAYS_IN))
    kept.is_active = kept.is_active and other.is_active
    other.delete()
    kept.save(update_fields=["is_active"])
    return kept


def _hold(kept: models.Model, other: models.Model) -> None:
    """Read both records afresh, and keep them from changing until the transaction ends. Raises Refused."""
    rows: models.QuerySet[Any] = models.QuerySet(type(kept)).filter(pk__in=[kept.pk, other.pk])
    if len(rows.select_for_update().order_by("pk").values_list("pk")) != 2:
        raise Refused(_("Choose two records. If one of them is gone, somebody has merged it meanwhile."))
    kept.refresh_from_db()
    other.refresh_from_db()


def _reason(kept: models.Model, other: models.Model) -> str:
    return (_("Merged: %(other)s is %(kept)s") % {"other": str(other)[:35], "kept": str(kept)[:35]})[:100]


def _foreign_keys_to(model: type[models.Model]) -> Iterator[models.ForeignKey]:
    for pointing in apps.get_models(include_auto_created=True):
        for field in pointing._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is model:
                yield field


def _owner(model: type[models.Model]) -> type[models.Model] | None:
    """Give the model whose many-to-many table this is, if it is one."""
    owner: Any = model._meta.auto_created
    return owner or None


def _is_history(model: type[models.Model]) -> bool:
    return hasattr(model, "instance_type") or model.__name__.startswith("Historical")
