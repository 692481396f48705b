"""Every format of every document against every word of a series: each stands exactly where its author allows it.

Each name, address, organisation, text, reason and note is a word of its own that nothing else has. Every way of being
quoted occurs with and without the consent to be listed. What a format holds is looked for in its text and in its raw
parts.
"""

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from consultations import inputs
from consultations.attachments import attach
from consultations.models import Answer, Attribution, Consultation, ConsultationKind, Needs, Participation, Role
from outcomes import corrections, dispositions, drafting, synthesis
from outcomes.drafting import NewEvidence
from outcomes.models import Consideration, FactualCorrection, Outcome, Position
from reports.formats import WRITERS
from reports.models import EditionFile
from reports.snapshot import canonical, gather
from stakeholders.models import Organisation, Person
from tests.factories import (
    CONCLUSION,
    NOW,
    SYNTHESIS,
    bring_to,
    conclude_and_carry,
    draft_input,
    draft_outcome,
    fields_of_input,
    give_input,
    make_organisation,
    make_series,
    make_staff,
    plan,
    take_part,
)

pytestmark = pytest.mark.django_db
F = EditionFile.Format
EVERYWHERE = frozenset({F.PDF, F.HTML, F.DOCX, F.XLSX, F.JSON})
IN_LISTS = EVERYWHERE - {F.XLSX}
"""Where the participants who agreed are listed; the tables have none."""
IN_TABLES = frozenset({F.XLSX, F.JSON, F.PDF})
"""What is not told in sentences; the PDF has the frozen data inside."""
NOWHERE: frozenset[str] = frozenset()
DOCUMENTS = {"dossier": "HEAR", "report": "JHB11", "later report": "TOR"}


class Words:
    """Words that stand for what somebody said, was called or wrote, with where each may stand in each document."""

    def __init__(self) -> None:
        self.allowed: dict[str, dict[str, frozenset[str]]] = {}
        self.said: dict[str, str] = {}

    def __call__(self, what: str, here: frozenset[str] = NOWHERE, *, later: frozenset[str] = NOWHERE) -> str:
        """A new word for `what`, allowed in these formats of dossier and report, `later` in those of the later one."""
        self.said[what] = f"zq{len(self.said):03}k"
        self.allowed[what] = {"dossier": here, "report": here, "later report": later}
        return self.said[what]


@pytest.fixture
def words() -> Words:
    return Words()


@pytest.fixture
def told(words, clock) -> dict[str, Consultation]:
    """Johannesburg concluded with everything, Toronto after it, one at work, and the hearing; by code."""
    series, staff = make_series(), make_staff(words("staff"))
    hearing = plan(series, "HEAR", kind=ConsultationKind.HEARING, order=9)
    toronto = plan(series, "TOR", order=2, feeds_into=hearing)
    event = plan(series, "JHB11", order=1, feeds_into=toronto)
    bring_to(event, "announced", by=staff)
    desk = take_part(event, person(words, "rapporteur"), role=Role.RAPPORTEUR, type="academia")
    take_part(event, person(words, "organiser"), role=Role.ORGANISER, type="academia")
    everybody = [
        take_part(event, person(words, f"{level} {listed}", level, listed), may_be_listed=listed, attended=True,
                  organisation=organisation(words, f"{level} {listed}", level, listed))
        for level in Attribution for listed in [True, False]
    ]  # fmt: skip
    absent(words, event)
    given = {author.pk: gives(words, author) for author in everybody}
    bring_to(event, "in_synthesis", by=staff)
    outcome = works(words, event, everybody, given, by=desk.person)
    conclude_and_carry(event, by=staff)
    corrected(words, event, outcome, by=(desk.person, staff))
    bring_to(toronto, "in_synthesis", by=staff)
    dispositions.reaffirm(outcome.considerations.get(consultation=toronto), by=desk.person, at=SYNTHESIS)
    conclude_and_carry(toronto, by=staff)
    at_work(words, series, hearing, by=staff)
    return {row.code: row for row in Consultation.objects.select_related("series", "host")}


def level_of(participation: Participation) -> tuple[str, Attribution, bool]:
    """The key in the words, the way of being quoted, and whether listed, as the person's remark has them."""
    level, listed = participation.person.country.split()
    return participation.person.country, Attribution(level), listed == "True"


def person(words: Words, key: str, level: str = "", listed: bool = False) -> Person:
    is_named = level == Attribution.NAMED
    here = EVERYWHERE if is_named else IN_LISTS if listed else NOWHERE
    name = words(f"name {key}", here, later=EVERYWHERE if is_named else NOWHERE)
    return Person.objects.create(name=name, email=f"{words(f'email {key}')}@city.example", country=key)


