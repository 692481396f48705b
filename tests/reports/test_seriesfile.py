import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from consultations.models import Consultation, Input, Series
from outcomes import dispositions
from outcomes.models import Consideration, Evidence, Outcome, Version
from outcomes.synthesis import tag, take_back
from reports.seriesfile.importing import import_series
from reports.seriesfile.reading import FaultyFile, read
from reports.seriesfile.writing import tell, write
from stakeholders.models import Organisation, Person, StakeholderType
from tests.factories import SYNTHESIS, bring_to, draft_outcome, make_series, make_themes, make_type

pytestmark = pytest.mark.django_db
OURS = ["stakeholders", "consultations", "outcomes"]


@pytest.fixture
def series(scene) -> Series:
    """The scene of the dossier, and a third event with tags, things taken back, a merge and a split in work."""
    series = scene.hearing.series
    who = {"by": scene.rapporteur, "at": SYNTHESIS}
    aside = scene.inputs["aside"]
    Consultation.objects.filter(code="JHB11").update(state="in_validation")
    take_back(aside, **who)
    tag([aside, scene.inputs["named"]], consultation=scene.johannesburg, name="roads", **who)
    Consultation.objects.filter(code="JHB11").update(state="concluded")
    scene.johannesburg.sessions.create(order=7, title="Opening", area=series.areas.first(), moderator=scene.organiser)
    scene.johannesburg.sessions.create(order=7, title="Closing")
    Input.objects.filter(pk=aside.pk).update(session=scene.johannesburg.sessions.get(title="Closing"))
    series.earlier_meetings.create(title="Roundtable", place="Copenhagen", order=1)
    europe = series.regions.create(name="Europe", countries="Netherlands\nTürkiye", order=1)
    scene.johannesburg.region_targets.create(region=europe, number=3)
    make_themes(scene.hearing, T2=["SC", "KT"], T1=[])
    hearing = bring_to(scene.hearing, "in_synthesis", by=scene.staff)
    first = Consideration.objects.filter(consultation=hearing).order_by("pk").first()
    dispositions.decide(first, disposition="adopted", **who)
    draft_outcome(hearing, by=scene.rapporteur, title="Born at the hearing")
    return series


