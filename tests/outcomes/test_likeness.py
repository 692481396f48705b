"""Inputs like another one, and outcomes that it may belong to: in all scripts, for those at the desk alone."""

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from consultations.inputs import change, withdraw
from consultations.models import Attribution, Consultation, Input
from outcomes import drafting, likeness
from outcomes.likeness import LIKE, Texts, inputs_like, outcomes_for, parts_of
from outcomes.synthesis import set_aside
from reports.erasure import grant
from stakeholders import erasure
from tests import factories
from tests.factories import NOW, SYNTHESIS
from tests.outcomes.conftest import HIDDEN_NAME, TELLING_NAME, TELLING_ORGANISATION

pytestmark = pytest.mark.django_db

SAID = {
    "en": [
        "Electricians arrive from abroad with good diplomas. Let employers test their skills in the first month.",
        "A short skills test with an employer tells more about an electrician than diplomas from abroad.",
        "The last bus leaves at eleven. Those who clean offices at night walk home along the motorway.",
    ],
    "tr": [
        "Şirketler, göçmen kadınların mesleki eğitimine yatırım yapmalı. Eğitimler çocuk bakımı ile verilsin.",
        "Göçmen kadınlara mesleki eğitim verilirken çocuklara bakım sağlanmalı; şirketler yatırımları paylaşsın.",
        "Mahallemizde durak yok, yaşlılar pazara yürüyerek gidiyor ve kışın yollar buzlanıyor.",
    ],
    "de": [
        "Betriebe sollen Ausbildungsplätze für junge Geflüchtete öffnen und Sprachkurse in der Arbeitszeit bezahlen.",
        "Die Berufsausbildung: Geflüchtete brauchen einen Platz im Betrieb, mit einem Sprachkurs.",
        "Das Hallenbad schließt sonntags; Familien wissen im Winter nicht wohin.",
    ],
    "ar": [
        "على الشركات أن تقدم التدريب المهني للاجئين في المصانع وأن تعترف المدن بشهاداتهم.",
        "يحتاج اللاجئون إلى تدريب مهني داخل المصنع، ويجب الاعتراف بالشهادات من قبل المدينة.",
        "تتوقف الحافلات في الساعة العاشرة ولا يستطيع عمال النظافة العودة إلى بيوتهم.",
    ],
    "el": [
        "Οι επιχειρήσεις να προσφέρουν επαγγελματική κατάρτιση στους πρόσφυγες και οι δήμοι να αναγνωρίζουν τα πτυχία.",
        "Οι πρόσφυγες χρειάζονται κατάρτιση μέσα στην επιχείρηση και αναγνώριση των πτυχίων τους από τον δήμο.",
        "Το τελευταίο λεωφορείο φεύγει στις έντεκα και όσοι καθαρίζουν γραφεία γυρίζουν με τα πόδια.",
    ],
    "ru": [
        "Компании должны оплачивать обучение мигрантов русскому языку и профессии, а город признавать их дипломы.",
        "Мигрантам нужны курсы русского языка и профессии за счёт компаний, и признание дипломов городом.",
        "Последний автобус уходит в одиннадцать, уборщицы идут домой пешком вдоль шоссе.",
    ],
    "zh": [
        "企业应当为新移民提供职业培训，城市应当承认他们的学历和技能。",
        "新移民需要企业里的职业培训，他们的技能和学历应得到城市的承认。",
        "末班车十一点就开走了，清洁工只能沿着公路步行回家。",
    ],
}
"""In each language two that say nearly the same in other forms of the words, and one of something else."""


def give(event, text: str, *, title: str = "·", **fields) -> Input:
    """Submit an input, by the participant who is quoted by type, though the event is in synthesis already."""
    Consultation.objects.filter(pk=event.consultation.pk).update(state="announced")
    author = fields.pop("author", event.participant)
    author.consultation.refresh_from_db()
    given = factories.give_input(author, title=title, text=text, **fields)
    Consultation.objects.filter(pk=event.consultation.pk).update(state="in_synthesis")
    author.consultation.refresh_from_db()
    return given


