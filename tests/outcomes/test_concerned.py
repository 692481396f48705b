"""Telling people of earlier events what a later one made of what their words concern."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consultations.models import Input, Participation
from outcomes import dispositions, notices
from outcomes.concerned import concerned_by
from outcomes.corrections import carry, withdraw
from outcomes.drafting import NewEvidence, withdraw_evidence
from outcomes.models import Evidence, Outcome, Position
from outcomes.positions import withdraw_position
from outcomes.rollforward import queue_roll_forward
from outcomes.tasks import roll_forward
from stakeholders.erasure import erase_person, traces_of
from stakeholders.models import Message, Person
from tests.factories import CONCLUSION, NOW, SYNTHESIS, VALIDATION, bring_to, give_input, make_person, take_part
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@dataclass
class Said:
    """Johannesburg with one outcome that an author's input is evidence of, and what is needed to say more there."""

    chain: Any
    author: Participation
    input: Input
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        return self.outcomes["One fund"]

    def at_johannesburg(self, name: str, **fields: Any) -> Participation:
        return take_part(self.chain["JHB11"], make_person(f"{name} (sample)"), **fields)

    def draft(self, title: str, *given: Input) -> Outcome:
        self.outcomes[title] = self.chain.draft("JHB11", title, evidence=[NewEvidence(input=input) for input in given])
        return self.outcomes[title]

    def say(self, participation: Participation, stance: str, *, outcome: Outcome | None = None) -> Position:
        code = participation.consultation.code
        here = self.chain.before(code, outcome or self.outcome)
        return Position.objects.create(
            consideration=here, participation=participation, version=here.version_after or here.version_before,
            stance=stance, reason="Too late.", attribution="unpublished", taken_at=VALIDATION,
        )  # fmt: skip

    def at_toronto(self, act: Any = None, *, outcome: Outcome | None = None, **fields: object) -> object:
        """Bring Toronto to synthesis, and do one act there."""
        self.chain.in_synthesis("TOR")
        if act:
            who = {"by": self.chain.rapporteur, "at": SYNTHESIS}
            return act(self.chain.before("TOR", outcome or self.outcome), **fields, **who)
        return None

    def conclude(self, code: str) -> None:
        """Conclude it, and do the work of its job twice: nothing more may be told the second time."""
        self.chain.conclude(code)
        for _time in range(2):
            roll_forward(pk=queue_roll_forward(self.chain[code], at=CONCLUSION).pk)


@pytest.fixture
def said(chain, clock):
    clock.move_to(CONCLUSION)
    consultation = bring_to(chain["JHB11"], "announced", by=chain.staff)
    author = take_part(consultation, make_person("Author (sample)"))
    input = give_input(author, title="Pay together")
    given = Said(chain, author, input)
    given.late = give_input(author, title="Housing")
    given.other = give_input(given.at_johannesburg("Other author"), title="Their own words in confidence")
    chain.in_synthesis("JHB11")
    given.draft("One fund", input, given.other)
    return given


def told(occasion: str = "concluded_later") -> dict[str, str]:
    """The list in each message of that occasion, by the name of who got it; one message each."""
    rows = Message.objects.filter(occasion=occasion).select_related("person")
    found = {row.person.name.removesuffix(" (sample)"): row for row in rows}
    assert len(found) == len(rows), "nobody is told twice"
    return {name: "\n".join(re.findall(r"^- (.*)$", row.text, re.MULTILINE)) for name, row in found.items()}


