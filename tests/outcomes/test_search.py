"""Finding inputs by their words, in the languages they are in."""

import pytest
from django.db import connection
from django.utils.html import escape
from hypothesis import given
from hypothesis import strategies as st

from consultations.models import Input
from outcomes.search import Search, fold
from outcomes.wordindex import forget_deleted_words, look_after_index
from tests import factories

pytestmark = pytest.mark.django_db
on_postgresql = connection.vendor == "postgresql"

TEXTS = {
    "en": ("Training for newcomers", "Cities were training newcomers in workshops, near their homes."),
    "tr": ("Kadınların eğitimi", "İstanbul'da kadınların eğitimine şirketler ödüyor."),
    "es": ("Formación de jóvenes", "Las ciudades forman a los jóvenes migrantes con empresas."),
    "ar": ("تدريب اللاجئين", "تُقدِّم المدن التدريب للاجئين مع الشركات."),
    "ja": ("職業訓練", "都市は移民の職業訓練に投資する。"),
}


@pytest.fixture
def inputs(event) -> dict[str, Input]:
    """One input in each language, among those of the event."""
    author = event.participant
    event.consultation.state = "announced"
    event.consultation.save(update_fields=["state"])
    given = {
        language: factories.give_input(author, language=language, title=title, text=text)
        for language, (title, text) in TEXTS.items()
    }
    event.consultation.state = "in_synthesis"
    event.consultation.save(update_fields=["state"])
    return given


def found(event, typed: str) -> set[str]:
    """The languages of the inputs that are found."""
    rows = Search(typed, event.consultation).choose(event.consultation.inputs.submitted())
    return {row.language for row in rows if row.title in {title for title, _text in TEXTS.values()}}


@pytest.mark.parametrize(
    ("typed", "languages"),
    [
        ("newcomers", {"en"}),
        ("NEWCOMERS workshops", {"en"}),
        ("newcomers eğitimi", set()),
        ("work", {"en"}),
        ("work newcomers", set()),
        ('"newcomers in workshops"', {"en"}),
        ('"workshops in newcomers"', set()),
        ('"newcomers in work"', set()),
        ("kadinlarin", {"tr"}),
        ("KADINLARIN", {"tr"}),
        ("istanbul", {"tr"}),
        ("İSTANBUL", {"tr"}),
        ("egitimi", {"tr"}),
        ("formacion", {"es"}),
        ("jovenes migrantes", {"es"}),
        ("تقدم", {"ar"}),
        ("للاجئين", {"ar"}),
        ("訓練", {"ja"}),
        ("職業訓練 移民", {"ja"}),
        ("訓練場", set()),
        ("form", {"es"}),
        ("in near their newcomers", {"en"}),
        ("the newcomers", set()),
    ],
)
def test_the_same_words_find_the_same_on_both_engines(event, inputs, typed, languages):
    assert found(event, typed) == languages


@pytest.mark.parametrize(
    ("typed", "language"),
    [("trained workshop", "en"), ("formamos joven", "es"), ("kadın şirket", "tr"), ("لاجئ", "ar")],
)
def test_postgresql_finds_other_forms_of_a_word_in_the_inputs_own_language(event, inputs, typed, language):
    assert (language in found(event, typed)) == on_postgresql


def test_what_is_in_the_title_comes_before_what_is_in_the_text(event, inputs):
    Input.objects.filter(pk=inputs["es"].pk).update(title="Workshops")
    rows = Search("workshops", event.consultation).choose(event.consultation.inputs.submitted()).order_by("-relevance")
    assert [row.language for row in rows.exclude(title__startswith="A fear")] == ["es", "en"]


def test_a_reference_finds_the_input_and_what_bears_on_an_outcome(event, inputs):
    outcome = factories.draft_outcome(event.consultation, by=event.rapporteur, evidence=[event.named])
    Input.objects.filter(pk=inputs["tr"].pk).update(bears_on=outcome.reference)
    all_of_it = event.consultation.inputs.submitted()
    for typed, expected in {
        event.by_type.reference: {event.by_type},
        f" {event.by_type.reference.lower()}. ": {event.by_type},
        "JHB11-I-1": {event.by_type},
        "TOR12-I-001": set(),
        outcome.reference: {event.named, inputs["tr"]},
        outcome.reference.lower(): {event.named, inputs["tr"]},
    }.items():
        assert set(Search(typed, event.consultation).choose(all_of_it)) == expected, typed


