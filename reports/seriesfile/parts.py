"""What the document consists of: for each list in it the model, its keys in their order, and what they mean.

A plain key is a column of the model, checked by the model's own field. A link names another row by its natural key.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db import models

from consultations.models import (
    AgendaSession,
    Consultation,
    CooperationArea,
    EarlierMeeting,
    Input,
    Participation,
    Region,
    RegionTarget,
    Series,
    Target,
    Theme,
)
from outcomes.models import (
    Consideration,
    Correction,
    Descent,
    Evidence,
    FactualCorrection,
    Flag,
    Outcome,
    Position,
    SettingAside,
    Tag,
    Tagging,
    Version,
)
from stakeholders.models import Organisation, Person, StakeholderType

FORMAT = "consultation-series/1"


@dataclass(frozen=True)
class Part:
    """One list of rows in the document.

    `links` and `many` give for a key the name of the list in which its natural keys are found. `parts` are the lists
    inside each row. `natural` is the column by which other rows name a row of this list, where they do. `columns`
    gives the column of a key that is called otherwise in the document.
    """

    name: str
    model: type[models.Model]
    keys: tuple[str, ...]
    links: dict[str, str] = field(default_factory=dict)
    many: dict[str, str] = field(default_factory=dict)
    parts: tuple["Part", ...] = ()
    natural: str = ""
    inside: str = ""
    columns: dict[str, str] = field(default_factory=dict)

    def column(self, key: str) -> Any:
        """The model's field behind a plain key."""
        return self.model._meta.get_field(self.columns.get(key, key))

    @property
    def plain(self) -> list[str]:
        """The keys that are columns of the model."""
        inner = {part.name for part in self.parts}
        return [key for key in self.keys if key not in self.links and key not in self.many and key not in inner]