def test_those_whose_words_it_concerns_are_told_and_nobody_else(said):
    said.say(said.at_johannesburg("Objector"), "object")
    said.say(said.at_johannesburg("Dissenter"), "disagree")
    said.say(said.at_johannesburg("Hesitant"), "reservations")
    said.say(said.at_johannesburg("Supporter"), "support")
    said.say(said.at_johannesburg("Abstainer"), "abstain")
    withdrawn = said.say(said.at_johannesburg("Not any more"), "object")
    said.say(said.at_johannesburg("Without address", attended=True), "object")
    Person.objects.filter(name="Without address (sample)").update(email=None)
    erased = said.say(said.at_johannesburg("Erased", attended=True), "object").participation.person
    said.at_johannesburg("Silent", attended=True)
    misread = give_in_vain(said, "Misread")
    took_back = give_in_vain(said, "Took back")
    said.conclude("JHB11")
    withdraw_position(withdrawn, by=withdrawn.participation.person, at=CONCLUSION)
    erase_person(erased, traces_of(erased), at=CONCLUSION)
    assert misread.evidence.filter(withdrawn_at__isnull=False).count() == 1
    assert took_back.evidence.filter(withdrawn_at__isnull=True).count() == 1
    said.at_toronto(dispositions.contest, reason="Not with our law.")
    assert told() == {}
    said.conclude("TOR")
    contested = "JHB11-KT-01 “One fund”: contested."
    reason = "The reason: Not with our law."
    assert told() == {
        "Author": f"{contested} Your input: JHB11-I-001. {reason}",
        "Other author": f"{contested} Your input: JHB11-I-003. {reason}",
        "Objector": f"{contested} You stood against it. {reason}",
        "Dissenter": f"{contested} You stood against it. {reason}",
        "Hesitant": f"{contested} You had reservations. {reason}",
    }


def give_another(said, name: str) -> Input:
    """The same as the author's input, from somebody else."""
    own = {"id", "number", "form_key", "participation"}
    fields = {each.name: getattr(said.input, each.name) for each in Input._meta.concrete_fields if each.name not in own}
    participation = said.at_johannesburg(name)
    [input] = Input.objects.bulk_create([Input(participation=participation, number=participation.pk + 100, **fields)])
    return input


def give_in_vain(said, name: str) -> Input:
    """An input of that person that stood as evidence of the outcome, and does not any more."""
    input = give_another(said, name)
    evidence = Evidence.objects.create(
        outcome=said.outcome, input=input, linked_at=SYNTHESIS, linked_by=said.chain.rapporteur
    )
    if name == "Took back":
        Input.objects.filter(pk=input.pk).update(state="withdrawn", withdrawn_at=SYNTHESIS)
    else:
        withdraw_evidence(evidence, reason="Misread.", by=said.chain.rapporteur, at=SYNTHESIS)
    return input


def test_the_message_leads_to_the_page_and_keeps_what_others_said(said):
    said.say(said.at_johannesburg("Objector"), "object")
    said.conclude("JHB11")
    said.at_toronto(dispositions.reaffirm)
    said.conclude("TOR")
    message = Message.objects.get(occasion="concluded_later", person=said.author.person)
    assert message.subject == "What became of what you said: Consultation TOR"
    assert "a later consultation is concluded: Consultation TOR." in message.text
    assert "rest on what you said at the consultation named below, or on which" in message.text
    assert "/consultations/JHB11/what-became/" in message.text
    assert "<li>JHB11-KT-01 “One fund”: reaffirmed. Your input: JHB11-I-001.</li>" in message.html
    for secret in ["Too late.", "Objector", "JHB11-I-003", "Their own words in confidence"]:
        assert secret not in message.text + message.html
    assert not message.is_reminder


def test_who_takes_part_in_both_gets_one_message(said):
    take_part(said.chain["TOR"], said.author.person)
    said.conclude("JHB11")
    said.at_toronto(dispositions.reaffirm)
    Message.objects.all().delete()
    said.conclude("TOR")
    assert told("concluded") == {
        "Author": "JHB11-KT-01 “One fund”: reaffirmed. Your input: JHB11-I-001.",
        "Rapporteur": "",
    }
    assert set(told()) == {"Other author"}
    message = Message.objects.get(person=said.author.person, occasion="concluded")
    assert "It also worked on outcomes that rest on what you said at earlier consultations" in message.text
    assert "/consultations/TOR/what-became/" in message.text


def test_who_was_asked_and_is_put_on_the_list_afterwards_is_not_told_again(said):
    asked = take_part(said.chain["TOR"], said.author.person, answer="declined")
    said.conclude("JHB11")
    said.at_toronto(dispositions.reaffirm)
    said.conclude("TOR")
    assert set(told()) == {"Author", "Other author"}
    Participation.objects.filter(pk=asked.pk).update(attended=True)
    notices.tell_concluded(said.chain["TOR"], at=CONCLUSION)
    toronto = Message.objects.filter(person=said.author.person, subject__contains="TOR")
    assert [message.occasion for message in toronto] == ["concluded_later"]