def organisation(words: Words, key: str, level: str, listed: bool) -> Organisation:
    is_told = level in {Attribution.NAMED, Attribution.ORGANISATION}
    here = EVERYWHERE if is_told else IN_LISTS if listed else NOWHERE
    return make_organisation(words(f"organisation {key}", here, later=EVERYWHERE if is_told else NOWHERE))


def absent(words: Words, event: Consultation) -> None:
    """Those who agreed to be listed and did not come."""
    take_part(event, person(words, "declined"), answer=Answer.DECLINED, may_be_listed=True, decline_reason=words("why"))
    take_part(event, person(words, "stayed away"), may_be_listed=True, attended=False)
    take_part(event, person(words, "invited"), answer=Answer.INVITED, may_be_listed=True)


def gives(words: Words, author: Participation) -> dict[str, inputs.Input]:
    """Inputs of every fate by one participant, and what they need on site."""
    key, level, _listed = level_of(author)
    is_quotable = level != Attribution.UNPUBLISHED
    here, in_tables = (EVERYWHERE, IN_TABLES) if is_quotable else (NOWHERE, NOWHERE)
    quote = words(f"quote {key}", here, later=here)
    used = give_input(
        author, title=words(f"title {key}", here, later=in_tables), attribution=level,
        text=f"{words(f'text {key}', here)} {quote}",
    )  # fmt: skip
    aside = give_input(author, title="Aside", text=words(f"aside {key}", here), attribution=level)
    withdrawn = give_input(author, title="Gone", text=words(f"withdrawn {key}"), attribution=level)
    inputs.withdraw(withdrawn, by=author.person, at=NOW)
    draft_input(author, text=words(f"draft {key}"), attribution=level)
    together = inputs.enter(
        author, fields=fields_of_input(author.consultation, attribution=level, text=words(f"table text {key}", here)),
        table=words(f"table {key}"), by=author.person, at=NOW,
    )  # fmt: skip
    attach(used, file=SimpleUploadedFile(f"{words(f'file {key}')}.pdf", b"%PDF-1.7"), at=NOW)
    Needs.objects.create(
        participation=author, dietary=words(f"food {key}"), access=words(f"access {key}"),
        visa=words(f"visa {key}"), said_at=NOW,
    )  # fmt: skip
    return {"used": used, "aside": aside, "together": together}


def works(
    words: Words, event: Consultation, everybody: list[Participation], given: dict[int, dict[str, inputs.Input]], *,
    by: Person,
) -> Outcome:  # fmt: skip
    """Everything that a desk writes, and what participants say of it in validation."""
    who = {"by": by, "at": SYNTHESIS}
    outcome = draft_outcome(event, title=words("outcome", EVERYWHERE, later=EVERYWHERE), **who)
    drafting.drop_draft(draft_outcome(event, title=words("dropped outcome"), **who), **who)
    for author in everybody:
        key, level, _listed = level_of(author)
        is_quotable = level != Attribution.UNPUBLISHED
        of = given[author.pk]
        evidence = NewEvidence(
            of["used"], quote=words.said[f"quote {key}"] if is_quotable else "", note=words(f"note {key}")
        )
        drafting.link_evidence(outcome, consultation=event, evidence=evidence, **who)
        wrong = drafting.link_evidence(outcome, consultation=event, evidence=NewEvidence(of["together"]), **who)
        drafting.withdraw_evidence(wrong, reason=words(f"evidence withdrawn {key}"), **who)
        for taken_back in [True, False]:
            reason = words(
                f"aside reason {key} {taken_back}", EVERYWHERE if is_quotable and not taken_back else NOWHERE
            )
            synthesis.set_aside([of["aside"]], consultation=event, reason=reason, **who)
            if taken_back:
                synthesis.take_back(of["aside"], **who)
        synthesis.set_aside([of["together"]], consultation=event, reason="Said elsewhere.", **who)
        synthesis.tag([of["used"]], consultation=event, name=words(f"tag {key}"), **who)
        says(words, outcome, author, by=by)
    return outcome


def says(words: Words, outcome: Outcome, author: Participation, *, by: Person) -> None:
    key, level, _listed = level_of(author)
    here = Consideration.objects.get(outcome=outcome, consultation=author.consultation)
    on = {"consideration": here, "participation": author, "version": outcome.versions.get()}
    said = on | {"stance": "object", "attribution": level, "taken_at": SYNTHESIS}
    Position.objects.create(**said, reason=words(f"earlier reason {key}"), superseded_at=SYNTHESIS)
    Position.objects.create(
        **said, reason=words(f"reason {key}", NOWHERE if level == Attribution.UNPUBLISHED else EVERYWHERE),
        wording=words(f"wording {key}"), own_evidence=words(f"own evidence {key}"),
    )  # fmt: skip
    FactualCorrection.objects.create(
        **on, text=words(f"fact {key}"), answer=words(f"answer {key}"), given_at=SYNTHESIS, is_accepted=False,
        answered_at=SYNTHESIS, answered_by=by,
    )  # fmt: skip