def like(input: Input) -> list[Input]:
    return inputs_like(input, among=Input.objects.all())


def url_of(input: Input) -> str:
    return f"/consultations/{input.consultation.code}/desk/inputs/{input.number}/like/"


@pytest.mark.parametrize("language", SAID)
def test_inputs_that_say_the_same_in_other_words_are_found_in_every_script(event, language):
    one, other, _else = [give(event, text, language=language) for text in SAID[language]]
    assert (like(one), like(other), like(_else)) == ([other], [one], [])


def test_among_all_languages_each_finds_its_own(event):
    given = {language: [give(event, text, language=language) for text in texts] for language, texts in SAID.items()}
    for one, other, _else in given.values():
        assert (like(one), like(other), like(_else)) == ([other], [one], [])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("تُقدِّم المُدُن التَّدريب", "تقدم المدن التدريب"),
        ("İSTANBUL'DA KADINLARIN EĞİTİMİ", "istanbul'da kadinlarin egitimi"),
        ("Formación de jóvenes", "FORMACION DE JOVENES"),
        ("Εκπαίδευση προσφύγων", "ΕΚΠΑΙΔΕΥΣΗ ΠΡΟΣΦΥΓΩΝ"),
    ],
)
def test_accents_capitals_and_vowel_signs_do_not_matter(one, other):
    assert [*map(list, map(parts_of, one.split()))] == [*map(list, map(parts_of, other.split()))]


def test_what_a_word_is_compared_by():
    assert list(parts_of("Training")) == [" training", "trai", "rain", "aini", "inin", "ning"]
    assert list(parts_of("work")) == [" work", "work"]
    assert list(parts_of("the")) == []
    assert list(parts_of("للعمل")) == [" للعمل", "للع", "لعم", "عمل"]
    assert list(parts_of("職業訓練")) == ["職業", "業訓", "訓練"]
    assert list(parts_of("人")) == ["人"]


def test_the_title_counts_as_well(event):
    one = give(event, "We ask for it.", title="Apprenticeships on building sites")
    other = give(event, "As in the title.", title="Building sites need apprenticeships")
    assert like(one) == [other]


def test_texts_that_share_a_word_or_two_are_not_alike(event):
    one = give(event, "Large works bring teams from abroad, and when they are done the machines go home with them.")
    give(event, "Diplomas from abroad count for nothing, and nobody offers a test to those who want to work.")
    assert like(one) == []


def test_a_likeness_under_the_threshold_is_not_shown(event):
    words = ["alpha", "bravo", "charlie", "delta", "echoes", "foxtrot", "golfers", "hotels", "indigo", "juliet"]
    one = Input(pk=1, title="", text=" ".join(words))
    fillers = [(key, "", f"filler{key} padding{key} stuffing{key}") for key in range(100, 140)]
    shown = {}
    for number in range(len(words) + 1):
        other = " ".join([*words[:number], *(f"{word}{word}" for word in ["zulu", "yankee", "xray", "whisky"])])
        texts = Texts([(1, "", one.text), (2, "", other), *fillers])
        shown[number] = texts.like(one, own=texts.own(1), but={1}, most=5)
    assert shown[0] == shown[1] == []
    assert shown[5] == shown[10] == [2]
    assert all(len(fewer) <= len(more) for fewer, more in pairwise(shown.values()))
    assert 0 < LIKE < 1


def test_at_most_five_the_most_like_first(event):
    one = give(event, "Night schools for bakers, welders, nurses and drivers should open near factories.")
    less = give(event, "Night schools for bakers and welders: they should stay open.")
    same = [give(event, one.text) for _ in range(5)]
    assert like(one) == same
    withdrawn = same.pop()
    Input.objects.filter(pk=withdrawn.pk).update(state="withdrawn", withdrawn_at=SYNTHESIS)
    assert like(one) == [*same, less]