SERIES = Part(
    name="series",
    model=Series,
    keys=("slug", "title", "central_question", "summary", "background", "agreement_rule", "stakeholder_types"),
    many={"stakeholder_types": "stakeholder_types"},
)
STAKEHOLDER_TYPES = Part(
    name="stakeholder_types",
    model=StakeholderType,
    keys=("slug", "name", "plural", "is_lead", "order"),
    natural="slug",
)
ORGANISATIONS = Part(
    name="organisations",
    model=Organisation,
    keys=("key", "name", "stakeholder_type", "city", "country", "is_sample"),
    links={"stakeholder_type": "stakeholder_types"},
    natural="key",
)
PEOPLE = Part(
    name="people",
    model=Person,
    keys=("key", "name", "email", "language", "organisation", "stakeholder_type", "country", "is_sample"),
    links={"organisation": "organisations", "stakeholder_type": "stakeholder_types"},
    natural="key",
)
AREAS = Part(
    name="areas",
    model=CooperationArea,
    keys=("code", "title", "description", "order", "guiding_questions"),
    natural="code",
)
"""`guiding_questions` is a list of texts, in their order; `reading` and `writing` know it."""
EARLIER_MEETINGS = Part(name="earlier_meetings", model=EarlierMeeting, keys=("title", "place"))
REGIONS = Part(name="regions", model=Region, keys=("name", "countries", "order"), natural="name")
SESSIONS = Part(
    name="sessions",
    model=AgendaSession,
    keys=(
        "order", "kind", "title", "starts_at", "ends_at", "room", "area", "stakeholder_type", "moderator", "rapporteur",
    ),
    links={"area": "areas", "stakeholder_type": "stakeholder_types", "moderator": "people", "rapporteur": "people"},
    natural="order",
    inside="consultation",
)  # fmt: skip
TARGETS = Part(
    name="targets",
    model=Target,
    keys=("stakeholder_type", "number"),
    links={"stakeholder_type": "stakeholder_types"},
    natural="stakeholder_type",
    inside="consultation",
)
REGION_TARGETS = Part(
    name="region_targets",
    model=RegionTarget,
    keys=("region", "number"),
    links={"region": "regions"},
    natural="region",
    inside="consultation",
)
THEMES = Part(
    name="themes",
    model=Theme,
    keys=("code", "title", "description", "order", "areas"),
    many={"areas": "areas"},
    natural="code",
    inside="consultation",
)
PARTICIPATIONS = Part(
    name="participations",
    model=Participation,
    keys=(
        "person", "organisation", "stakeholder_type", "capacity", "role", "answer", "invited_at", "answered_at",
        "decline_reason", "attended", "checked_in_at", "checked_in_by", "may_be_listed", "may_be_photographed",
        "may_be_asked_again", "link_number",
        "more_time_until", "more_time_at", "more_time_by",
    ),
    links={
        "person": "people", "organisation": "organisations", "stakeholder_type": "stakeholder_types",
        "checked_in_by": "people", "more_time_by": "people",
    },
    natural="person",
    inside="consultation",
)  # fmt: skip
TAGGINGS = Part(
    name="tags",
    model=Tagging,
    keys=("name", "by", "at"),
    links={"name": "tags", "by": "people"},
    natural="name",
    inside="input",
    columns={"name": "tag", "by": "tagged_by", "at": "tagged_at"},
)
SETTINGS_ASIDE = Part(
    name="settings_aside",
    model=SettingAside,
    keys=("reason", "by", "at", "taken_back_by", "taken_back_at"),
    links={"by": "people", "taken_back_by": "people"},
    inside="input",
    columns={"by": "set_aside_by", "at": "set_aside_at"},
)
INPUTS = Part(
    name="inputs",
    model=Input,
    keys=(
        "id", "person", "area", "session", "kind", "title", "text", "language", "attribution", "bears_on", "table",
        "state", "number", "created_at", "changed_at", "submitted_at", "withdrawn_at", "entered_by", "tags",
        "settings_aside",
    ),
    links={"person": "participations", "area": "areas", "session": "sessions", "entered_by": "people"},
    parts=(TAGGINGS, SETTINGS_ASIDE),
    natural="id",
    inside="consultation",
    columns={"person": "participation"},
)  # fmt: skip
"""`id` is no column: it names the input inside the document, drafts too, which have no reference."""
CONSULTATIONS = Part(
    name="consultations",
    model=Consultation,
    keys=(
        "code", "title", "kind", "state", "order", "description", "city", "country", "venue", "starts_on", "ends_on",
        "time_zone", "host", "partners", "places", "areas", "languages", "inputs_open_at", "inputs_close_at",
        "validation_closes_at", "default_attribution", "feeds_into", "agreement_rule", "announced_at", "announced_by",
        "concluded_at", "concluded_by", "cancelled_at", "cancelled_by", "cancellation_reason", "sessions", "targets",
        "region_targets", "themes", "participations", "inputs",
    ),
    links={
        "host": "organisations", "feeds_into": "consultations", "announced_by": "people", "concluded_by": "people",
        "cancelled_by": "people",
    },
    many={"partners": "organisations", "areas": "areas"},
    parts=(SESSIONS, TARGETS, REGION_TARGETS, THEMES, PARTICIPATIONS, INPUTS),
    natural="code",
)  # fmt: skip
TAGS = Part(
    name="tags",
    model=Tag,
    keys=("name", "description", "retired_at", "retired_by"),
    links={"retired_by": "people"},
    natural="name",
)
VERSIONS = Part(
    name="versions",
    model=Version,
    keys=(
        "number", "consultation", "title", "statement", "language", "change_note", "is_correction", "revision",
        "drafted_at", "drafted_by", "signed_at", "signed_by", "frozen_at", "discarded_at", "discarded_by",
    ),
    links={
        "consultation": "consultations", "drafted_by": "people", "signed_by": "people", "discarded_by": "people",
    },
    natural="number",
    inside="outcome",
)  # fmt: skip
POSITIONS = Part(
    name="positions",
    model=Position,
    keys=(
        "person", "version", "revision", "stance", "holds", "reason", "wording", "own_evidence", "attribution",
        "taken_at", "entered_by", "superseded_at", "outdated_at", "withdrawn_at",
    ),
    links={"person": "people", "version": "versions", "entered_by": "people"},
    inside="consideration",
    columns={"person": "participation"},
)  # fmt: skip
FACTUAL_CORRECTIONS = Part(
    name="factual_corrections",
    model=FactualCorrection,
    keys=("person", "version", "revision", "text", "given_at", "is_accepted", "answer", "answered_at", "answered_by"),
    links={"person": "people", "version": "versions", "answered_by": "people"},
    inside="consideration",
    columns={"person": "participation"},
)
"""`person` is somebody who takes part in the consultation of the consideration; the column is their participation."""
CONSIDERATIONS = Part(
    name="considerations",
    model=Consideration,
    keys=(
        "consultation", "version_before", "version_after", "disposition", "reason", "disposed_at", "disposed_by",
        "laid_at", "laid_from", "positions", "factual_corrections",
    ),
    links={
        "consultation": "consultations", "version_before": "versions", "version_after": "versions",
        "disposed_by": "people", "laid_from": "consultations",
    },
    parts=(POSITIONS, FACTUAL_CORRECTIONS),
    natural="consultation",
    inside="outcome",
)  # fmt: skip
EVIDENCE = Part(
    name="evidence",
    model=Evidence,
    keys=(
        "input", "relation", "quote", "note", "linked_at", "linked_by", "withdrawn_at", "withdrawn_by",
        "withdrawal_reason",
    ),
    links={"input": "inputs", "linked_by": "people", "withdrawn_by": "people"},
    inside="outcome",
)  # fmt: skip
FLAGS = Part(
    name="flags",
    model=Flag,
    keys=("consultation", "raised_at", "is_taken", "reason", "resolved_at", "resolved_by"),
    links={"consultation": "considerations", "resolved_by": "people"},
    inside="correction",
    columns={"consultation": "consideration"},
)
CORRECTIONS = Part(
    name="corrections",
    model=Correction,
    keys=(
        "consultation", "version", "reason", "made_at", "made_by", "state", "finished_at", "followed", "asked", "flags",
    ),
    links={"consultation": "consultations", "version": "versions", "made_by": "people"},
    parts=(FLAGS,),
    inside="outcome",
)  # fmt: skip
OUTCOMES = Part(
    name="outcomes",
    model=Outcome,
    keys=(
        "reference", "born_at", "area", "further_areas", "number", "kind", "addressees", "created_at", "dropped_at",
        "dropped_by", "withdrawn_at", "withdrawn_by", "withdrawal_reason", "versions", "considerations", "corrections",
        "evidence",
    ),
    links={"born_at": "consultations", "area": "areas", "dropped_by": "people", "withdrawn_by": "people"},
    many={"further_areas": "areas", "addressees": "stakeholder_types"},
    parts=(VERSIONS, CONSIDERATIONS, CORRECTIONS, EVIDENCE),
    natural="reference",
)  # fmt: skip
DESCENTS = Part(
    name="descents",
    model=Descent,
    keys=("parent", "child", "consultation", "kind"),
    links={"parent": "outcomes", "child": "outcomes", "consultation": "consultations"},
)

ADDRESS_BOOK = (STAKEHOLDER_TYPES, ORGANISATIONS, PEOPLE)
"""What may be in the database already, from another series."""
LISTS = (*ADDRESS_BOOK, AREAS, REGIONS, EARLIER_MEETINGS, CONSULTATIONS, TAGS, OUTCOMES, DESCENTS)
KEYS = ("format", "series", *(part.name for part in LISTS))
"""The keys of the document itself, in their order."""
LOCAL = {
    "sessions": "consultations",
    "participations": "consultations",
    "versions": "outcomes",
    "considerations": "outcomes",
}
"""Lists whose natural keys hold only inside one row of an outer list, such as a version's number in its outcome."""