def test_authors_of_a_parent_are_told_of_the_merge_and_then_of_its_child(said):
    said.draft("Houses", said.late)
    hesitant = said.at_johannesburg("Hesitant")
    said.say(hesitant, "reservations", outcome=said.outcomes["Houses"])
    said.conclude("JHB11")
    said.chain.in_synthesis("TOR")
    rows = [said.chain.before("TOR", outcome) for outcome in said.outcomes.values()]
    child = dispositions.merge(
        rows, area=said.outcome.area, kind="finding", title="Both", statement="Both.", addressees=[],
        by=said.chain.rapporteur, at=SYNTHESIS,
    )  # fmt: skip
    said.conclude("TOR")
    merged = "merged. It goes on in TOR-KT-01."
    assert told() == {
        "Author": (
            f"JHB11-KT-01 “One fund”: {merged} Your input: JHB11-I-001.\n"
            f"JHB11-KT-02 “Houses”: {merged} Your input: JHB11-I-002."
        ),
        "Other author": f"JHB11-KT-01 “One fund”: {merged} Your input: JHB11-I-003.",
        "Hesitant": f"JHB11-KT-02 “Houses”: {merged} You had reservations.",
    }
    Message.objects.all().delete()
    said.chain.in_synthesis("IST")
    row = said.chain.before("IST", child)
    dispositions.retire(row, reason="It is done.", by=said.chain.rapporteur, at=SYNTHESIS)
    said.conclude("IST")
    retired = "TOR-KT-01 “Both”: retired."
    assert told() == {
        "Author": (
            f"{retired} It came out of JHB11-KT-01, JHB11-KT-02. Your inputs: JHB11-I-001, JHB11-I-002. "
            "The reason: It is done."
        ),
        "Other author": f"{retired} It came out of JHB11-KT-01. Your input: JHB11-I-003. The reason: It is done.",
        "Hesitant": f"{retired} It came out of JHB11-KT-02. You had reservations. The reason: It is done.",
    }


def test_what_was_not_considered_is_one_line_and_the_list_has_an_end(said):
    made = [said.draft(f"Outcome {number:02}", said.input) for number in range(1, 26)]
    said.conclude("JHB11")
    said.chain.in_synthesis("TOR")
    for outcome in made[:22]:
        row = said.chain.before("TOR", outcome)
        dispositions.contest(row, reason="x" * 400, by=said.chain.rapporteur, at=SYNTHESIS)
    said.conclude("TOR")
    lines = told()["Author"].split("\n")
    assert len(lines) == 22
    assert lines[0].startswith("JHB11-KT-02 “Outcome 01”: contested. Your input: JHB11-I-001. The reason: xxx")
    assert lines[0].endswith("x…")
    assert len(lines[0]) < 400
    assert lines[20] == "and 2 more, on the page"
    assert lines[21] == "4 outcomes were not considered. That changes nothing: they are carried on as they came."
    assert told()["Other author"] == (
        "1 outcome was not considered. That changes nothing: it is carried on as it came."
    )


def test_words_of_several_events_lead_to_the_own_page(said):
    said.conclude("JHB11")
    said.at_toronto()
    said.say(take_part(said.chain["TOR"], said.author.person), "object")
    said.conclude("TOR")
    Message.objects.all().delete()
    said.chain.in_synthesis("IST")
    dispositions.reaffirm(said.chain.before("IST", said.outcome), by=said.chain.rapporteur, at=SYNTHESIS)
    said.conclude("IST")
    assert told()["Author"] == "JHB11-KT-01 “One fund”: reaffirmed. Your input: JHB11-I-001. You stood against it."
    message = Message.objects.get(occasion="concluded_later", person=said.author.person)
    assert "at 2 consultations, the last of which is named below" in message.text
    assert "Consultation TOR" in message.text
    assert f"{reverse('consultations:my_page')}\n" in message.text