def test_drafts_withdrawn_inputs_and_those_of_other_events_are_never_suggested(event):
    one = give(event, "One desk for all permits, open in the evening, in five languages.")
    Consultation.objects.filter(pk=event.consultation.pk).update(state="announced")
    event.participant.consultation.refresh_from_db()
    draft = factories.draft_input(event.participant, title=one.title, text=one.text)
    taken_back = factories.give_input(event.participant, title=one.title, text=one.text)
    withdraw(taken_back, by=event.participant.person, at=NOW)
    elsewhere = factories.give_input(factories.take_part(event.later), title=one.title, text=one.text)
    assert {draft.text, taken_back.text, elsewhere.text} == {one.text}
    assert like(one) == []
    assert like(give(event, one.text)) == [one]


def test_what_may_not_be_seen_is_not_suggested(event):
    one, other = give(event, SAID["en"][0]), give(event, SAID["en"][1])
    assert inputs_like(one, among=Input.objects.exclude(pk=other.pk)) == []


def test_a_change_is_noticed(event):
    one, other = give(event, SAID["en"][0]), give(event, SAID["en"][2])
    assert like(one) == []
    event.consultation.state = other.participation.consultation.state = "announced"
    event.consultation.save(update_fields=["state"])
    fields = factories.fields_of_input(event.consultation, title="·", text=SAID["en"][1])
    change(other, fields=fields, by=event.participant.person, at=NOW)
    assert like(one) == [other]
    withdraw(other, by=event.participant.person, at=NOW)
    assert like(one) == []


def test_erased_words_are_let_go_of(event):
    """An erasure leaves revision and time of an input as they were, and its text may be as long as before."""
    one = give(event, "Ask Xu what Xiaoming Quixote of our guild would do.")
    other = give(event, "Xiaoming Quixote of the guild knows what we would do.")
    assert like(one) == [other]
    before = likeness._inputs_of(event.consultation.pk)
    person = event.participant.person
    request = erasure.ask(person, removes_texts=True, at=SYNTHESIS)
    grant(request, removes_texts=True, by=event.staff, at=SYNTHESIS)
    other.refresh_from_db()
    assert other.text == "[…]"
    after = likeness._inputs_of(event.consultation.pk)
    assert after is not before
    assert {hash(part) for part in parts_of("Quixote")} <= set(before._numbers)
    assert not {hash(part) for part in parts_of("Quixote")} & set(after._numbers)
    assert likeness._inputs._read[event.consultation.pk][1] is after


def test_no_word_stays_in_memory_only_what_python_makes_of_it(event):
    give(event, "Xiaoming Quixote")
    kept = likeness._inputs_of(event.consultation.pk)
    assert {type(word) for word in [*kept._numbers, *kept._numbers.values()]} == {int}


def test_of_many_consultations_the_last_are_kept(event):
    for number in range(likeness.MOST_KEPT + 2):
        likeness._inputs_of(number)
    assert list(likeness._inputs._read) == [2, 3, 4, 5]
    likeness.forget()
    assert list(likeness._inputs._read) == []


@pytest.fixture
def outcomes(event):
    """Three drafts, about skills, about buses, and one that was dropped and is word for word the first."""
    drafts = {
        "skills": factories.draft_outcome(
            event.consultation, by=event.rapporteur, title="Test skills early", statement=SAID["en"][1]
        ),
        "buses": factories.draft_outcome(
            event.consultation, by=event.rapporteur, title="Buses at night", statement=SAID["en"][2]
        ),
        "dropped": factories.draft_outcome(
            event.consultation, by=event.rapporteur, title="Test skills early", statement=SAID["en"][1]
        ),
    }
    drafting.drop_draft(drafts["dropped"], by=event.rapporteur, at=SYNTHESIS)
    return drafts


def references(input: Input) -> list[str]:
    return [row.outcome.reference for row in outcomes_for(input)]


