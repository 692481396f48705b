"""Desks of any size, and everything that is done at them: what tests count and `bench.desk` times.

Rows are laid down in bulk, so that five thousand inputs are there in seconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle, islice
from random import Random
from typing import Any

from django.urls import reverse

from consultations.models import Attribution, Consultation, ConsultationState, Input, InputKind, Participation, Role
from outcomes.models import (
    Consideration,
    Descent,
    Evidence,
    FactualCorrection,
    Outcome,
    OutcomeKind,
    Position,
    SettingAside,
    Tag,
    Tagging,
    Version,
)
from outcomes.models.positions import Stance
from outcomes.positions import text_of
from stakeholders.models import Organisation, Person, StakeholderType
from tests.factories import CLOSES, CONCLUSION, NOW, SYNTHESIS, make_series, make_staff, make_type, plan, take_part

TYPES = [
    "city", "business", "trade-union", "chamber", "academia", "migrant-organisation", "national-policymaker",
    "civil-society", "human-rights", "diaspora", "media", "funder",
]  # fmt: skip
TAGS = 40
"""In the codebook of each series."""
WORDS = {
    "en": "the newcomers of our city bring skills that firms need and cannot find while their diplomas wait for "
    "recognition in one office after another so we ask for a training fund which employers and councils pay into",
    "fr": "les nouveaux arrivants de notre ville apportent des compétences que les entreprises cherchent alors que "
    "leurs diplômes attendent la reconnaissance et nous demandons un fonds de formation payé en commun",
    "es": "los recién llegados a nuestra ciudad traen habilidades que las empresas buscan mientras sus títulos esperan "
    "el reconocimiento y pedimos un fondo de formación que paguen juntos el municipio y los empleadores",
    "nl": "de nieuwkomers van onze stad brengen vaardigheden die bedrijven zoeken terwijl hun diploma wacht op "
    "erkenning en wij vragen om een opleidingsfonds waaraan gemeenten en werkgevers samen betalen",
    "de": "die Zugewanderten unserer Stadt bringen Fähigkeiten mit die den Betrieben fehlen während ihre Zeugnisse auf "
    "die Anerkennung warten und wir bitten um einen Fonds für die Ausbildung in den viele gemeinsam einzahlen",
    "ar": "القادمون الجدد إلى مدينتنا يحملون مهارات تحتاجها الشركات بينما تنتظر شهاداتهم الاعتراف ونطلب صندوقا للتدريب "
    "تدفع له البلديات وأرباب العمل معا",
}
EVERYWHERE = "Johannesburg"
"""A word that stands in every input."""
RARE = "kindergarten"
"""A word that stands in ten inputs, however many there are."""
PHRASE = "common planning table"
"""Words that stand side by side in ten inputs, however many there are."""
BORN, LAID = CONCLUSION - timedelta(days=400), NOW
EVIDENCE_OF_THE_FIRST = 4


@dataclass
class Desk:
    """The desk of one consultation, and the rows on it with which something can be done."""

    consultation: Consultation
    staff: Person
    rapporteur: Person
    organiser: Person
    unused: list[int] = field(default_factory=list)
    """The numbers of inputs without a fate."""
    set_aside: list[int] = field(default_factory=list)
    drafts: list[Outcome] = field(default_factory=list)
    laid: list[Outcome] = field(default_factory=list)
    """Outcomes before the consultation; nobody has decided about the first twelve, the last one is reaffirmed."""
    tags: list[Tag] = field(default_factory=list)
    correction: FactualCorrection | None = None


@dataclass(frozen=True)
class Act:
    """One page of the desk, or one thing that is done there; `data` is what is sent, None for a page.

    `like` names the act that shows as many rows at a small desk as this one does at a large one, where this one itself
    finds fewer there.
    """

    name: str
    path: str
    data: dict[str, Any] | None = None
    answer: int = 200
    who: str = "rapporteur"
    in_validation: bool = False
    like: str = ""
    for_all: bool = False


def set_up(
    code: str, *, inputs: int, drafts: int, laid: int, people: int, positions_by: int = 10, seed: int = 1
) -> Desk:
    """Make a desk in synthesis, in a series of its own, half of its inputs with a fate.

    `laid` outcomes from an earlier event are before it, half of them decided; `people` are on the list, of twelve
    stakeholder types, and `positions_by` of them have said where they stand on every outcome.
    """
    random = Random(seed)  # noqa: S311  nothing secret: the same desk every time
    types = [make_type(slug) for slug in TYPES]
    series = make_series(code.lower())
    series.stakeholder_types.set(types)
    staff = make_staff()
    consultation = plan(
        series, code, state=ConsultationState.IN_SYNTHESIS, announced_at=BORN, announced_by=staff,
        agreement_rule=series.agreement_rule,
    )  # fmt: skip
    origin = plan(
        series, f"{code}0", state=ConsultationState.CONCLUDED, feeds_into=consultation, announced_at=BORN,
        announced_by=staff, concluded_at=BORN, concluded_by=staff, agreement_rule=series.agreement_rule,
    )  # fmt: skip
    rapporteur = take_part(consultation, role=Role.RAPPORTEUR).person
    organiser = take_part(consultation, role=Role.ORGANISER).person
    desk = Desk(consultation, staff, rapporteur, organiser)
    desk.tags = Tag.objects.bulk_create(Tag(series=series, name=f"tag {number:02}") for number in range(TAGS))
    participations = _gather(consultation, people, types)
    given = _give(consultation, inputs, participations, random)
    desk.drafts = _draft(desk, consultation, drafts, random)
    desk.laid = _lay(desk, origin, laid, random)
    _work_through(desk, given, random)
    _take_positions(desk, participations[:positions_by])
    return desk


def acts_at(desk: Desk) -> Iterator[Act]:
    """Everything that is done at a desk in synthesis or in validation, one after another."""
    code = desk.consultation.code
    draft, first, decided = desk.drafts[0].reference, desk.laid[0].reference, desk.laid[-1].reference
    area = desk.consultation.areas.order_by("order")[0]
    type = StakeholderType.objects.get(slug="city")
    evidence = Evidence.objects.filter(outcome=desk.drafts[0])[0]
    tagged = Tagging.objects.filter(input__consultation=desk.consultation).select_related("input")[0]
    version = desk.drafts[0].versions.get()
    twenty = desk.unused[:20]

    def at(name: str, *args: object, query: str = "") -> str:
        return reverse(f"outcomes:{name}", args=[code, *args]) + query

    yield Act("front page", at("desk"))
    yield Act("inputs", at("desk_inputs"))
    yield Act("inputs, read by the organiser", at("desk_inputs"), who="organiser", like="inputs")
    filters = {
        "area": f"area={area.pk}", "kind": "kind=proposal", "type": f"type={type.pk}", "tag": "tag=tag 07",
        "open": "fate=open", "used": "fate=used", "set aside": "fate=set_aside",
        "two filters": f"area={area.pk}&fate=open",
    }  # fmt: skip
    for name, query in filters.items():
        yield Act(f"inputs: {name}", at("desk_inputs", query=f"?{query}"), like="inputs")
    for order in ["area", "number", "newest"]:
        yield Act(f"inputs by {order}", at("desk_inputs", query=f"?order={order}"))
    yield Act("inputs, page 3", at("desk_inputs", query="?page=3"), like="inputs")
    yield Act("inputs, last page", at("desk_inputs", query="?page=9999"))
    searches = {
        "a word of all": EVERYWHERE, "a word of many": "diplomas", "two words": "diplomas office", "a prefix": "recog",
        "a rare word": RARE, "a phrase": f'"{PHRASE}"', "no hit": "xylophone", "a reference": f"{code}-I-007",
    }  # fmt: skip
    for name, words in searches.items():
        like = "search: a word of all" if name in {"a word of many", "two words", "a prefix"} else ""
        yield Act(f"search: {name}", at("desk_inputs", query=f"?q={words}"), like=like)
    inputs = at("desk_inputs")
    yield Act("tag one", inputs, {"act": "tag", "tag-name": "tag 07", "input": twenty[:1]}, 302)
    yield Act("tag one with a new tag", inputs, {"act": "tag", "tag-name": "fresh", "input": twenty[:1]}, 302)
    yield Act("tag twenty", inputs, {"act": "tag", "tag-name": "tag 07", "input": twenty}, 302)
    yield Act("take a tag off twenty", inputs, {"act": "untag", "tag-name": "tag 08", "input": twenty}, 302)
    yield Act("take a tag off one", at("untag", tagged.input.number, tagged.tag_id), {}, 302)
    yield Act("set one aside", inputs, {"act": "set_aside", "aside-reason": "No.", "input": twenty[:1]}, 302)
    yield Act("set twenty aside", inputs, {"act": "set_aside", "aside-reason": "No.", "input": twenty}, 302)
    yield Act("set aside without a reason", inputs, {"act": "set_aside", "aside-reason": "", "input": twenty})
    yield Act("take one back", at("take_back", desk.set_aside[0]), {}, 302)
    yield Act("use two", inputs, {"act": "use", "use-outcome": draft, "input": twenty[:2]}, 302)
    yield Act("draft from two", inputs, {"act": "draft", "input": twenty[:2]}, 302)
    yield from _on_drafts(desk, at, twenty, area=area.pk, version=version, evidence=evidence)
    yield from _on_what_was_laid(at, first, decided, desk, area=area.pk)
    yield Act("codebook", at("codebook"))
    yield Act("add a tag", at("codebook"), {"name": "fresh", "description": "New."}, 302, who="staff")
    yield Act("one tag", at("codebook_tag", desk.tags[7].pk))
    yield Act("rename a tag", at("codebook_tag", desk.tags[7].pk), {"act": "describe", "name": "other"}, 302)
    yield Act("balance", at("balance"), who="organiser")
    yield Act("organisations not asked", at("unasked", type.slug), who="organiser")
    yield Act("conclusion", at("conclude"), who="organiser")
    yield Act("positions", at("desk_positions"), in_validation=True)
    yield Act("positions on behalf", at("positions_on_behalf"), who="staff", in_validation=True)
    if desk.correction:
        answer = {f"correction-{desk.correction.pk}-is_accepted": "yes"}
        path = at("answer_correction", desk.correction.pk)
        yield Act("answer a correction", path, answer, 302, in_validation=True)
    yield Act("sign", at("sign"), {"seen": "{}"}, 302, who="organiser", in_validation=True)
    number = {"all": str(len(Input.objects.filter(consultation=desk.consultation)))}
    yield Act("tag all that match", inputs, {"act": "tag", "tag-name": "tag 07", **number}, 302, for_all=True)
    yield Act("take a tag off all", inputs, {"act": "untag", "tag-name": "tag 08", **number}, 302, for_all=True)
    open_ones = at("desk_inputs", query="?fate=open")
    number = {"all": str(len(desk.unused))}
    aside = {"act": "set_aside", "aside-reason": "No.", **number}
    yield Act("set all open ones aside", open_ones, aside, 302, for_all=True)


def _on_drafts(
    desk: Desk, at: Any, twenty: list[int], *, area: int, version: Version, evidence: Evidence
) -> Iterator[Act]:
    draft = desk.drafts[0].reference
    text = {"title": "One fund", "statement": "Cities and firms pay into one fund.", "kind": "finding"}
    linked: dict[str, Any] = {}
    for number in twenty[:2]:
        linked |= {f"input-{number}-relation": "supports", f"input-{number}-quote": "", f"input-{number}-note": ""}
    two = f"?input={twenty[0]}&input={twenty[1]}"
    yield Act("drafts", at("desk_drafts"))
    yield Act("new draft", at("draft_new"))
    yield Act("new draft from two", at("draft_new", query=two))
    yield Act("draft", at("draft_new"), {**text, "area": area}, 302)
    yield Act("draft from two, sent", at("draft_new", query=two), {**text, **linked, "area": area}, 302)
    yield Act("one draft", at("draft_edit", draft))
    yield Act("change a draft", at("draft_edit", draft), {**text, "revision": version.revision}, 302)
    yield Act("change a draft, overtaken", at("draft_edit", draft), {**text, "revision": 99})
    yield Act("drop a draft", at("drop_draft", draft), {}, 302)
    yield Act("link evidence: choose inputs", at("link_evidence", draft), like="link evidence: choose all")
    everything = f"?q={EVERYWHERE}"
    yield Act("link evidence: choose all", at("link_evidence", draft, query=everything))
    yield Act("link evidence: passages", at("link_evidence", draft, query=two))
    yield Act("link evidence", at("link_evidence", draft, query=two), linked, 302)
    yield Act("withdraw evidence: page", at("withdraw_evidence", evidence.pk))
    yield Act("withdraw evidence", at("withdraw_evidence", evidence.pk), {"reason": "Misread."}, 302)


def _on_what_was_laid(at: Any, first: str, decided: str, desk: Desk, *, area: int) -> Iterator[Act]:
    text = {"title": "One fund", "statement": "Cities and firms pay into one fund.", "change_note": "Shorter."}
    refined = {"act": "refine", **{f"refine-{name}": value for name, value in text.items()}}
    pair = f"?outcome={desk.laid[0].reference}&outcome={desk.laid[1].reference}"
    new = {"title": "One fund", "statement": "Both pay.", "kind": "finding", "area": area}
    parts = {f"part-{number}-{name}": value for number in [1, 2] for name, value in new.items()}
    yield Act("outcomes before us", at("desk_before"))
    yield Act("outcomes before us, open", at("desk_before", query="?open=1"), like="outcomes before us")
    yield Act("one outcome before us", at("consideration", first))
    yield Act("reaffirm", at("consideration", first), {"act": "reaffirm", "reaffirm-reason": ""}, 302)
    yield Act("contest", at("consideration", first), {"act": "contest", "contest-reason": "No."}, 302)
    yield Act("not considered", at("consideration", first), {"act": "not_considered"}, 302)
    yield Act("undo", at("undo", decided), {}, 302)
    yield Act("refine: preview", at("consideration", first), {**refined, "preview": "1"})
    yield Act("refine", at("consideration", first), refined, 302)
    yield Act("merge: page", at("merge", query=pair))
    yield Act("merge", at("merge", query=pair), new, 302)
    yield Act("split: page", at("split", first))
    yield Act("split", at("split", first), {**parts, "parts": "2"}, 302)


def _gather(consultation: Consultation, number: int, types: Sequence[StakeholderType]) -> list[Participation]:
    code = consultation.code
    organisations = Organisation.objects.bulk_create(
        Organisation(key=f"{code}-{place}", name=f"Organisation {place} of {code}", stakeholder_type=type)
        for place, type in enumerate(islice(cycle(types), 2 * number))
    )
    people = Person.objects.bulk_create(
        Person(key=f"{code}-{place}", name=f"Author {place} (sample)", email=f"{code}{place}@city.example".lower())
        for place in range(number)
    )
    fields = {"answer": "accepted", "invited_at": BORN, "answered_at": BORN}
    return Participation.objects.bulk_create(
        Participation(
            consultation=consultation, person=person, organisation=organisation,
            stakeholder_type=organisation.stakeholder_type, **fields,
        )
        for person, organisation in zip(people, cycle(organisations), strict=False)
    )  # fmt: skip


def _text(random: Random, language: str, *, words: int) -> str:
    """Sentences of that many words in all."""
    known = WORDS[language].split()
    said = random.choices(known, k=words)
    lengths = range(9, words, 17)
    return ". ".join(" ".join(said[start : start + 17]).capitalize() for start in [0, *lengths]) + "."


def _give(consultation: Consultation, number: int, by: Sequence[Participation], random: Random) -> list[Input]:
    areas = list(consultation.areas.all())
    languages = ["en", "en", "en", "fr", "es", "nl", "de", "ar"]
    rows = []
    for place in range(1, number + 1):
        language = random.choice(languages)
        text = f"{_text(random, language, words=random.randint(60, 160))} {EVERYWHERE}."
        # Ten of each, far apart.
        text += f" {RARE}." if place % (number // 10) == 0 else ""
        text += f" {PHRASE}." if place % (number // 10) == 1 else ""
        rows.append(
            Input(
                participation=by[place % len(by)], consultation=consultation, area=random.choice(areas),
                kind=random.choice(InputKind.values), title=_text(random, language, words=9)[:120], text=text,
                language=language, attribution=random.choice(Attribution.values), state="submitted", number=place,
                created_at=BORN, changed_at=BORN, submitted_at=CLOSES - timedelta(minutes=number - place),
                bears_on=f"{consultation.code}0-KT-01" if place % 10 == 3 else "",
            )
        )  # fmt: skip
    return Input.objects.bulk_create(rows, batch_size=1000)


def _births(born_at: Consultation, number: int, *, by: Person, random: Random, at: Any) -> list[Version]:
    areas = list(born_at.areas.order_by("order"))
    outcomes = Outcome.objects.bulk_create(
        Outcome(
            born_at=born_at, area=area, number=place // len(areas) + 1, kind=OutcomeKind.RECOMMENDATION, created_at=at,
            reference=f"{born_at.code}-{area.code}-{place // len(areas) + 1:02}",
        )
        for place, area in zip(range(number), cycle(areas), strict=False)
    )  # fmt: skip
    return Version.objects.bulk_create(
        Version(
            outcome=outcome, number=1, consultation=born_at, title=_text(random, "en", words=9)[:120],
            statement=_text(random, "en", words=60), drafted_at=at, drafted_by=by,
        )
        for outcome in outcomes
    )  # fmt: skip


def _draft(desk: Desk, consultation: Consultation, number: int, random: Random) -> list[Outcome]:
    versions = _births(consultation, number, by=desk.rapporteur, random=random, at=SYNTHESIS)
    Consideration.objects.bulk_create(
        Consideration(
            outcome=version.outcome, consultation=consultation, version_after=version, disposition="proposed",
            disposed_at=SYNTHESIS, disposed_by=desk.rapporteur, laid_at=SYNTHESIS,
        )
        for version in versions
    )  # fmt: skip
    return [version.outcome for version in versions]


def _lay(desk: Desk, origin: Consultation, number: int, random: Random) -> list[Outcome]:
    """Outcomes of the earlier event, every second of which came out of a merge there."""
    author = make_staff()
    versions = _births(origin, number, by=author, random=random, at=BORN)
    keys = [version.pk for version in versions]
    Version.objects.filter(pk__in=keys).update(signed_at=BORN, signed_by=desk.staff, frozen_at=BORN)
    disposed = {"disposed_at": BORN, "disposed_by": author}
    Consideration.objects.bulk_create(
        Consideration(
            outcome=version.outcome, consultation=origin, version_after=version, disposition="proposed", laid_at=BORN,
            **disposed,
        )
        for version in versions
    )  # fmt: skip
    decided = {"disposition": "reaffirmed", "disposed_at": SYNTHESIS, "disposed_by": desk.rapporteur}
    Consideration.objects.bulk_create(
        Consideration(
            outcome=version.outcome, consultation=desk.consultation, version_before=version, laid_at=LAID,
            laid_from=origin, **({"version_after": version, **decided} if place >= max(12, number // 2) else {}),
        )
        for place, version in enumerate(versions)
    )  # fmt: skip
    outcomes = [version.outcome for version in versions]
    Descent.objects.bulk_create(
        Descent(parent=parent, child=child, consultation=origin, kind="merge")
        for parent, child in zip(outcomes[2::2], outcomes[3::2], strict=False)
    )
    return outcomes


def _work_through(desk: Desk, given: list[Input], random: Random) -> None:
    """Tag two inputs of three; use a quarter of all as evidence and set a quarter aside.

    The first draft rests on as many inputs at every desk; the first twenty open inputs all have one tag.
    """
    used, aside, rest = given[::4], given[1::4], sorted(given[2::4] + given[3::4], key=lambda row: row.number or 0)
    others = desk.drafts[1:] + desk.laid[2:]
    outcomes = [desk.drafts[0]] * EVIDENCE_OF_THE_FIRST + list(islice(cycle(others), len(used)))
    Evidence.objects.bulk_create(
        Evidence(
            outcome=outcome, input=input, linked_at=SYNTHESIS, linked_by=desk.rapporteur,
            quote="" if input.attribution == Attribution.UNPUBLISHED else input.text[:60].strip(),
        )
        for input, outcome in zip(used, outcomes, strict=False)
    )  # fmt: skip
    SettingAside.objects.bulk_create(
        SettingAside(
            input=input, reason="It is outside the four areas.", set_aside_at=SYNTHESIS, set_aside_by=desk.rapporteur
        )
        for input in aside
    )
    desk.unused, desk.set_aside = [row.number or 0 for row in rest], [row.number or 0 for row in aside]
    marks = {(desk.tags[8].pk, row.pk) for row in rest[:20]}
    marks |= {(random.choice(desk.tags).pk, row.pk) for row in given if random.random() < 0.67}
    marks -= {(desk.tags[7].pk, row.pk) for row in rest[:20]}
    Tagging.objects.bulk_create(
        Tagging(tag_id=tag, input_id=input, tagged_at=SYNTHESIS, tagged_by=desk.rapporteur)
        for tag, input in sorted(marks)
    )


def _take_positions(desk: Desk, participations: Sequence[Participation]) -> None:
    """Everybody of these says where they stand on every outcome; some with a better wording, one with a correction."""
    rows = list(desk.consultation.considerations.select_related("version_before", "version_after").order_by("pk"))
    stances = cycle([Stance.SUPPORT, Stance.SUPPORT, Stance.RESERVATIONS, Stance.ABSTAIN, Stance.OBJECT])
    positions = []
    for row in rows:
        version = text_of(row)
        for participation in participations:
            stance = next(stances)
            why = "It costs more than it says." if stance in {Stance.OBJECT, Stance.RESERVATIONS} else ""
            wording = "Say who pays." if stance == Stance.RESERVATIONS else ""
            positions.append(
                Position(
                    consideration=row, participation=participation, version=version, stance=stance, reason=why,
                    wording=wording, attribution=Attribution.NAMED, taken_at=SYNTHESIS,
                )
            )  # fmt: skip
    Position.objects.bulk_create(positions, batch_size=1000)
    row, version = rows[0], text_of(rows[0])
    desk.correction = FactualCorrection.objects.create(
        consideration=row, participation=participations[0], version=version, text="It was in 2009.", given_at=SYNTHESIS
    )


def statements_of(captured: Iterable[dict[str, str]]) -> list[str]:
    """The queries that were captured, without those that only begin and end transactions."""
    ends = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE SAVEPOINT")
    return [query["sql"] for query in captured if not query["sql"].startswith(ends)]
