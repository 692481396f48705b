"""What each row of a file is planned to do, told row by row."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stakeholders.exporting import people_table
from stakeholders.importing.cells import addresses_in, clean, fold, is_same_name
from stakeholders.importing.planning import Planner, read_book, understand
from stakeholders.models import ImportRow, Person
from stakeholders.spreadsheets import write_csv, write_xlsx
from tests.factories import make_organisation, make_person, make_type

HEADERS = "name,e-mail,organisation,type,city,country\n"


def told(made) -> list[tuple[int, str, str]]:
    return list(made.rows.order_by("number").values_list("number", "action", "reason"))


def row(made, number: int = 2) -> ImportRow:
    return made.rows.get(number=number)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Jan\u00a0 \u2009Jansen\t", "Jan Jansen"),
        ("Zoe\u0308", "Zoë"),
        ("\ufeffAna\u200b\u00ad", "Ana"),
        ("\u202aBo\u202c\r\nEk", "Bo Ek"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("'=1+1", "=1+1"),
        ("'t Hart", "'t Hart"),
        ("'+31 70 1", "+31 70 1"),
    ],
)
def test_cells_are_cleaned(typed, kept):
    assert clean(typed) == kept


@given(st.text())
def test_cleaning_is_done_after_one_time_and_composes(text):
    once = clean(text)
    assert unicodedata.is_normalized("NFC", once)
    assert "  " not in once
    assert once == once.strip()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Jan@City.Example", ["jan@city.example"]),
        ("mailto:jan@city.example", ["jan@city.example"]),
        ("Jan Jansen <jan@city.example>", ["jan@city.example"]),
        ("jan@city.example; bo@city.example", ["jan@city.example", "bo@city.example"]),
        ("jan@city.example / JAN@city.example.", ["jan@city.example"]),
        ("a@city.example,b@city.example or c@x.example", ["a@city.example", "b@city.example", "c@x.example"]),
        ("", []),
    ],
)  # fmt: skip
def test_addresses_are_found_in_cells(typed, found):
    assert addresses_in(typed) == found


@pytest.mark.parametrize("typed", ["none", "jan at city", "jan@city", "jan@@city.example", "=A1"])
def test_what_is_no_address_is_told(typed):
    with pytest.raises(ValueError, match="is not an e-mail address"):
        addresses_in(typed)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("José Ñúñez", "jose nunez", True),
        ("Jansen, Jan", "Jan Jansen", True),
        ("Dr. Jan Jansen", "Jan Jansen", True),
        ("Łukasz Dąbrowski", "Lukasz Dabrowski", True),
        ("Jan Jansen", "Jan Pietersen", False),
        ("Jan", "Jan Jansen", False),
        ("Jan", "jan", True),
    ],
)
def test_names_are_compared_as_people_would(one, other, same):
    assert is_same_name(one, other) is same
    assert is_same_name(other, one) is same


@given(st.text(min_size=1))
def test_folding_is_done_after_one_time(text):
    assert fold(fold(text)) == fold(text)


def test_halves_of_names_are_put_together():
    values = understand(["Jan", " van  Dam ", "x"], {"first_name": 0, "last_name": 1})
    assert values["name"] == "Jan van Dam"
    assert understand(["Jan"], {"first_name": 0, "last_name": 1})["name"] == "Jan"


@pytest.mark.django_db
class TestRows:
    def test_somebody_new_with_a_new_organisation(self, preview):
        made = preview(HEADERS + "Zoë Łuczak,zoe@city.example,City of Łódź,City,Łódź,Poland\n")
        assert told(made) == [(2, "add", "The organisation is new too, and is added.")]
        assert row(made).changes == {
            "name": ["", "Zoë Łuczak"],
            "email": ["", "zoe@city.example"],
            "organisation": ["", "City of Łódź"],
            "stakeholder_type": ["", "City"],
            "country": ["", "Poland"],
        }

    def test_an_update_tells_before_and_after_and_empty_cells_change_nothing(self, preview):
        make_person("Jan Jansen", email="jan@city.example", organisation=make_organisation(), country="Belgium")
        make_organisation("City of Ghent")
        made = preview(HEADERS + "Dr. Jan Jansen,JAN@city.example,city of ghent,,,\n")
        assert told(made) == [(2, "update", "")]
        assert row(made).changes == {
            "name": ["Jan Jansen", "Dr. Jan Jansen"],
            "organisation": ["City of Utrecht", "City of Ghent"],
        }

    def test_what_is_the_same_is_not_changed(self, preview):
        make_person("Jan Jansen", email="jan@city.example")
        made = preview(HEADERS + '"Jansen, Jan",jan@city.example,,,,\n')
        assert told(made) == [(2, "unchanged", "")]

    def test_an_address_of_somebody_with_another_name_is_to_decide(self, preview):
        make_person("Jan Jansen", email="info@city.example")
        made = preview(HEADERS + "Anna Berg,info@city.example,,,,\n")
        assert told(made) == [
            (2, "decide", "Jan Jansen has this e-mail address in the address book. Is it the same person?")
        ]
        assert not row(made).may_be_another

    def test_the_same_name_and_organisation_is_to_decide(self, preview):
        known = make_person("José Ñúñez", email="jose@city.example", organisation=make_organisation())
        made = preview(HEADERS + "JOSE NUNEZ,other@city.example,City of Utrecht,,,\n")
        assert told(made) == [
            (2, "decide", "Somebody of this name is in the address book (jose@city.example · City of Utrecht).")
        ]
        assert (row(made).found_key, row(made).may_be_another) == (known.key, True)

    def test_the_same_name_elsewhere_is_somebody_else(self, preview):
        make_person("Jan Jansen", organisation=make_organisation())
        made = preview(HEADERS + "Jan Jansen,jan2@city.example,City of Ghent,,,\n")
        assert [action for _number, action, _reason in told(made)] == ["add"]

    def test_the_same_person_twice_in_the_file(self, preview):
        made = preview(
            HEADERS
            + "Jan Jansen,jan@city.example,City A,,,\n"
            + "Jan Jansen,jan@city.example,City B,,,\n"
            + "Bo Ek,jan@city.example,,,,\n"
            + "Anna Berg,,City A,,,\n"
            + "anna berg,,City A,,,\n"
        )
        assert [told(made)[0][1], *told(made)[1:3]] == [
            "add",
            (3, "repeated", "The same person as in row 2, which counts.\nSaid here and not there: City B."),
            (
                4,
                "faulty",
                "Row 2 has the same e-mail address and another name, Jan Jansen. "
                "Give each of them an address of their own, or none.",
            ),
        ]
        assert [line[1:] for line in told(made)[3:]] == [
            ("add", "The organisation is new too, and is added."),
            (
                "decide",
                "The organisation is new too, and is added.\nRow 5 has the same name and organisation.",
            ),
        ]

    def test_two_addresses_in_one_cell(self, preview):
        make_person("Jan Jansen", email="second@city.example")
        make_person("Bo Ek", email="bo@city.example")
        made = preview(
            HEADERS
            + "Jan Jansen,first@city.example; second@city.example,,,,\n"
            + "Anna Berg,a@city.example / b@city.example,,,,\n"
            + "Bo Ek,bo@city.example second@city.example,,,,\n"
        )
        several = "The cell has several e-mail addresses. Kept: {}. Not kept: {}."
        assert told(made) == [
            (2, "unchanged", several.format("second@city.example", "first@city.example")),
            (3, "add", several.format("a@city.example", "b@city.example")),
            (4, "faulty", "Its addresses belong to several people in the address book: Bo Ek, Jan Jansen."),
        ]

    def test_faults_are_told_all_at_once(self, preview):
        made = preview(HEADERS + f"{'x' * 201},nonsense,,Wizard,,#REF!\n,new@city.example,,,,\n,,,,Utrecht,\n")
        assert told(made) == [
            (
                2,
                "faulty",
                "“xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…” is too long: at most 200 characters are kept.\n"
                "A formula went wrong in the file: #REF!.\n"
                "There is no stakeholder type “Wizard”.\n"
                "“nonsense” is not an e-mail address.",
            ),
            (3, "faulty", "There is no name, and nobody in the address book has this e-mail address."),
            (4, "faulty", "There is neither a name nor an organisation."),
        ]

    def test_formulas_are_kept_as_text_and_told(self, preview):
        made = preview(HEADERS + '"=HYPERLINK(""http://evil.example"")",jan@city.example,,,,\n')
        assert told(made) == [
            (
                2,
                "add",
                '“=HYPERLINK("http://evil.example")” is a formula: it is not worked out, and kept as text.',
            )
        ]
        assert row(made).changes["name"] == ["", '=HYPERLINK("http://evil.example")']

    def test_organisations_without_people(self, preview):
        make_organisation("City of Utrecht")
        make_organisation("Twin")
        twin = make_organisation("Other")
        twin.name = "Twin"
        twin.save()
        made = preview(
            "Organisation,Type,City,Country\n"
            "City of Utrecht,City,Utrecht,Netherlands\n"
            "Port Works,Businesses,Rotterdam,Netherlands\n"
            "PORT WORKS,,,\n"
            "Twin,,,\n"
        )
        assert told(made) == [
            (2, "update", ""),
            (3, "add", ""),
            (4, "repeated", "The same organisation as in row 3."),
            (5, "faulty", "2 organisations in the address book are called “Twin”. Merge them, or rename one."),
        ]
        assert row(made).changes == {"city": ["", "Utrecht"], "country": ["", "Netherlands"]}

    def test_rows_without_a_type_get_the_usual_one(self, preview):
        made = preview(HEADERS + "Jan Jansen,jan@city.example,,,,\n", usual_type=make_type("business"))
        assert row(made).changes["stakeholder_type"] == ["", "Business"]

    def test_letters_that_could_not_be_read_are_a_fault(self, preview):
        made = preview("name;e-mail\nJ\ufffdn;jan@city.example\n")
        assert told(made) == [(2, "faulty", "“J\ufffdn” has letters that could not be read.")]


@pytest.mark.django_db
class TestInvariants:
    def test_no_two_planned_rows_are_about_one_person_or_address(self):
        """Whatever the rows say, what is planned can be written."""
        for number in range(3):
            make_person(f"Name {number}", email=f"n{number}@city.example", key=f"key{number}")
        book, taken = read_book(), set(Person.objects.values_list("email", flat=True))
        cell = st.fixed_dictionaries(
            {
                "name": st.sampled_from(["", "Name 0", "Name 1", "Name 9", "name, 0"]),
                "email": st.sampled_from(["", "n0@city.example", "n1@city.example n7@city.example", "n7@city.example"]),
                "organisation": st.sampled_from(["", "A", "B"]),
                "stakeholder_type": st.just(""),
                "country": st.just(""),
                "city": st.just(""),
                "key": st.sampled_from(["", "", "key0", "gone"]),
            }
        )

        @given(st.lists(st.tuples(cell, st.sampled_from(["", "same", "another", "leave_out"])), max_size=8))
        def check(rows):
            planner = Planner(book)
            plans = [planner.plan(number, values, decision) for number, (values, decision) in enumerate(rows, 2)]
            changed = [plan.found_key for plan in plans if plan.action == "update"]
            assert len(changed) == len(set(changed))
            written = [plan.changes for plan in plans if plan.action in {"add", "update"}]
            new = [changes["email"][1] for changes in written if "email" in changes]
            assert len(new) == len(set(new))
            assert not taken & set(new)
            assert all(changes for changes in written)

        check()


@pytest.mark.django_db
class TestExportsComeBack:
    """What was exported, with keys, is mended in a spreadsheet program and imported again."""

    def test_unchanged_it_changes_nothing(self, preview, staff):
        for number in range(5):
            make_person(f"Same Name {number % 2}", email=None, organisation=make_organisation(f"City {number % 3}"))
        people = Person.objects.all()
        for data in ["".join(write_csv(people_table(people))).encode(), write_xlsx(people_table(people), title="x")]:
            made = preview(data)
            assert {line[1:] for line in told(made)} == {("unchanged", "")}
            assert made.rows.count() == 6

    def test_names_and_addresses_are_changed_by_the_key(self, imported):
        person = make_person("Jan Jansen", email="old@city.example", key="abc")
        organisation = make_organisation("City of Utrecht")
        imported("name,e-mail,address book key\nAnna Berg,new@city.example,abc\n")
        imported(f"organisation,city,address book key\nGemeente Utrecht,Utrecht,{organisation.key}\n")
        person.refresh_from_db()
        organisation.refresh_from_db()
        assert (person.name, person.email) == ("Anna Berg", "new@city.example")
        assert (organisation.name, organisation.city) == ("Gemeente Utrecht", "Utrecht")

    def test_a_key_that_does_not_fit_is_a_fault(self, preview):
        make_person("Jan Jansen", email="jan@city.example", key="abc")
        make_person("Bo Ek", email="bo@city.example")
        gone = "There is no such record any more. Empty the cell of its key to add it as a new one."
        organisation = make_organisation()
        made = preview(
            "name,e-mail,organisation,address book key\n"
            "Jan Jansen,bo@city.example,,abc\n"
            "Anna Berg,,,gone\n"
            f"Anna Berg,,,{organisation.key}\n"
            ",,City of Ghent,abc\n"
        )
        assert told(made) == [
            (2, "faulty", "Its e-mail address is that of Bo Ek in the address book."),
            (3, "faulty", gone),
            (4, "faulty", gone),
            (5, "faulty", gone),
        ]
