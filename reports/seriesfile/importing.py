"""From a checked document into the database: as a whole, or not at all."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import CheckConstraint
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from consultations.models import Consultation, CooperationArea, GuidingQuestion, Series
from reports.seriesfile import parts
from reports.seriesfile.parts import Part
from reports.seriesfile.reading import Document, Fault, FaultyFile, Row, read
from reports.seriesfile.writing import plain
from stakeholders.models import Person

BATCH = 1000
SAVED_IN_ORDER = (
    parts.STAKEHOLDER_TYPES,
    parts.ORGANISATIONS,
    parts.PEOPLE,
    parts.AREAS,
    parts.REGIONS,
    parts.EARLIER_MEETINGS,
    parts.CONSULTATIONS,
    parts.SESSIONS,
    parts.TARGETS,
    parts.REGION_TARGETS,
    parts.THEMES,
    parts.PARTICIPATIONS,
    parts.INPUTS,
    parts.TAGS,
    parts.TAGGINGS,
    parts.SETTINGS_ASIDE,
    parts.OUTCOMES,
    parts.VERSIONS,
    parts.CONSIDERATIONS,
    parts.POSITIONS,
    parts.FACTUAL_CORRECTIONS,
    parts.CORRECTIONS,
    parts.FLAGS,
    parts.EVIDENCE,
    parts.DESCENTS,
)
"""Each list after those that it points at."""


def import_series(text: str) -> Series:
    """Put the series of a document into the database, and give it.

    Types, organisations and people that are there already are taken as they are, if they are the same. The rows are
    written as they stand, without the guards of the operations: a document tells what has happened. The number of
    queries does not depend on the number of rows, but for batches. Raises FaultyFile with every fault; nothing is
    written then.
    """
    document = read(text)
    importer = _Importer(document)
    try:
        with transaction.atomic():
            return importer.save()
    except IntegrityError as fault:
        raise FaultyFile(importer.broken_constraints() or [Fault("$", _the_database_refuses(fault))]) from fault


def _the_database_refuses(fault: IntegrityError) -> str:
    return _("The database refuses this: %(reason)s") % {"reason": str(fault).strip().splitlines()[0]}


class _Importer:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.rows: dict[str, list[Row]] = {}
        for row in document.all_rows():
            self.rows.setdefault(row.part.name if row.part.inside != "input" else f"input {row.part.name}", []).append(
                row
            )
        self.objects: dict[int, models.Model] = {}
        """The instance of each row of the document, by the row's identity."""
        self.names: dict[tuple[str, int | None, Any], models.Model] = {}
        self.rows_between: dict[type[models.Model], list[models.Model]] = {}
        """What stands in the tables between two models, gathered before it is written."""

    def rows_of(self, part: Part) -> list[Row]:
        return self.rows.get(part.name if part.inside != "input" else f"input {part.name}", [])

    def save(self) -> Series:
        self._refuse_what_is_there()
        self.series = Series.objects.create(**self.document.series.values)
        for part in SAVED_IN_ORDER:
            rows = self.rows_of(part)
            if part in parts.ADDRESS_BOOK:
                rows = self._take_those_there(part, rows)
            made = [self._instance(part, row) for row in rows]
            for row, instance in zip(rows, made, strict=True):
                self._remember(row, instance)
            part.model._base_manager.bulk_create(made, batch_size=BATCH)
        self._link_the_plan()
        self._write_guiding_questions()
        self._write_many(self.series, self.document.series)
        for part in (parts.CONSULTATIONS, parts.THEMES, parts.OUTCOMES):
            for row in self.rows_of(part):
                self._write_many(self.objects[id(row)], row)
        self._save_many()
        return self.series

    def broken_constraints(self) -> list[Fault]:
        """Find the rows that break a rule of the database, after it has refused one; a query for each rule and row."""
        found = []
        for row in self.document.all_rows():
            instance = self.objects.get(id(row))
            if instance is None:
                continue
            for constraint in instance._meta.constraints:
                if isinstance(constraint, CheckConstraint) and not _holds(constraint, instance):
                    found.append(Fault(row.path, _("This breaks the rule “%(name)s”.") % {"name": constraint.name}))
        return found

    def _refuse_what_is_there(self) -> None:
        faults = []
        slug = self.document.series.values["slug"]
        if Series.objects.filter(slug=slug).exists():
            reason = _("There is a series “%(slug)s” already. A file makes a new series; it does not change one.")
            faults.append(Fault("$.series.slug", reason % {"slug": slug}))
        codes = {row.natural: row for row in self.rows_of(parts.CONSULTATIONS)}
        for code in Consultation.objects.filter(code__in=codes).values_list("code", flat=True):
            reason = _("Another series has a consultation %(code)s already.") % {"code": code}
            faults.append(Fault(f"{codes[code].path}.code", reason))
        if faults:
            raise FaultyFile(faults)

    def _take_those_there(self, part: Part, rows: list[Row]) -> list[Row]:
        """Remember the rows of the address book that are there already; give the others. Refuses differing ones."""
        present = part.model._base_manager.select_related(*part.links)
        known = {
            getattr(each, part.natural): each for each in present.filter(**{f"{part.natural}__in": self._names(rows)})
        }
        faults, missing = [], []
        for row in rows:
            instance = known.get(row.natural)
            if instance is None:
                missing.append(row)
                continue
            self._remember(row, instance)
            faults += [
                Fault(
                    f"{row.path}.{key}",
                    _("“%(name)s” is in the address book already, with another value here.") % {"name": row.natural},
                )
                for key in part.keys
                if not self._is_same(part, key, row, instance)
            ]
        if part is parts.PEOPLE:
            faults += self._addresses_of_others(missing)
        if faults:
            raise FaultyFile(faults)
        return missing

    def _is_same(self, part: Part, key: str, row: Row, instance: models.Model) -> bool:
        if key in part.links:
            target = getattr(instance, key)
            return row.links[key] == (
                target and getattr(target, "slug" if part.links[key] == "stakeholder_types" else "key")
            )
        return bool(plain(row.values[key]) == plain(getattr(instance, key)))

    def _addresses_of_others(self, rows: list[Row]) -> list[Fault]:
        by_email = {row.values["email"].lower(): row for row in rows if row.values["email"]}
        taken = Person.objects.annotate(lower=Lower("email")).filter(lower__in=by_email)
        return [
            Fault(
                f"{by_email[email].path}.email",
                _("Somebody else in the address book, “%(key)s”, has this e-mail address.") % {"key": key},
            )
            for email, key in taken.values_list("lower", "key")
        ]

    def _instance(self, part: Part, row: Row) -> models.Model:
        values = {part.columns.get(key, key): value for key, value in row.values.items()}
        match part:
            case parts.AREAS:
                values = {key: value for key, value in values.items() if key != "guiding_questions"}
            case parts.EARLIER_MEETINGS:
                values["order"] = self.rows_of(part).index(row) + 1
            case parts.INPUTS:
                del values["id"]
        for key, name in row.links.items():
            if name is not None and key != "feeds_into":
                values[part.columns.get(key, key)] = self._named(row, part.links[key], name)
        if part.inside == "consideration" and row.outer:
            values["participation"] = self._participation(row.outer.links["consultation"], row.links["person"])
        if part.inside and row.outer:
            values[part.inside] = self.objects[id(row.outer)]
        if "series" in {column.name for column in part.model._meta.fields}:
            values["series"] = self.series
        return part.model(**values)

    def _participation(self, code: str, person: str) -> models.Model:
        consultation = next(row for row in self.document.lists["consultations"] if row.natural == code)
        return self.names[("participations", id(consultation), person)]

    def _remember(self, row: Row, instance: models.Model) -> None:
        self.objects[id(row)] = instance
        local = row.part.name in parts.LOCAL
        if row.part.natural and (local or row.outer is None or row.part is parts.INPUTS):
            self.names[(row.part.name, id(row.outer) if local else None, row.natural)] = instance

    def _named(self, row: Row, target: str, name: Any) -> models.Model:
        outer = row.outer
        while target in parts.LOCAL and outer is not None and outer.part.name != parts.LOCAL[target]:
            outer = outer.outer
        return self.names[(target, id(outer) if target in parts.LOCAL else None, name)]

    def _link_the_plan(self) -> None:
        linked = []
        for row in self.rows_of(parts.CONSULTATIONS):
            if row.links["feeds_into"]:
                consultation = self.objects[id(row)]
                consultation.feeds_into = self._named(row, "consultations", row.links["feeds_into"])  # type: ignore[attr-defined]
                linked.append(consultation)
        Consultation.objects.bulk_update(linked, ["feeds_into"], batch_size=BATCH)  # type: ignore[arg-type]

    def _write_guiding_questions(self) -> None:
        GuidingQuestion.objects.bulk_create(
            GuidingQuestion(area=self._area(row), text=text, order=place)
            for row in self.rows_of(parts.AREAS)
            for place, text in enumerate(row.values["guiding_questions"], start=1)
        )

    def _area(self, row: Row) -> CooperationArea:
        return self.objects[id(row)]  # type: ignore[return-value]

    def _write_many(self, instance: models.Model, row: Row) -> None:
        for key, names in row.many.items():
            through = getattr(type(instance), key).through
            relation = instance._meta.get_field(key)
            for name in names:
                target = self._named(row, row.part.many[key], name)
                columns = {relation.m2m_field_name(): instance, relation.m2m_reverse_field_name(): target}  # type: ignore[union-attr]
                self.rows_between.setdefault(through, []).append(through(**columns))

    def _save_many(self) -> None:
        for through, rows in self.rows_between.items():
            through._base_manager.bulk_create(rows, batch_size=BATCH)

    @staticmethod
    def _names(rows: Iterable[Row]) -> list[Any]:
        return [row.natural for row in rows]


def _holds(constraint: CheckConstraint, instance: models.Model) -> bool:
    try:
        constraint.validate(type(instance), instance)
    except ValidationError:
        return False
    return True
