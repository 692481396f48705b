"""The way of a file into the address book: what is written when, and what is not."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import JobState
from stakeholders.importing import steps, tables
from stakeholders.importing.left_over import left_over_file
from stakeholders.importing.working import work_on
from stakeholders.models import AddressImport, Decision, ImportRow, Organisation, Person
from stakeholders.refusals import Refused
from tests.factories import NOW, make_organisation, make_person
from tests.processes import running
from tests.servers import wait_for
from tests.test_faults import HASTY, slow_inserts

pytestmark = pytest.mark.django_db
HEADERS = "Naam;E-mail;Organisatie;Soort;Plaats;Land\n"
LIST = (
    HEADERS
    + "Zoë Łuczak;zoe@city.example;City of Łódź;City;Łódź;Poland\n"
    + "Ana Müller;ana@city.example;City of Łódź;;;\n"
    + "Jan Jansen;jan@city.example;City of Utrecht;City;;Netherlands\n"
    + "Bo Ek;none;;;;\n"
)


def book() -> set[tuple[str, str | None, str | None, str | None, str]]:
    rows = Person.objects.exclude(user__is_staff=True)
    return set(rows.values_list("name", "email", "organisation__name", "stakeholder_type__name", "country"))


def files() -> list[Path]:
    folder = Path(settings.VAR_DIR, "files", "address-imports")
    return sorted(folder.iterdir()) if folder.exists() else []


def lines_to_mend(made: AddressImport) -> list[list[str]]:
    text = "".join(left_over_file(made)).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text), delimiter=made.delimiter or ","))


def test_nothing_is_written_before_the_confirmation_and_everything_after_it(preview, work, staff, clock):
    known = make_person("Jan Jansen", email="jan@city.example", country="Belgium")
    made = preview(LIST)
    assert book() == {("Jan Jansen", "jan@city.example", None, None, "Belgium")}
    assert not Organisation.objects.exists()
    steps.confirm(made, by=staff, at=timezone.now())
    work(made)
    assert (made.stage, made.state, made.written_at) == ("written", "done", NOW)
    assert book() == {
        ("Zoë Łuczak", "zoe@city.example", "City of Łódź", "City", "Poland"),
        ("Ana Müller", "ana@city.example", "City of Łódź", None, ""),
        ("Jan Jansen", "jan@city.example", "City of Utrecht", "City", "Netherlands"),
    }
    assert set(Organisation.objects.values_list("name", "stakeholder_type__name", "city", "country")) == {
        ("City of Łódź", "City", "Łódź", "Poland"),
        ("City of Utrecht", "City", "", "Netherlands"),
    }
    counts = {name: number for name, number in made.counts.items() if number}
    assert counts == {"add": 2, "update": 1, "faulty": 1}
    told = known.history.latest("history_date", "history_id")
    assert (told.history_type, told.history_user, told.history_change_reason, told.country) == (
        "~", staff.user, "Imported from list.csv", "Netherlands",
    )  # fmt: skip
    assert {row.history_type for row in Person.history.filter(name="Zoë Łuczak")} == {"+"}
    assert {row.history_user for row in Organisation.history.all()} == {staff.user}


def test_a_written_import_keeps_only_what_is_to_mend(imported):
    made = imported(LIST)
    assert lines_to_mend(made) == [
        ["Naam", "E-mail", "Organisatie", "Soort", "Plaats", "Land", "Row in the file", "What to mend"],
        ["Bo Ek", "none", "", "", "", "", "5", "“none” is not an e-mail address."],
    ]
    assert made.file.name == ""
    assert files() == []


def test_the_rows_to_mend_are_imported_again_once_they_are_mended(imported):
    made = imported(LIST + '"=evil(";nothing;;;;\n')
    lines = lines_to_mend(made)
    assert lines[2][:2] == ["'=evil(", "nothing"]
    mended = "".join(left_over_file(made)).replace('"none"', '"bo@city.example"').replace('"nothing"', '""')
    again = imported(mended)
    assert {name: number for name, number in again.counts.items() if number} == {"add": 2}
    assert {("Bo Ek", "bo@city.example", None, None, ""), ("=evil(", None, None, None, "")} <= book()


def test_the_same_file_again_changes_nothing(imported, preview):
    imported(LIST)
    before, history = book(), Person.history.count()
    again = preview(LIST)
    assert set(again.rows.values_list("action", flat=True)) == {"unchanged", "faulty"}
    with pytest.raises(Refused, match="no row that would change"):
        steps.confirm(again, by=again.asked_by, at=timezone.now())
    assert (book(), Person.history.count()) == (before, history)


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (Decision.SAME, {("Jan Jansen", "new@city.example", "City of Utrecht", None, "")}),
        (
            Decision.ANOTHER,
            {
                ("Jan Jansen", "jan@city.example", "City of Utrecht", None, ""),
                ("Jan Jansen", "new@city.example", "City of Utrecht", None, ""),
            },
        ),
        (Decision.LEAVE_OUT, {("Jan Jansen", "jan@city.example", "City of Utrecht", None, "")}),
        (None, {("Jan Jansen", "jan@city.example", "City of Utrecht", None, "")}),
    ],
)
def test_a_possible_duplicate_is_what_staff_say(preview, work, staff, decision, expected):
    make_person("Jan Jansen", email="jan@city.example", organisation=make_organisation())
    made = preview(HEADERS + "Jan Jansen;new@city.example;City of Utrecht;;;\nOther One;other@city.example;;;;\n")
    if decision is not None:
        assert steps.decide(made, numbers=[2], decision=decision, at=timezone.now()) == 1
    steps.confirm(made, by=staff, at=timezone.now())
    assert work(made).stage == "written"
    assert book() == expected | {("Other One", "other@city.example", None, None, "")}
    left_over = [] if decision is not None else ["2"]
    assert [line[-2] for line in lines_to_mend(made)[1:]] == left_over


def test_a_new_address_has_refused_no_mail(preview, work, staff):
    person = make_person("Jan Jansen", email="old@city.example", mail_refused_at=NOW, mail_refusal="No such user")
    made = preview(HEADERS + "Jan Jansen;new@city.example;;;;\n")
    steps.decide(made, numbers=None, decision=Decision.SAME, at=timezone.now())
    steps.confirm(made, by=staff, at=timezone.now())
    work(made)
    person.refresh_from_db()
    assert (person.email, person.mail_refused_at, person.mail_refusal) == ("new@city.example", None, "")


def test_all_that_is_open_can_be_decided_at_once_and_taken_back(preview):
    for number in range(3):
        make_person(f"Name {number}", email=f"n{number}@city.example")
    made = preview(HEADERS + "".join(f"Name {number};other{number}@city.example;;;;\n" for number in range(3)))
    assert steps.decide(made, numbers=None, decision=Decision.ANOTHER, at=timezone.now()) == 3
    assert list(made.rows.values_list("action", flat=True)) == ["add", "add", "add"]
    steps.decide(made, numbers=[2], decision=Decision.LEAVE_OUT, at=timezone.now())
    assert list(made.rows.order_by("number").values_list("action", flat=True)) == ["left_out", "add", "add"]


@pytest.mark.parametrize(
    ("meanwhile", "action"),
    [
        (lambda person: make_person("Zoë Łuczak", email="zoe@city.example"), "update"),
        (lambda person: Person.objects.filter(pk=person.pk).update(country="France"), "update"),
        (lambda person: Person.objects.filter(pk=person.pk).update(name="Otto Other"), "decide"),
        (lambda person: person.delete(), "add"),
    ],
)
def test_what_changed_in_the_book_since_the_preview_is_noticed(preview, work, staff, meanwhile, action):
    person = make_person("Jan Jansen", email="jan@city.example", country="Belgium")
    made = preview(LIST)
    meanwhile(person)
    before, history = book(), Person.history.count()
    steps.confirm(made, by=staff, at=timezone.now())
    work(made)
    assert (made.stage, made.state) == ("preview", "done")
    assert (book(), Person.history.count()) == (before, history)
    assert list(made.rows.filter(moved_at=NOW).values_list("action", flat=True)) == [action]
    if action == "decide":
        steps.decide(made, numbers=None, decision=Decision.SAME, at=timezone.now())
        assert not made.rows.filter(moved_at__isnull=False).exists()
    steps.confirm(made, by=staff, at=timezone.now())
    assert work(made).stage == "written"
    assert ("Jan Jansen", "jan@city.example", "City of Utrecht", "City", "Netherlands") in book()


def test_columns_can_be_matched_again_after_the_preview(preview, work):
    made = preview("a;b\nJan Jansen;City of Utrecht\n", matched={"name": 1})
    assert made.rows.get().values["name"] == "City of Utrecht"
    steps.match(made, matched={"name": 0, "organisation": 1}, usual_type=None, at=timezone.now())
    work(made)
    row = made.rows.get()
    assert (row.values["name"], row.values["organisation"]) == ("Jan Jansen", "City of Utrecht")


def test_a_file_can_be_read_in_another_way(staff):
    data = "Ad;E-posta\nIşıl Şahin;isil@city.example\n".encode("cp1254")
    made = steps.upload(io.BytesIO(data), name="x.csv", by=staff, at=NOW)
    assert made.sample[1][1][0] == "Iþýl Þahin"
    steps.read_again(made, encoding="cp1254", delimiter=";", header_row=1)
    assert (made.sample[1][1][0], made.columns) == ("Işıl Şahin", {"name": 0, "email": 1})


def test_without_a_name_or_an_organisation_there_is_no_preview(staff):
    made = steps.upload(io.BytesIO(b"email\njan@city.example\n"), name="x.csv", by=staff, at=NOW)
    with pytest.raises(Refused, match="Say which column holds the names"):
        steps.match(made, matched={"email": 0}, usual_type=None, at=NOW)


def test_a_file_that_breaks_off_says_so_and_its_columns_can_be_matched_again(preview, work, monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 40)
    made = preview(HEADERS + "Jan;;;;;\n" * 41)
    assert (made.state, made.error) == ("failed", "The file has more than 40 rows. Divide it into several files.")
    monkeypatch.undo()
    steps.match(made, matched=made.columns, usual_type=None, at=NOW)
    assert work(made).state == "done"


def test_too_large_a_file_is_refused_and_not_kept(staff, monkeypatch):
    monkeypatch.setattr(tables, "MOST_BYTES", 2 * 1024 * 1024)
    with pytest.raises(Refused, match="larger than 2 MB. Divide it"):
        steps.upload(io.BytesIO(b"name\n" + b"x" * 2 * 1024 * 1024), name="x.csv", by=staff, at=NOW)
    assert (files(), AddressImport.objects.count()) == ([], 0)


def test_the_same_step_twice_does_it_once(preview, staff):
    made = preview(LIST)
    held = AddressImport.objects.filter(pk=made.pk)
    held.update(state=JobState.RUNNING, lease="x", leased_until=NOW, finished_at=None)
    for stage in ["preview", "preview", "writing", "writing"]:
        held.exclude(stage="written").update(stage=stage)
        made.refresh_from_db()
        work_on(made)
    assert held.get().stage == "written"
    assert made.rows.count() == 1
    assert Person.objects.filter(name="Zoë Łuczak").count() == 1
    assert Person.history.filter(name="Zoë Łuczak").count() == 1


def test_acts_that_come_too_late_are_refused(imported, staff):
    made = imported(LIST)
    acts = [
        lambda: steps.confirm(made, by=staff, at=NOW),
        lambda: steps.discard(made, at=NOW),
        lambda: steps.match(made, matched={"name": 0}, usual_type=None, at=NOW),
        lambda: steps.decide(made, numbers=None, decision=Decision.SAME, at=NOW),
        lambda: steps.read_again(made, encoding="cp1252", delimiter=";"),
    ]
    for act in acts:
        with pytest.raises(Refused):
            act()


def test_a_discarded_import_leaves_nothing_of_the_file(preview, django_capture_on_commit_callbacks):
    made = preview(LIST)
    assert len(files()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        steps.discard(made, at=NOW)
    made.refresh_from_db()
    assert (made.stage, made.sample, made.forgotten_at, files()) == ("discarded", [], NOW, [])
    assert not ImportRow.objects.exists()


def test_what_nobody_touches_is_forgotten(preview, imported, clock, django_capture_on_commit_callbacks):
    waiting, written = preview(LIST), imported(LIST.replace("@city", "@town"))
    assert steps.forget_old(at=NOW + timedelta(days=13)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert steps.forget_old(at=NOW + timedelta(days=14, seconds=1)) == 2
    assert not ImportRow.objects.exists()
    assert (files(), steps.forget_old(at=NOW + timedelta(days=30))) == ([], 0)
    waiting.refresh_from_db()
    written.refresh_from_db()
    assert (waiting.stage, written.stage, waiting.file.name) == ("discarded", "written", "")


def test_the_file_is_kept_under_a_name_that_nobody_can_guess(preview, client):
    made = preview(LIST)
    assert made.file_name == "list.csv"
    assert "list" not in made.file.name
    assert client.get(f"/{made.file.name}").status_code == 404


def test_writing_takes_as_many_statements_at_20_rows_as_at_400(preview, work, staff):
    found = []
    for prefix, number in [("few", 20), ("many", 400)]:
        rows = "".join(
            f"{prefix} {place};{prefix}{place}@city.example;{prefix} {place};;;\n" for place in range(number)
        )
        made = preview(HEADERS + rows)
        steps.confirm(made, by=staff, at=NOW)
        with CaptureQueriesContext(connection) as captured:
            work(made)
        assert made.counts["add"] == number
        batches = [query for query in captured if "INSERT" in query["sql"]]
        found.append(len(captured) - len(batches))
    assert found[0] == found[1]


@pytest.mark.worker
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_writes_leaves_nothing_and_the_sweep_writes_it_once(staff):
    current_app.control.purge()
    made = steps.upload(io.BytesIO(LIST.encode()), name="list.csv", by=staff, at=NOW)
    steps.match(made, matched=made.columns, usual_type=None, at=NOW)

    def now() -> AddressImport:
        return AddressImport.objects.get(pk=made.pk)

    with running("worker", **HASTY) as [worker]:
        wait_for(lambda: now().state == JobState.DONE, what="the preview")
        with slow_inserts("stakeholders_person"):
            steps.confirm(made, by=staff, at=NOW)
            wait_for(lambda: now().progress >= 20, what="the worker writes")
            worker.kill()
            assert not Person.objects.filter(name="Zoë Łuczak").exists()
    with running("worker", "beat", **HASTY):
        wait_for(lambda: now().stage == "written", what="the sweep writes it")
    assert Person.objects.filter(name="Zoë Łuczak").count() == 1
    assert Person.history.filter(name="Zoë Łuczak").count() == 1
    assert now().attempts == 2
