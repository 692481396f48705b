"""From the database to the document."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from consultations.models import Consultation, Input, Series
from outcomes.models import Consideration, Correction, Descent, Outcome
from reports.seriesfile import parts
from reports.seriesfile.parts import Part
from stakeholders.models import Organisation, Person, StakeholderType

Data = dict[str, Any]


def write(series: Series) -> str:
    """Write a whole series as a document. The same rows give the same bytes; the number of queries is constant."""
    return json.dumps(tell(series), ensure_ascii=False, indent=1) + "\n"


def tell(series: Series) -> Data:
    """Give the document as plain data, with its keys in their order."""
    consultations = list(
        series.consultations.order_by("order", "code")
        .select_related("feeds_into")
        .prefetch_related(
            "partners",
            "areas",
            "sessions__area",
            "targets",
            "region_targets",
            "themes__areas",
            "participations",
            "inputs__taggings",
            "inputs__settings_aside",
        )
    )
    outcomes = list(
        Outcome.objects.filter(born_at__series=series)
        .order_by("reference")
        .prefetch_related(
            "further_areas",
            "addressees",
            "versions",
            "considerations__positions",
            "considerations__factual_corrections",
            "corrections__flags",
            "evidence",
        )
    )
    teller = _Teller(series, consultations, outcomes)
    return teller.document()


class _Teller:
    """Turns rows into plain data; knows by which natural key each row is named."""

    def __init__(self, series: Series, consultations: list[Consultation], outcomes: list[Outcome]) -> None:
        self.series, self.consultations, self.outcomes = series, consultations, outcomes
        self.areas = list(series.areas.order_by("order", "code").prefetch_related("guiding_questions"))
        self.regions = list(series.regions.order_by("order", "name"))
        self.tags = list(series.tags.order_by("name"))
        self.descents = list(
            Descent.objects.filter(consultation__series=series).order_by("parent__reference", "child__reference")
        )
        self.inputs = {
            consultation.pk: sorted(consultation.inputs.all(), key=lambda input: input.pk)
            for consultation in consultations
        }
        self.names: dict[str, dict[int, Any]] = defaultdict(dict)
        self.types: list[StakeholderType] = []
        self.organisations: list[Organisation] = []
        self.people: list[Person] = []
        self._name_everything()

    def document(self) -> Data:
        told: dict[str, Any] = {"format": parts.FORMAT, "series": self.row(parts.SERIES, self.series)}
        lists: dict[str, Iterable[Any]] = {
            "stakeholder_types": sorted(self.types, key=lambda row: (row.order, row.slug)),
            "organisations": sorted(self.organisations, key=lambda row: row.key),
            "people": sorted(self.people, key=lambda row: row.key),
            "areas": self.areas,
            "regions": self.regions,
            "earlier_meetings": self.series.earlier_meetings.order_by("order", "pk"),
            "consultations": self.consultations,
            "tags": self.tags,
            "outcomes": self.outcomes,
            "descents": self.descents,
        }
        for part in parts.LISTS:
            told[part.name] = [self.row(part, row) for row in lists[part.name]]
        return told

    def row(self, part: Part, row: Any) -> Data:
        told: Data = {}
        inner = {inside.name: inside for inside in part.parts}
        for key in part.keys:
            if key in inner:
                told[key] = [self.row(inner[key], each) for each in self.rows_inside(inner[key], row)]
            elif key in part.many:
                names = [self.names[part.many[key]][each.pk] for each in getattr(row, key).all()]
                told[key] = sorted(names)
            elif key in part.links:
                told[key] = self.name_of(part, key, row)
            elif part is parts.AREAS and key == "guiding_questions":
                told[key] = [question.text for question in row.guiding_questions.all()]
            elif part is parts.INPUTS and key == "id":
                told[key] = self.names["inputs"][row.pk]
            elif part is parts.SESSIONS and key == "order":
                told[key] = self.names["sessions"][row.pk]
            else:
                told[key] = plain(getattr(row, part.columns.get(key, key)))
        return told

    def name_of(self, part: Part, key: str, row: Any) -> Any:
        """The natural key of the row that a link points at; None where it points at nothing."""
        column = part.columns.get(key, key)
        target = getattr(row, f"{column}_id")
        list_of_names = "participations" if column == "participation" else part.links[key]
        return None if target is None else self.names[list_of_names][target]

    def rows_inside(self, part: Part, row: Any) -> list[Any]:
        """The rows of an inner list, in an order that does not depend on the database."""
        match part.name:
            case "sessions":
                return _sessions(row)
            case "targets":
                return sorted(
                    row.targets.all(), key=lambda each: self.names["stakeholder_types"][each.stakeholder_type_id]
                )
            case "region_targets":
                return sorted(row.region_targets.all(), key=lambda each: self.names["regions"][each.region_id])
            case "themes":
                return sorted(row.themes.all(), key=lambda each: (each.order, each.code))
            case "participations":
                return sorted(row.participations.all(), key=lambda each: self.names["people"][each.person_id])
            case "inputs":
                return self.inputs[row.pk]
            case "tags":
                return sorted(row.taggings.all(), key=lambda each: self.names["tags"][each.tag_id])
            case "versions":
                return sorted(row.versions.all(), key=lambda each: each.number)
            case name:
                return sorted(getattr(row, name).all(), key=lambda each: each.pk)

    def _name_everything(self) -> None:
        names = self.names
        for area in self.areas:
            names["areas"][area.pk] = area.code
        for region in self.regions:
            names["regions"][region.pk] = region.name
        for tag in self.tags:
            names["tags"][tag.pk] = tag.name
        for consultation in self.consultations:
            names["consultations"][consultation.pk] = consultation.code
            for place, session in enumerate(_sessions(consultation), start=1):
                names["sessions"][session.pk] = place
            for place, input in enumerate(self.inputs[consultation.pk], start=1):
                names["inputs"][input.pk] = f"{consultation.code}/{place}"
        for outcome in self.outcomes:
            names["outcomes"][outcome.pk] = outcome.reference
            for version in outcome.versions.all():
                names["versions"][version.pk] = version.number
            for consideration in outcome.considerations.all():
                names["considerations"][consideration.pk] = names["consultations"][consideration.consultation_id]
        self._name_the_address_book()
        for consultation in self.consultations:
            for participation in consultation.participations.all():
                names["participations"][participation.pk] = names["people"][participation.person_id]

    def _name_the_address_book(self) -> None:
        """Everybody and everything that a row of the series points at."""
        pointed: dict[str, set[int]] = {part.name: set() for part in parts.ADDRESS_BOOK}
        pointed["stakeholder_types"] |= {row.pk for row in self.series.stakeholder_types.all()}
        for part, row in self._all_rows():
            for key, target in part.links.items():
                column = part.columns.get(key, key)
                # Who takes part is pointed at by the participation itself.
                if target in pointed and column != "participation" and (pk := getattr(row, f"{column}_id")) is not None:
                    pointed[target].add(pk)
            for key, target in part.many.items():
                if target in pointed:
                    pointed[target] |= {each.pk for each in getattr(row, key).all()}
        self.people = list(Person.objects.filter(pk__in=pointed["people"]))
        pointed["organisations"] |= {row.organisation_id for row in self.people if row.organisation_id}
        self.organisations = list(Organisation.objects.filter(pk__in=pointed["organisations"]))
        typed: list[Person | Organisation] = [*self.people, *self.organisations]
        pointed["stakeholder_types"] |= {row.stakeholder_type_id for row in typed if row.stakeholder_type_id}
        self.types = list(StakeholderType.objects.filter(pk__in=pointed["stakeholder_types"]))
        self.names["stakeholder_types"] = {row.pk: row.slug for row in self.types}
        self.names["organisations"] = {row.pk: row.key for row in self.organisations}
        self.names["people"] = {row.pk: row.key for row in self.people}

    def _all_rows(self) -> Iterable[tuple[Part, Any]]:
        yield from ((parts.TAGS, tag) for tag in self.tags)
        found: list[tuple[Part, list[Any]]] = [
            (parts.CONSULTATIONS, self.consultations),
            (parts.OUTCOMES, self.outcomes),
        ]
        for part, rows in found:
            for row in rows:
                yield part, row
                for inner in part.parts:
                    related = self.inputs[row.pk] if inner is parts.INPUTS else getattr(row, inner.name).all()
                    for each in related:
                        yield inner, each
                        if isinstance(each, Input):
                            yield from ((parts.TAGGINGS, tagging) for tagging in each.taggings.all())
                            yield from ((parts.SETTINGS_ASIDE, aside) for aside in each.settings_aside.all())
                        if isinstance(each, Consideration):
                            yield from ((parts.POSITIONS, said) for said in each.positions.all())
                            given = each.factual_corrections.all()
                            yield from ((parts.FACTUAL_CORRECTIONS, correction) for correction in given)
                        if isinstance(each, Correction):
                            yield from ((parts.FLAGS, flag) for flag in each.flags.all())


def plain(value: Any) -> Any:
    """A value as JSON has it: moments in UTC ending in Z, days as year-month-day, keys of its own in their order."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        # PostgreSQL keeps the keys of a JSON column in an order of its own.
        return dict(sorted(value.items()))
    return value


def _sessions(consultation: Consultation) -> list[Any]:
    return sorted(consultation.sessions.all(), key=lambda session: (session.order, session.pk))