def test_each_is_told_in_their_own_language(said, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    Person.objects.filter(pk=said.author.person_id).update(language="de")
    said.conclude("JHB11")
    said.at_toronto(dispositions.reaffirm)
    said.conclude("TOR")
    german = Message.objects.get(occasion="concluded_later", person=said.author.person)
    english = Message.objects.get(occasion="concluded_later", person=said.other.participation.person)
    assert 'lang="de"' in german.html
    assert 'lang="en"' in english.html


def test_what_was_withdrawn_after_the_conclusion_was_told_then(said):
    said.conclude("JHB11")
    said.chain.in_synthesis("TOR")
    carry(
        withdraw(said.chain.before("JHB11", said.outcome), reason="Wrong.", by=said.chain.staff, at=CONCLUSION), at=NOW
    )
    said.conclude("TOR")
    assert set(Message.objects.filter(occasion="outcome_corrected").values_list("person__name", flat=True)) == {
        "Author (sample)",
        "Other author (sample)",
    }
    assert told() == {}


@pytest.mark.parametrize("number", [2, 40])
def test_finding_them_takes_as_many_queries_for_many_as_for_few(said, number):
    for place in range(number):
        input = give_another(said, f"Author {place}")
        said.draft(f"Outcome {place}", input)
        said.say(said.at_johannesburg(f"Objector {place}"), "object", outcome=said.outcomes[f"Outcome {place}"])
    said.conclude("JHB11")
    said.at_toronto(dispositions.reaffirm)
    said.conclude("TOR")
    toronto = said.chain["TOR"]
    with CaptureQueriesContext(connection) as captured:
        found = concerned_by(toronto)
    assert len(found) == 2 * number + 2
    assert len(captured) == QUERIES


QUERIES = 6


# The page


def page_of(said, sign_in, code: str = "JHB11") -> str:
    return text_of(sign_in(said.author.person).get(reverse("outcomes:became", args=[code])))


def test_the_page_follows_merges_and_splits_with_every_reason(said, sign_in):
    said.draft("Houses")
    said.say(said.author, "object", outcome=said.outcomes["Houses"])
    said.conclude("JHB11")
    said.chain.in_synthesis("TOR")
    who = {"by": said.chain.rapporteur, "at": SYNTHESIS}
    rows = [said.chain.before("TOR", outcome) for outcome in said.outcomes.values()]
    child = dispositions.merge(
        rows, area=said.outcome.area, kind="finding", title="Both", statement="Both.", addressees=[], **who
    )
    said.conclude("TOR")
    said.chain.in_synthesis("IST")
    parts = [dispositions.Part(title=title, statement=title) for title in ["Left", "Right"]]
    left, right = dispositions.split(said.chain.before("IST", child), parts=parts, **who)
    said.conclude("IST")
    said.chain.in_synthesis("HEAR")
    hearing = {"disposition": "not_adopted", "reason": "No majority for it."}
    dispositions.decide(said.chain.before("HEAR", left), **hearing, **who)
    dispositions.decide(said.chain.before("HEAR", right), disposition="adopted", **who)
    assert "No majority" not in page_of(said, sign_in), "what is not concluded is not told"
    said.conclude("HEAR")
    page = page_of(said, sign_in)
    way = (
        "Consultation TOR: merged (June 2011) "
        "It goes on in TOR-KT-01 Both split Consultation IST: split (June 2011) "
        "It goes on in IST-KT-01 Left not adopted Consultation HEAR: not adopted (June 2011) No majority for it. "
        "It goes on in IST-KT-02 Right adopted Consultation HEAR: adopted (June 2011)"
    )
    assert page.count(way) == 2, "once of the input, once of the position"
    assert way in text_of(sign_in(said.author.person).get(reverse("consultations:my_page")))


def test_what_the_own_event_made_of_what_was_laid_before_it_is_told_too(said, sign_in):
    said.conclude("JHB11")
    said.at_toronto(dispositions.contest, reason="Not with our law.")
    own = take_part(said.chain["TOR"], said.author.person)
    said.say(own, "object")
    assert "Not with our law." not in page_of(said, sign_in, "TOR")
    said.conclude("TOR")
    assert "Consultation TOR: contested (June 2011) Not with our law." in page_of(said, sign_in, "TOR")
    assert page_of(said, sign_in).count("Consultation TOR: contested (June 2011) Not with our law.") == 1