def corrected(words: Words, event: Consultation, outcome: Outcome, *, by: tuple[Person, Person]) -> None:
    """One correction that was signed, and one that waits."""
    writer, signer = by
    here = outcome.considerations.get(consultation=event)
    at = {"at": CONCLUSION}
    first = corrections.propose_correction(
        here, title=words.said["outcome"], statement=words("corrected", EVERYWHERE, later=EVERYWHERE),
        reason=words("why corrected", EVERYWHERE, later=IN_TABLES), by=writer, **at,
    )  # fmt: skip
    corrections.carry(corrections.sign_correction(first, by=signer, **at), **at)
    here.refresh_from_db()
    corrections.propose_correction(
        here,
        title=words("waiting title"),
        statement=words("waiting text"),
        reason=words("why waiting"),
        by=writer,
        **at,
    )


def at_work(words: Words, series: object, hearing: Consultation, *, by: Person) -> None:
    """A planned consultation that nobody outside knows of, and one whose desk is at work."""
    plan(series, "PLAN", title=words("planned title"), city=words("planned city"), feeds_into=hearing)  # type: ignore[arg-type]
    running = plan(series, "RUN", feeds_into=hearing)  # type: ignore[arg-type]
    bring_to(running, "announced", by=by)
    author = take_part(running, person(words, "author at work"))
    give_input(author, text=words("input at work"), attribution=Attribution.NAMED)
    bring_to(running, "in_synthesis", by=by)
    draft_outcome(running, by=by, title=words("draft at work"))


def texts_of(format: str, content: bytes, folder: Path) -> Iterator[str]:
    """Everything that a file holds: its text as people read it, and its raw parts."""
    match format:
        case F.PDF:
            (folder / "x.pdf").write_bytes(content)
            if not shutil.which("pdftotext"):
                pytest.skip("pdftotext is missing: apt-get install poppler-utils")
            yield subprocess.run(
                ["pdftotext", folder / "x.pdf", "-"], capture_output=True, check=True, text=True
            ).stdout
            with pikepdf.open(io.BytesIO(content)) as pdf:
                yield str(pdf.docinfo)
                for item in pdf.objects:
                    yield str(item)
                    if isinstance(item, pikepdf.Stream) and item.get("/Subtype") != "/Image":
                        yield item.read_bytes().decode("latin-1")
        case F.DOCX | F.XLSX:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                yield from package.namelist()
                for name in package.namelist():
                    part = package.read(name).decode("utf-8", errors="replace")
                    yield part
                    yield re.sub(r"<[^>]+>", "", part)
        case _:
            yield content.decode()


def squeezed(text: str) -> str:
    """The text without what may stand inside a word where it was broken at the end of a line."""
    return re.sub(r"[\W_]+", "", text)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_word_stands_exactly_where_it_may(words, told, tmp_path, document):
    kind = "dossier" if document == "dossier" else "report"
    data = json.loads(canonical(gather(told[DOCUMENTS[document]], document=kind, number=1, at=CONCLUSION)))
    found: dict[str, set[str]] = {what: set() for what in words.said}
    for format, write in WRITERS.items():
        text = " ".join(
            squeezed(part) for part in texts_of(format, write(data, lambda share, text: None).content, tmp_path)
        )
        for what, word in words.said.items():
            if word in text:
                found[what].add(format)
    allowed = {what: set(where[document]) for what, where in words.allowed.items()}
    wrong = {what: (sorted(found[what]), sorted(allowed[what])) for what in words.said if found[what] != allowed[what]}
    assert wrong == {}
    assert set(WRITERS) == EVERYWHERE


def test_there_is_a_word_for_every_way_of_being_quoted_and_listed(words, told):
    for level in Attribution:
        for listed in [True, False]:
            assert Participation.objects.filter(person__country=f"{level} {listed}", may_be_listed=listed).count() == 1
            assert (
                words.said[f"reason {level} {listed}"]
                in Position.objects.get(participation__person__country=f"{level} {listed}", superseded_at=None).reason
            )
    assert sum(any(where.values()) for where in words.allowed.values()) > 50
    assert sum(not any(where.values()) for where in words.allowed.values()) > 150