def test_what_was_found_is_marked_and_no_html_gets_through(event, inputs):
    Input.objects.filter(pk=inputs["en"].pk).update(
        title="<b>Training</b> & workshops", text="<script>alert('training')</script>\nTráining <training a=\"1\">"
    )
    row = Input.objects.get(pk=inputs["en"].pk)
    Search("training", event.consultation).mark([row])
    assert row.marked_title == "&lt;b&gt;<mark>Training</mark>&lt;/b&gt; &amp; workshops"
    assert row.marked_text == (
        "&lt;script&gt;alert(&#x27;<mark>training</mark>&#x27;)&lt;/script&gt;\n<mark>Tráining</mark> "
        "&lt;<mark>training</mark> a=&quot;1&quot;&gt;"
    )
    rows = Search("training", event.consultation).choose(event.consultation.inputs.submitted())
    assert row in rows


@pytest.mark.parametrize(
    ("language", "typed", "marked"),
    [
        ("tr", "egitimi", "<mark>eğitimi"),
        ("ar", "تقدم", "<mark>تُقدِّم</mark>"),
        ("ja", "訓練", "職業<mark>訓練</mark>"),
    ],
)
def test_words_are_marked_in_every_script(event, inputs, language, typed, marked):
    Search(typed, event.consultation).mark([inputs[language]])
    assert marked in inputs[language].marked_title + inputs[language].marked_text


def test_other_forms_that_were_found_are_marked_as_well(event, inputs):
    search = Search("trained", event.consultation)
    row = search.with_stems(event.consultation.inputs.all()).get(pk=inputs["en"].pk)
    search.mark([row])
    assert (row.marked_title == "<mark>Training</mark> for newcomers") == on_postgresql


def words_in_the_index() -> str:
    """Everything that the tables of the index hold, as one text."""
    tables = ["outcomes_inputwords"]
    if not on_postgresql:
        tables += ["outcomes_inputwords_data", "outcomes_inputwords_content", "outcomes_inputwords_idx"]
    held = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608
            held += [
                bytes(cell).decode(errors="ignore") if isinstance(cell, bytes | memoryview) else str(cell)
                for row in cursor.fetchall()
                for cell in row
            ]
    return " ".join(held).lower()


def test_no_write_forgets_the_index(event, inputs):
    rows = Input.objects.filter(pk=inputs["en"].pk)
    assert "homes" in words_in_the_index()
    rows.update(title="[…]", text="[…]")
    forget_deleted_words()
    assert found(event, "homes") == set()
    assert "homes" not in words_in_the_index()
    rows.update(text="Xylophones")
    assert Search("xylophones", event.consultation).choose(Input.objects.all()).get() == rows.get()
    Input.objects.bulk_update([Input(pk=rows.get().pk, text="Accordeons")], ["text"])
    assert Search("accordeons", event.consultation).choose(Input.objects.all()).exists()
    assert not Search("xylophones", event.consultation).choose(Input.objects.all()).exists()
    draft = factories.give_input(factories.take_part(event.later), text="Bandoneons")
    assert "bandoneons" in words_in_the_index()
    draft.delete()
    forget_deleted_words()
    assert "bandoneons" not in words_in_the_index()


def test_an_index_whose_triggers_are_gone_is_built_again(event, inputs):
    with connection.cursor() as cursor:
        if on_postgresql:
            cursor.execute("DROP FUNCTION outcomes_keep_inputwords CASCADE")
        else:
            cursor.execute("DROP TRIGGER outcomes_inputwords_10")
        Input.objects.filter(pk=inputs["en"].pk).update(text="Xylophones")
        cursor.execute("DELETE FROM outcomes_inputwords")
    assert found(event, "newcomers") == set()
    look_after_index(using="default")
    assert found(event, "newcomers") == {"en"}
    assert found(event, "xylophones") == {"en"}


@pytest.mark.parametrize(
    "typed", ['"', '""', "' OR 1=1 --", "AND", "NOT NEAR(", "a* b*", "()", "title:x", "\\", "%", "\x00", "&|!<->", "'a"]
)
def test_nothing_that_is_typed_is_a_fault(event, typed):
    list(Search(typed, event.consultation).choose(event.consultation.inputs.all()).order_by("-relevance"))


@given(typed=st.text(max_size=60))
def test_no_text_at_all_is_a_fault(typed):
    consultation = factories.Consultation(pk=0, code="JHB11")
    search = Search(typed, consultation)
    list(search.with_stems(search.choose(Input.objects.all())).order_by("-relevance"))
    row = Input(pk=1, title=typed, text=typed)
    search.mark([row])
    assert row.marked_title.replace("<mark>", "").replace("</mark>", "") == escape(typed)


@given(word=st.text(max_size=20))
def test_folding_twice_is_folding_once(word):
    assert fold(fold(word)) == fold(word)
