"""What each row of a file will do to the address book. Everything here is reckoned, nothing is written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stakeholders.importing.cells import (
    ERRORS,
    LONGEST_CELL,
    addresses_in,
    clean,
    differs_by_order_only,
    fold,
    is_same_name,
)
from stakeholders.models import Decision, Organisation, Person, RowAction, StakeholderType

OF_A_PERSON = ("name", "email", "organisation", "stakeholder_type", "country")
OF_AN_ORGANISATION = ("organisation", "stakeholder_type", "city", "country")
"""The fields that a row can change; `organisation` is the name of it."""
LENGTHS = {"key": 60, "name": 200, "email": 254, "organisation": 200, "city": 100, "country": 100}


class Faulty(Exception):
    """The row cannot be imported; the text says why, for whoever mends it."""


@dataclass(frozen=True)
class Entry:
    """A person or an organisation of the book, by the words that a file would use."""

    key: str
    values: dict[str, str]


@dataclass
class Book:
    """The address book as it is now, to look things up in."""

    people: list[Entry]
    organisations: list[Entry]
    types: dict[str, str]
    """Every way to name a stakeholder type, folded, and its name."""
    by_key: dict[str, Entry] = field(init=False)
    by_email: dict[str, Entry] = field(init=False)
    by_name: dict[str, list[Entry]] = field(init=False)
    by_organisation: dict[str, list[Entry]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_key = {entry.key: entry for entry in [*self.people, *self.organisations]}
        self.by_email = {entry.values["email"].lower(): entry for entry in self.people if entry.values["email"]}
        self.by_name, self.by_organisation = defaultdict(list), defaultdict(list)
        for entry in self.people:
            self.by_name[fold(entry.values["name"])].append(entry)
        for entry in self.organisations:
            self.by_organisation[fold(entry.values["organisation"])].append(entry)


@dataclass
class Plan:
    """What one row will do, why, and to whom; see ImportRow."""

    action: RowAction
    reasons: list[str] = field(default_factory=list)
    found_key: str = ""
    found_row: int | None = None
    changes: dict[str, list[str]] = field(default_factory=dict)

    def as_fields(self) -> dict[str, Any]:
        return {
            "action": self.action.value,
            "reason": "\n".join(self.reasons),
            "found_key": self.found_key,
            "found_row": self.found_row,
            "changes": self.changes,
        }


def read_book() -> Book:
    """Read the whole address book, in three queries."""
    people = Person.objects.values_list(
        "key", "name", "email", "organisation__name", "stakeholder_type__name", "country"
    )
    organisations = Organisation.objects.values_list("key", "name", "stakeholder_type__name", "city", "country")
    types: dict[str, str] = {}
    for slug, name, plural in StakeholderType.objects.values_list("slug", "name", "plural"):
        types |= {fold(word): name for word in [slug, name, plural]}
    return Book(
        people=[Entry(key, _texts(OF_A_PERSON, values)) for key, *values in people],
        organisations=[Entry(key, _texts(OF_AN_ORGANISATION, values)) for key, *values in organisations],
        types=types,
    )


def understand(cells: Sequence[str], columns: Mapping[str, int], *, usual_type: str = "") -> dict[str, str]:
    """Give what the cells of a row say, cleaned, by field; `usual_type` is put where the row names no type."""
    values = {name: clean(cells[place]) if place < len(cells) else "" for name, place in columns.items()}
    halves = [values.pop("first_name", ""), values.pop("last_name", "")]
    values["name"] = values.get("name") or " ".join(half for half in halves if half)
    values["stakeholder_type"] = values.get("stakeholder_type") or usual_type
    return {name: values.get(name, "") for name in (*OF_A_PERSON, "city", "key")}


class Planner:
    """Plans the rows of one file in their order, for an earlier row may be about the same person."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.addresses: dict[str, tuple[int, dict[str, str]]] = {}
        self.names: dict[tuple[str, str], int] = {}
        self.organisations: dict[str, int] = {}
        self.keys: dict[str, int] = {}

    def plan(self, number: int, values: Mapping[str, str], decision: str = Decision.OPEN) -> Plan:
        """Say what a row will do; `values` as `understand` gives them, `decision` what staff have said about it."""
        values = dict(values)
        try:
            notices = self._examine(values)
            is_person = bool(values["name"] or values["email"])
            plan = (self._plan_person if is_person else self._plan_organisation)(number, values, decision)
        except Faulty as fault:
            return Plan(RowAction.FAULTY, str(fault).split("\n"))
        if decision == Decision.LEAVE_OUT:
            return Plan(RowAction.LEFT_OUT, plan.reasons, plan.found_key, plan.found_row)
        if plan.action in {RowAction.UPDATE, RowAction.UNCHANGED} and (row := self.keys.get(plan.found_key)):
            return Plan(RowAction.REPEATED, [_("Row %(row)s is about the same one.") % {"row": row}], found_row=row)
        plan.reasons += notices
        if plan.action in {*RowAction.written(), RowAction.UNCHANGED}:
            self._remember(number, values, plan, is_person=is_person)
        return plan

    def _examine(self, values: dict[str, str]) -> list[str]:
        """Check every value by itself, and put the proper names of types in. Returns what people should know."""
        faults, notices = [], []
        for name, value in values.items():
            if value in ERRORS:
                faults.append(_("A formula went wrong in the file: %(value)s.") % {"value": value})
            elif len(value) > LENGTHS.get(name, LONGEST_CELL):
                faults.append(
                    _("“%(start)s…” is too long: at most %(most)s characters are kept.")
                    % {"start": value[:30], "most": LENGTHS.get(name, LONGEST_CELL)}
                )
            elif "\ufffd" in value:
                faults.append(_("“%(value)s” has letters that could not be read.") % {"value": value})
            elif value.startswith("="):
                notices.append(
                    _("“%(value)s” is a formula: it is not worked out, and kept as text.") % {"value": value}
                )
        if named := values["stakeholder_type"]:
            values["stakeholder_type"] = self.book.types.get(fold(named), "")
            if not values["stakeholder_type"]:
                faults.append(_("There is no stakeholder type “%(type)s”.") % {"type": named})
        try:
            values["email"] = ";".join(addresses_in(values["email"]))
        except ValueError as fault:
            faults.append(str(fault))
        if faults:
            raise Faulty("\n".join(faults))
        return notices

    def _plan_person(self, number: int, values: dict[str, str], decision: str) -> Plan:
        addresses = values["email"].split(";") if values["email"] else []
        known = list({entry.key: entry for word in addresses if (entry := self.book.by_email.get(word))}.values())
        values["email"] = known[0].values["email"] if known else (addresses or [""])[0]
        reasons = []
        if len(addresses) > 1:
            reasons.append(
                _("The cell has several e-mail addresses. Kept: %(kept)s. Not kept: %(rest)s.")
                % {"kept": values["email"], "rest": ", ".join(set(addresses) - {values["email"].lower()})}
            )
        if len(known) > 1:
            names = ", ".join(entry.values["name"] for entry in known)
            raise Faulty(_("Its addresses belong to several people in the address book: %(names)s.") % {"names": names})
        if values["organisation"] and not self._require_one_organisation(values):
            reasons.append(_("The organisation is new too, and is added."))
        if repeated := self._repeats(values, addresses):
            return repeated
        if values["key"]:
            if known and known[0].key != values["key"]:
                raise Faulty(
                    _("Its e-mail address is that of %(name)s in the address book.") % {"name": known[0].values["name"]}
                )
            return _update(OF_A_PERSON, self._entry_of(values, "email"), values, reasons)
        if known:
            return self._plan_known(known[0], values, decision, reasons)
        if not values["name"]:
            raise Faulty(_("There is no name, and nobody in the address book has this e-mail address."))
        return self._plan_stranger(values, decision, reasons)

    def _repeats(self, values: dict[str, str], addresses: Iterable[str]) -> Plan | None:
        """Say of a row whether an earlier one has its e-mail address. Raises Faulty where that is somebody else."""
        for address in addresses:
            if address not in self.addresses:
                continue
            row, earlier = self.addresses[address]
            if values["name"] and earlier["name"] and not is_same_name(values["name"], earlier["name"]):
                raise Faulty(
                    _(
                        "Row %(row)s has the same e-mail address and another name, %(name)s. "
                        "Give each of them an address of their own, or none."
                    )
                    % {"row": row, "name": earlier["name"]}
                )
            reasons = [_("The same person as in row %(row)s, which counts.") % {"row": row}]
            other = [
                values[name] for name in values if values[name] and name != "email" and values[name] != earlier[name]
            ]
            if other:
                reasons.append(_("Said here and not there: %(values)s.") % {"values": ", ".join(other)})
            return Plan(RowAction.REPEATED, reasons, found_row=row)
        return None

    def _plan_known(self, entry: Entry, values: dict[str, str], decision: str, reasons: list[str]) -> Plan:
        """Plan a row whose e-mail address is in the book."""
        has_other_name = bool(values["name"]) and not is_same_name(values["name"], entry.values["name"])
        if has_other_name and decision != Decision.SAME:
            reasons.append(
                _("%(name)s has this e-mail address in the address book. Is it the same person?")
                % {"name": entry.values["name"]}
            )
            return Plan(RowAction.DECIDE, reasons, entry.key, changes=_changes(OF_A_PERSON, entry.values, values))
        return _update(OF_A_PERSON, entry, values, reasons)

    def _plan_stranger(self, values: dict[str, str], decision: str, reasons: list[str]) -> Plan:
        """Plan a row whose e-mail address nobody has: somebody of that name there may be the same person."""
        organisation = fold(values["organisation"])
        namesakes = self.book.by_name.get(fold(values["name"]), [])
        alike = [entry for entry in namesakes if fold(entry.values["organisation"]) == organisation]
        if not alike:
            alike = [entry for entry in namesakes if not organisation or not entry.values["organisation"]]
        row = self.names.get((fold(values["name"]), organisation))
        if decision == Decision.ANOTHER or not (alike or row):
            return Plan(
                RowAction.ADD,
                reasons,
                alike[0].key if alike else "",
                row,
                _changes(OF_A_PERSON, dict.fromkeys(OF_A_PERSON, ""), values),
            )
        if not alike:
            reasons.append(_("Row %(row)s has the same name and organisation.") % {"row": row})
            action = RowAction.REPEATED if decision == Decision.SAME else RowAction.DECIDE
            return Plan(action, reasons, found_row=row)
        if len(alike) > 1:
            reasons.append(
                _("%(number)s people in the address book have this name: merge them first, if they are one.")
                % {"number": len(alike)}
            )
        if decision == Decision.SAME:
            return _update(OF_A_PERSON, alike[0], values, reasons)
        told = " · ".join(value for value in [alike[0].values["email"], alike[0].values["organisation"]] if value)
        reasons.append(
            _("Somebody of this name is in the address book (%(told)s).") % {"told": told}
            if told
            else _("Somebody of this name is in the address book.")
        )
        changes = _changes(OF_A_PERSON, alike[0].values, values)
        return Plan(RowAction.DECIDE, reasons, alike[0].key, changes=changes)

    def _plan_organisation(self, number: int, values: dict[str, str], decision: str) -> Plan:
        if not values["organisation"]:
            raise Faulty(_("There is neither a name nor an organisation."))
        if row := self.organisations.get(fold(values["organisation"])):
            return Plan(
                RowAction.REPEATED, [_("The same organisation as in row %(row)s.") % {"row": row}], found_row=row
            )
        if values["key"]:
            return _update(OF_AN_ORGANISATION, self._entry_of(values, "city"), values, [])
        if entry := self._require_one_organisation(values):
            return _update(OF_AN_ORGANISATION, entry, values, [])
        empty = dict.fromkeys(OF_AN_ORGANISATION, "")
        return Plan(RowAction.ADD, changes=_changes(OF_AN_ORGANISATION, empty, values))

    def _entry_of(self, values: dict[str, str], own_field: str) -> Entry:
        """Find the record whose key an export has given the row; only its kind has `own_field`. Raises Faulty."""
        entry = self.book.by_key.get(values["key"])
        if entry is None or own_field not in entry.values:
            raise Faulty(_("There is no such record any more. Empty the cell of its key to add it as a new one."))
        return entry

    def _require_one_organisation(self, values: dict[str, str]) -> Entry | None:
        """Find the organisation that the row names, and put its name in as it stands in the book. Raises Faulty."""
        found = self.book.by_organisation.get(fold(values["organisation"]), []) if values["organisation"] else []
        if len(found) > 1:
            raise Faulty(
                _("%(number)s organisations in the address book are called “%(name)s”. Merge them, or rename one.")
                % {"number": len(found), "name": found[0].values["organisation"]}
            )
        if found and differs_by_order_only(
            found[0].values["organisation"].casefold(), values["organisation"].casefold()
        ):
            values["organisation"] = found[0].values["organisation"]
        return found[0] if found else None

    def _remember(self, number: int, values: dict[str, str], plan: Plan, *, is_person: bool) -> None:
        if plan.action != RowAction.ADD:
            self.keys[plan.found_key] = number
        if is_person:
            for address in values["email"].lower().split(";"):
                if address:
                    self.addresses[address] = (number, values)
            self.names.setdefault((fold(values["name"]), fold(values["organisation"])), number)
        else:
            self.organisations[fold(values["organisation"])] = number


def _update(names: Sequence[str], entry: Entry, values: dict[str, str], reasons: list[str]) -> Plan:
    changes = _changes(names, entry.values, values)
    return Plan(RowAction.UPDATE if changes else RowAction.UNCHANGED, reasons, entry.key, changes=changes)


def _changes(names: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """Tell field by field [before, after]. An empty cell changes nothing, nor does the order of the words of a name."""
    return {
        name: [before[name], after[name]]
        for name in names
        if after[name]
        and after[name] != before[name]
        and not (name == "name" and before[name] and differs_by_order_only(before[name], after[name]))
    }


def _texts(names: Sequence[str], values: Sequence[str | None]) -> dict[str, str]:
    return {name: value or "" for name, value in zip(names, values, strict=True)}