def test_an_outcome_that_an_input_may_belong_to_is_found(event, outcomes):
    assert references(give(event, SAID["en"][0])) == [outcomes["skills"].reference]
    assert references(give(event, "Sweep the night buses that leave at eleven for those who clean offices.")) == [
        outcomes["buses"].reference
    ]
    assert references(give(event, SAID["tr"][0])) == []


def test_what_it_is_evidence_of_already_is_left_out_until_that_is_withdrawn(event, outcomes):
    one = give(event, SAID["en"][0])
    new = drafting.NewEvidence(input=one)
    evidence = drafting.link_evidence(
        outcomes["skills"], consultation=event.consultation, evidence=new, by=event.rapporteur, at=SYNTHESIS
    )
    assert references(one) == []
    drafting.withdraw_evidence(evidence, reason="Of another.", by=event.rapporteur, at=SYNTHESIS)
    assert references(one) == [outcomes["skills"].reference]


def test_a_rewritten_draft_is_compared_by_its_new_text(event, outcomes):
    one = give(event, SAID["en"][0])
    assert references(one) == [outcomes["skills"].reference]
    text = {"title": "Buses", "statement": SAID["en"][2]}
    outcomes["skills"].versions.update(**text, revision=2)
    assert references(one) == []


def test_an_outcome_laid_before_the_event_is_found_by_the_text_it_has_here(chain):
    chain.in_synthesis("JHB11")
    outcome = chain.draft("JHB11", "Employers test the skills of electricians from abroad")
    chain.conclude("JHB11")
    author = factories.take_part(factories.bring_to(chain["TOR"], "announced", by=chain.staff))
    one = factories.give_input(author, title="Skills", text=SAID["en"][0])
    chain.in_synthesis("TOR")
    [found] = outcomes_for(one)
    assert (found.outcome, found.consultation.code, found.text_here.title) == (
        outcome, "TOR", "Employers test the skills of electricians from abroad",
    )  # fmt: skip


def test_the_fragment_and_the_page_say_the_same(event, outcomes, sign_in):
    one, other, aside = [give(event, text) for text in [SAID["en"][0], SAID["en"][1], SAID["en"][1]]]
    set_aside([aside], consultation=event.consultation, reason="Twice.", by=event.rapporteur, at=SYNTHESIS)
    client = sign_in(event.rapporteur)
    page = client.get(url_of(one))
    fragment = client.get(url_of(one), headers={"HX-Request": "true"})
    assert (b"<html" in page.content, b"<html" in fragment.content) == (True, False)
    assert "HX-Request" in page.headers["Vary"]
    for answer in [page, fragment]:
        assert [(row.number, row.fate_kind) for row in answer.context["alike"]] == [
            (other.number, "open"), (aside.number, "set_aside"),
        ]  # fmt: skip
        assert f"outcomes/{outcomes['skills'].reference}/evidence/?input={one.number}".encode() in answer.content
    assert b'form="acts"' in fragment.content
    assert b'form="acts"' not in page.content


def test_these_can_be_seen_and_ticked_in_the_list(event, sign_in):
    one, other, _else = [give(event, text) for text in SAID["en"]]
    client = sign_in(event.rapporteur)
    html = client.get(url_of(one)).content.decode()
    numbers = f"number={one.number}&amp;input={one.number}&amp;number={other.number}&amp;input={other.number}"
    assert f'/desk/inputs/?{numbers}"' in html
    page = client.get(f"/consultations/JHB11/desk/inputs/?{numbers.replace('&amp;', '&')}")
    assert {row.number for row in page.context["page"]} == page.context["chosen"] == {one.number, other.number}
    assert page.context["filter"].references == [one.reference, other.reference]
    page = client.get(f"/consultations/JHB11/desk/inputs/?number={one.number}&number=x&number=&input={other.number}")
    assert [row.number for row in page.context["page"]] == [one.number]
    assert page.context["ticked_elsewhere"] == [other]


