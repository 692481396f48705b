"""The address book as staff keep it, in a real browser: a list from an office comes in."""

import re

import pytest
from celery import current_app
from playwright.sync_api import expect

from stakeholders.models import Person
from tests.browser.test_walk import Walk
from tests.factories import make_organisation, make_person, make_staff, make_type
from tests.processes import running, web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]

LIST = (
    "Voornaam;Achternaam;E-mail adres;Organisatie;Soort\r\n"
    "Zoë;Núñez (sample);zoe@city.example;City of Utrecht;City\r\n"
    "Jan;Jansen (sample);new@city.example;City of Utrecht;\r\n"
    "Bo;Ek (sample);none;;\r\n"
)


def test_a_list_from_an_office_comes_in_and_two_records_are_merged(window, inspector, tmp_path):
    make_type("city")
    make_person("Jan Jansen (sample)", email="jan@city.example", organisation=make_organisation())
    make_person("J. Jansen (sample)")
    file = tmp_path / "deelnemers.csv"
    file.write_bytes(LIST.encode("cp1252"))
    current_app.control.purge()
    with web() as site, running("worker", "beat", SITE_URL=site, JOB_SWEEP_SECONDS="1"):
        walk = Walk(site, window, inspector)
        staff = window()
        walk.sign_in(staff, make_staff())
        staff.goto(f"{site}/admin/stakeholders/person/")
        staff.get_by_role("link", name="Import a file").click()
        walk.look(staff)
        staff.locator("input[type=file]").set_input_files(file)
        staff.get_by_role("button", name="Upload and look at the columns").click()
        expect(staff.get_by_label("Achternaam")).to_have_value("last_name")
        expect(staff.get_by_text("Núñez (sample)", exact=True)).to_be_visible()
        walk.look(staff)
        staff.get_by_role("button", name="Show what will happen").click()
        expect(staff.get_by_role("button", name="Write 1 row to the address book")).to_be_visible()
        walk.look(staff)
        staff.get_by_role("link", name="1 to decide").click()
        staff.get_by_role("checkbox", name="3").check()
        staff.get_by_label("The same one").check()
        staff.get_by_role("button", name="Decide the chosen rows").click()
        expect(staff.get_by_text("1 row is decided.")).to_be_visible()
        walk.look(staff)
        staff.get_by_role("button", name="Write 2 rows to the address book").click()
        expect(staff.get_by_text("1 row was left out.")).to_be_visible()
        walk.look(staff)
        with staff.expect_download() as download:
            staff.get_by_role("link", name="Download the rows to mend (CSV)").click()
        assert "“none” is not an e-mail address." in download.value.path().read_text()
        staff.goto(f"{site}/admin/stakeholders/person/?q=Jansen")
        for box in staff.locator("input[name=_selected_action]").all():
            box.check()
        staff.locator("select[name=action]").first.select_option("merge_chosen")
        staff.get_by_role("button", name="Run").click()
        staff.get_by_label("new@city.example").check()
        walk.look(staff)
        merging = staff.url
        staff.get_by_role("button", name="Make them one").click()
        expect(staff.get_by_text(re.compile("Two records of .* are one now."))).to_be_visible()
        phone = window(width=390)
        phone.context.add_cookies(staff.context.cookies())
        assert phone.goto(merging).status == 404
        for page in ["addressimport/add/", "addressimport/", "person/"]:
            phone.goto(f"{site}/admin/stakeholders/{page}")
            assert phone.evaluate("document.documentElement.scrollWidth") <= 390, page
            inspector.look(phone)
    assert set(Person.objects.filter(name__endswith="(sample)").values_list("name", "email")) >= {
        ("Zoë Núñez (sample)", "zoe@city.example"),
        ("Jan Jansen (sample)", "new@city.example"),
    }
    assert re.fullmatch(r"import-\d+-to-mend\.csv", download.value.suggested_filename)