def empty_the_database() -> None:
    """Take everything away that a file brings."""
    from django.core.management.color import no_style
    from django.db import connection

    models = [model for app in OURS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # What is checked at the end of a transaction is checked now: no table is emptied before.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        else:
            for sql in connection.ops.sql_flush(no_style(), tables, allow_cascade=True):
                cursor.execute(sql)


def faults_of(data: object) -> dict[str, str]:
    """What the file is refused for, by place; asserts that nothing was written."""
    before = Series.objects.count()
    with pytest.raises(FaultyFile) as refusal:
        import_series(data if isinstance(data, str) else json.dumps(data))
    assert Series.objects.count() == before
    return {fault.path: fault.reason for fault in refusal.value.faults}


def test_export_import_export_gives_the_same_bytes(series):
    before = write(series)
    empty_the_database()
    assert not Person.objects.exists()
    imported = import_series(before)
    assert write(imported) == before


def test_nothing_is_lost_on_the_way(series):
    counted = [StakeholderType, Organisation, Person, Consultation, Input, Outcome, Version, Consideration, Evidence]
    before = {model.__name__: model.objects.count() for model in counted}
    lines = set(Evidence.objects.values_list("outcome__reference", "input__number", "quote", "linked_by__name"))
    text = write(series)
    # Staff who signed or announced are in the file; people who did nothing in the series are not.
    gone = Person.objects.filter(participations=None, user__is_staff=True).exclude(key__in=people_in(text)).count()
    empty_the_database()
    import_series(text)
    after = {model.__name__: model.objects.count() for model in counted}
    assert after == before | {"Person": before["Person"] - gone}
    assert set(Evidence.objects.values_list("outcome__reference", "input__number", "quote", "linked_by__name")) == lines


def people_in(text: str) -> list[str]:
    return [person["key"] for person in json.loads(text)["people"]]


def test_what_an_input_bears_on_is_kept(series):
    text = write(series)
    empty_the_database()
    import_series(text)
    assert Input.objects.get(title="Draft").bears_on == "ROT10-KT-07"


def test_accounts_are_not_in_the_file(series):
    assert "user" not in json.loads(write(series))["people"][0]
    assert "password" not in write(series)


def test_a_second_series_shares_the_address_book(series):
    data = tell(series)
    data["series"]["slug"] = "second"
    text = json.dumps(data).replace("JHB11", "AAA").replace("TOR", "BBB").replace("HEAR", "CCC")
    people = Person.objects.count()
    second = import_series(text)
    assert second.consultations.count() == 3
    assert Person.objects.count() == people


def test_an_address_book_that_says_otherwise_is_refused(series):
    data = tell(series)
    data["series"]["slug"] = "second"
    data["people"][0]["name"] = "Somebody Else"
    text = json.dumps(data).replace("JHB11", "AAA").replace("TOR", "BBB").replace("HEAR", "CCC")
    key = data["people"][0]["key"]
    assert faults_of(text) == {"$.people[0].name": f"“{key}” is in the address book already, with another value here."}


def test_an_e_mail_address_of_somebody_else_is_refused(series):
    data = tell(series)
    data["series"]["slug"] = "second"
    person = next(row for row in data["people"] if row["email"])
    place, old = data["people"].index(person), person["key"]
    text = json.dumps(data).replace(old, "newkey").replace("JHB11", "AAA").replace("TOR", "BBB").replace("HEAR", "CCC")
    assert faults_of(text) == {
        f"$.people[{place}].email": f"Somebody else in the address book, “{old}”, has this e-mail address."
    }


def test_a_series_that_is_there_is_not_changed(series):
    assert faults_of(write(series)) == {
        "$.series.slug": "There is a series “thp” already. A file makes a new series; it does not change one.",
        **{
            f"$.consultations[{place}].code": f"Another series has a consultation {code} already."
            for place, code in enumerate(["JHB11", "TOR", "HEAR"])
        },
    }


FIRST = {"c": "$.consultations[0]", "i": "$.consultations[0].inputs[0]", "o": "$.outcomes[0]"}
CHANGES = [
    (lambda d: d.pop("areas"), "$.areas", "This key is missing."),
    (lambda d: d.update(colour=1), "$.colour", "This key is not known."),
    (lambda d: d.update(people={}), "$.people", "Here a list is wanted."),
    (lambda d: d["people"][0].update(email=5), "$.people[0].email", "Here a text is wanted."),
    (lambda d: d["people"][0].update(email="none"), "$.people[0].email", "Enter a valid email address."),
    (lambda d: d["people"][0].update(name=""), "$.people[0].name", "This cannot be empty."),
    (lambda d: d["people"][0].update(name=None), "$.people[0].name", "This cannot be empty."),
    (lambda d: d["people"][0].update(is_sample="no"), "$.people[0].is_sample", "Here true or false is wanted."),
    (
        lambda d: d["people"][0].update(organisation="nowhere"),
        "$.people[0].organisation",
        "There is no “nowhere” among the organisations.",
    ),
    (lambda d: d["consultations"][0].update(order=True), FIRST["c"] + ".order", "Here a whole number is wanted."),
    (
        lambda d: d["consultations"][0].update(starts_on="28 June"),
        FIRST["c"] + ".starts_on",
        "Here a day like 2011-06-28 is wanted.",
    ),
    (
        lambda d: d["consultations"][0].update(inputs_open_at="2011-05-01T00:00:00"),
        FIRST["c"] + ".inputs_open_at",
        "Here a moment like 2011-06-28T07:00:00Z is wanted.",
    ),
    (
        lambda d: d["consultations"][0].update(state="over"),
        FIRST["c"] + ".state",
        "“over” is none of: planned, announced, in_synthesis, in_validation, concluded, cancelled.",
    ),
    (
        lambda d: d["consultations"][0].update(time_zone="Mars/Base"),
        FIRST["c"] + ".time_zone",
        "“Mars/Base” is not a time zone. Use a name like Africa/Johannesburg.",
    ),
    (
        lambda d: d["consultations"][2].update(feeds_into="JHB11"),
        FIRST["c"] + ".feeds_into",
        "The plan runs in a circle.",
    ),
    (
        lambda d: d["consultations"][0]["inputs"][0].update(area="XX"),
        FIRST["i"] + ".area",
        "There is no “XX” among the areas.",
    ),
    (
        lambda d: d["consultations"][0]["inputs"][1].update(id="JHB11/1"),
        "$.consultations[0].inputs[1].id",
        "“JHB11/1” stands twice.",
    ),
    (
        lambda d: d["consultations"][0]["inputs"][1].update(number=1),
        "$.consultations[0].inputs[1].number",
        "“1” stands twice.",
    ),
    (
        lambda d: d["consultations"][0]["inputs"][0].update(title="x" * 121),
        FIRST["i"] + ".title",
        "Ensure this value has at most 120 characters (it has 121).",
    ),
    (
        lambda d: d["consultations"][0]["inputs"][0].update(area=None),
        FIRST["i"],
        "This breaks the rule “consultations_input_submitted_is_complete”.",
    ),
    (
        lambda d: d["consultations"][0]["region_targets"][0].update(region="Atlantis"),
        FIRST["c"] + ".region_targets[0].region",
        "There is no “Atlantis” among the regions.",
    ),
    (
        lambda d: d["consultations"][2]["themes"][0].update(areas=["XX"]),
        "$.consultations[2].themes[0].areas[0]",
        "There is no “XX” among the areas.",
    ),
    (
        lambda d: d["consultations"][2]["themes"][1].update(code="T2"),
        "$.consultations[2].themes[1].code",
        "“T2” stands twice.",
    ),
    (
        lambda d: d["consultations"][0].update(themes=d["consultations"][2]["themes"]),
        "$.consultations[0].themes",
        "Only a hearing has themes of its own.",
    ),
    (
        lambda d: d["outcomes"][0].update(number=9),
        FIRST["o"] + ".reference",
        "By its consultation, area and number this would be HEAR-KT-09.",
    ),
    (
        lambda d: d["outcomes"][1]["evidence"][0].update(quote="never said"),
        "$.outcomes[1].evidence[0].quote",
        "The passage is not literally in the input JHB11/1.",
    ),
    (
        lambda d: d["outcomes"][1]["considerations"][1].update(version_after=9),
        "$.outcomes[1].considerations[1].version_after",
        "There is no “9” among the versions.",
    ),
    (
        lambda d: d["outcomes"][1]["considerations"][2].update(laid_from="JHB11"),
        "$.outcomes[1].considerations[2].laid_from",
        "“JHB11” stands twice.",
    ),
    (
        lambda d: d["outcomes"][1]["versions"][0].update(signed_by=d["outcomes"][1]["versions"][0]["drafted_by"]),
        "$.outcomes[1].versions[0]",
        "This breaks the rule “outcomes_version_frozen_is_signed_by_another”.",
    ),
    (
        lambda d: d["consultations"][0].update(inputs_close_at="2000-01-01T00:00:00Z"),
        FIRST["c"],
        "This breaks the rule “consultations_consultation_window_closes_after_opening”.",
    ),
]


@pytest.mark.parametrize(("change", "path", "reason"), CHANGES, ids=[case[1] for case in CHANGES])
def test_a_fault_is_told_with_its_place(series, change, path, reason):
    data = tell(series)
    empty_the_database()
    change(data)
    found = faults_of(data)
    assert found.get(path) == reason, found
    assert not Person.objects.exists()


def test_all_faults_are_told_at_once(series):
    data = tell(series)
    empty_the_database()
    data["people"][0]["email"] = "none"
    data["consultations"][1]["kind"] = "party"
    del data["outcomes"][0]["kind"]
    assert set(faults_of(data)) == {"$.people[0].email", "$.consultations[1].kind", "$.outcomes[0].kind"}


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        ("", "$", "This is not JSON: Expecting value, in line 1, column 1."),
        ("{\n x}", "$", "This is not JSON: Expecting property name enclosed in double quotes, in line 2, column 2."),
        ("[]", "$.format", "This is not a series file: it must begin with the format “consultation-series/1”."),
        (
            '{"format": "1"}',
            "$.format",
            "This is not a series file: it must begin with the format “consultation-series/1”.",
        ),
        ('{"format": "a", "format": "b"}', "$", "The key “format” stands twice in one place."),
        ("[" * 100_000, "$", "This is not a series file: it is nested too deeply."),
    ],
)
def test_what_is_no_series_file(text, path, reason):
    assert faults_of(text) == {path: reason}