def test_a_rapporteur_gets_no_name_through_it_and_staff_do(event, sign_in):
    one = give(event, "We are afraid of losing our workshops, and recognise what newcomers can do.")
    Input.objects.filter(pk__in=[event.by_type.pk, event.unpublished.pk]).update(text=one.text)
    by_type = {TELLING_NAME, TELLING_ORGANISATION, HIDDEN_NAME}

    def told(person) -> set[str]:
        likeness.forget()
        answer = sign_in(person).get(url_of(one), headers={"HX-Request": "true"})
        assert {row.pk for row in answer.context["alike"]} == {event.by_type.pk, event.unpublished.pk}
        return {name for name in by_type if name in answer.content.decode()}

    assert told(event.rapporteur) == set()
    assert told(event.organiser) == told(event.staff) == by_type


def test_who_only_reads_gets_no_boxes_and_no_links_to_work(event, outcomes, sign_in):
    one, _other = give(event, SAID["en"][0]), give(event, SAID["en"][1])
    answer = sign_in(event.organiser).get(url_of(one), headers={"HX-Request": "true"})
    assert [len(answer.context[name]) for name in ["alike", "outcomes"]] == [1, 1]
    for work in [b'type="checkbox"', b"/evidence/", b"data-ticks-these"]:
        assert work not in answer.content


def test_only_submitted_inputs_of_the_event_have_such_a_page(event, sign_in):
    one = give(event, SAID["en"][0], attribution=Attribution.TYPE)
    assert sign_in(event.participant.person).get(url_of(one)).status_code == 403
    assert sign_in(event.foreign_rapporteur).get(url_of(one)).status_code == 403
    client = sign_in(event.rapporteur)
    assert client.get(url_of(one)).status_code == 200
    assert client.get(f"/consultations/JHB11/desk/inputs/{one.number + 1}/like/").status_code == 404
    Input.objects.filter(pk=one.pk).update(state="withdrawn", withdrawn_at=SYNTHESIS)
    assert client.get(url_of(one)).status_code == 404


def test_it_takes_as_many_queries_among_200_inputs_as_among_5(event, sign_in):
    one, _other = give(event, SAID["en"][0]), give(event, SAID["en"][1])
    factories.draft_outcome(event.consultation, by=event.rapporteur, statement=SAID["en"][1])
    client = sign_in(event.rapporteur)

    def queries() -> int:
        client.get(url_of(one), headers={"HX-Request": "true"})
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(url_of(one), headers={"HX-Request": "true"})
        assert len(answer.context["alike"]) >= 1
        return len(captured)

    few = queries()
    fields = ["participation", "consultation", "area", "kind", "title", "attribution", "created_at", "changed_at"]
    common = {name: getattr(one, name) for name in fields}
    Input.objects.bulk_create(
        Input(**common, text=SAID["en"][number % 3], state="submitted", number=number, submitted_at=NOW)
        for number in range(10, 205)
    )
    assert (queries(), few <= 15) == (few, True)


@given(
    texts=st.lists(
        st.text(max_size=40) | st.sampled_from([text for three in SAID.values() for text in three]), max_size=8
    )
)
def test_whatever_the_texts_are_nothing_is_a_fault_and_none_is_like_itself(texts):
    rows = [(key, "", text) for key, text in enumerate(texts, start=1)]
    read, again = Texts(rows), Texts(rows)
    outcomes = Texts(rows, weighed_by=read)
    keys = {key for key, _title, _text in rows}
    for key, _title, text in rows:
        one = Input(pk=key, title="", text=text)
        found = read.like(one, own=read.own(key), but={key}, most=5)
        assert found == again.like(one, own=again.own(key), but={key}, most=5)
        assert key not in found
        assert set(found) <= keys
        same = {other for other, _title, said in rows if said == text} - {key}
        assert (same <= set(found)) or not read.own(key) or len(found) == 5
        assert (key in outcomes.like(one, own=read.own(key), but=(), most=len(rows))) == (read.own(key) > 0)