def test_reading_writes_nothing(series, django_assert_num_queries):
    text = write(series)
    with django_assert_num_queries(0):
        read(text)


@pytest.mark.parametrize("number", [5, 300])
def test_the_number_of_queries_does_not_depend_on_the_number_of_inputs(series, number, django_assert_max_num_queries):
    data = tell(series)
    empty_the_database()
    template = data["consultations"][0]["inputs"][3]
    data["consultations"][0]["inputs"] += [
        {**template, "id": f"JHB11/{place}", "number": place} for place in range(100, 100 + number)
    ]
    with django_assert_max_num_queries(60):
        imported = import_series(json.dumps(data))
    with django_assert_max_num_queries(40):
        write(imported)


def test_the_commands(series, tmp_path, capsys):
    file = tmp_path / "thp.json"
    written = StringIO()
    call_command("export_series", "thp", stdout=written)
    file.write_text(written.getvalue())
    with pytest.raises(
        CommandError, match=r"(?s)is refused, and nothing was written:\n\$\.series\.slug: There is a series"
    ):
        call_command("import_series", file)
    empty_the_database()
    call_command("import_series", file)
    assert "The series “Cities and business” is here, with 3 consultations." in capsys.readouterr().out
    with pytest.raises(CommandError, match="There is no series “nowhere”. There are: thp"):
        call_command("export_series", "nowhere")
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_series", tmp_path / "none.json")
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="is not a text in UTF-8"):
        call_command("import_series", file)


def test_an_empty_series_goes_through():
    empty = make_series("empty", areas=())
    empty.stakeholder_types.set([make_type("city")])
    text = write(empty)
    empty_the_database()
    assert write(import_series(text)) == text
