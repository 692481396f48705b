"""What holds for every page: its frame, its security header, its files; signing in; and the pages of errors."""

import re
from pathlib import Path

import html5lib
import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import mail
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import Client

from consultations.models import ConsultationState
from tests import factories

STATIC = Path(settings.BASE_DIR, "static")
TEMPLATES = Path(settings.BASE_DIR, "templates")


def words(element) -> str:
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def parse(html: str):
    """Parse a page, and refuse one that is not valid."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page = parser.parse(html)
    assert parser.errors == []
    return page


def page_of(response):
    return parse(response.content.decode())


def navigation_of(response) -> list[str]:
    return [words(item) for item in page_of(response).findall(".//nav[@class='site-nav']//li")]


@pytest.fixture
def announced(db, clock):
    return factories.bring_to(factories.plan(factories.make_series()), ConsultationState.ANNOUNCED)


PUBLIC = ["/", "/series/thp/", "/consultations/JHB11/", "/accounts/login/code/", "/nowhere/"]


class TestFrame:
    @pytest.mark.parametrize("path", PUBLIC)
    def test_has_a_language_a_title_and_a_way_past_the_navigation(self, client, announced, path):
        page = page_of(client.get(path))
        assert (page.attrib["lang"], page.attrib["dir"]) == ("en", "ltr")
        assert re.fullmatch(r".{4,} – THP consultations", words(page.find(".//title")))
        first = next(page.iter("a"))
        assert (words(first), first.attrib["href"]) == ("Skip to the content", "#main")
        assert page.find(".//main").attrib["id"] == "main"
        assert len(page.findall(".//h1")) == 1

    @pytest.mark.parametrize("path", PUBLIC)
    def test_lets_the_browser_run_nothing_but_our_files(self, client, announced, path):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy

    def test_breadcrumbs_lead_up(self, client, announced):
        crumbs = page_of(client.get("/consultations/JHB11/")).findall(".//nav[@class='breadcrumbs']//li")
        assert [words(crumb) for crumb in crumbs] == ["Series", "Cities and business", "Consultation JHB11"]

    def test_navigation_offers_what_the_viewer_may_use(self, sign_in, announced, settings):
        settings.EMBEDDED = False
        seen = [
            navigation_of(sign_in(person).get("/"))
            for person in [None, factories.make_person(), factories.make_staff()]
        ]
        assert seen == [
            ["Series", "Sign in"],
            ["Series", "My page", "My account", "Sign out"],
            ["Series", "My page", "My account", "Admin", "Sign out"],
        ]

    def test_navigation_marks_the_present_page(self, client, announced):
        here = page_of(client.get("/")).findall(".//nav[@class='site-nav']//a[@aria-current='page']")
        assert [words(link) for link in here] == ["Series"]


class TestFiles:
    def test_templates_name_no_file_that_is_not_there(self):
        named = {
            (template.relative_to(TEMPLATES).as_posix(), name)
            for template in TEMPLATES.rglob("*.html")
            for name in re.findall(r"{%\s*static ['\"]([^'\"]+)['\"]", template.read_text())
        }
        assert ("base.html", "css/site.css") in named
        assert {pair for pair in named if finders.find(pair[1]) is None} == set()

    def test_style_sheets_name_no_file_that_is_not_there(self):
        named = {
            (sheet, name)
            for sheet in STATIC.rglob("*.css")
            for name in re.findall(r"url\([\"']?([^\"')]+)[\"']?\)", sheet.read_text())
        }
        # The dossier's sheet names files as "static:<path>": WeasyPrint gets them from the static folder alone.
        files = {
            name: STATIC / name.removeprefix("static:") if name.startswith("static:") else sheet.parent / name
            for sheet, name in named
        }
        assert "../fonts/source-sans-3-latin-wght-normal.woff2" in files
        assert {name for name, file in files.items() if not file.is_file()} == set()

    def test_what_others_made_has_its_licence_beside_it(self):
        for folder in ["fonts", "vendor"]:
            files = [path for path in (STATIC / folder).iterdir() if path.suffix in {".woff2", ".js"}]
            licences = [path.name.removesuffix(".LICENSE.txt") for path in (STATIC / folder).glob("*.LICENSE.txt")]
            assert files
            assert [path.name for path in files if not any(path.name.startswith(name) for name in licences)] == []

    def test_no_template_has_script_or_style_inside(self):
        # The dossier as a web page is a file to be kept, which allows its one style sheet by its hash.
        kept = {"reports/dossier/screen.html": ["<style"]}
        inside = re.compile(r"<style|\sstyle=[\"']|\son[a-z]+=[\"']|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)
        pages = [path for path in TEMPLATES.rglob("*.html") if not {"admin", "mail"} & set(path.parts)]
        found = {path.relative_to(TEMPLATES).as_posix(): inside.findall(path.read_text()) for path in pages}
        assert {path: finds for path, finds in found.items() if finds} == kept


class SampleForm(forms.Form):
    title = forms.CharField(max_length=5, help_text="One line.")
    kind = forms.ChoiceField(widget=forms.RadioSelect, choices=[("a", "idea"), ("b", "question")], help_text="One.")
    note = forms.CharField(required=False)
    agreed = forms.BooleanField(label="I agree")


class TestComponents:
    def render(self, form: SampleForm):
        fields = "".join(render_to_string("components/field.html", {"field": field}) for field in form)
        summary = render_to_string("components/error_summary.html", {"form": form})
        return parse(f"<!DOCTYPE html><title>.</title>{summary}<form>{fields}</form>")

    def test_every_question_has_its_label_hint_and_error(self):
        page = self.render(SampleForm({"title": "much too long", "note": "kept"}))
        by_id = {element.attrib["id"]: element for element in page.iter() if "id" in element.attrib}
        title = by_id["id_title"]
        assert title.attrib["aria-describedby"] == "id_title_helptext id_title_error"
        assert title.attrib["aria-invalid"] == "true"
        assert title.attrib["value"] == "much too long"
        assert words(by_id["id_title_helptext"]) == "One line."
        assert words(by_id["id_title_error"]).startswith("Error: Ensure this value has at most 5 characters")
        kind = by_id["id_kind"]
        assert (kind.tag, kind.attrib["aria-describedby"]) == ("fieldset", "id_kind_helptext id_kind_error")
        assert words(kind.find("legend")) == "Kind"
        labels = {label.attrib["for"]: words(label) for label in page.iter("label")}
        assert labels == {
            "id_title": "Title",
            "id_kind_0": "idea",
            "id_kind_1": "question",
            "id_note": "Note (optional)",
            "id_agreed": "I agree",
        }
        assert set(labels) <= set(by_id)

    def test_the_summary_leads_to_each_place(self):
        page = self.render(SampleForm({"title": "good"}))
        summary = page.find(".//div[@role='alert']")
        assert words(summary.find("h2")) == "There are 2 things to mend"
        ids = {element.attrib.get("id") for element in page.iter()}
        links = {link.attrib["href"]: words(link) for link in summary.iter("a")}
        assert links == {
            "#id_kind": "Kind: This field is required.",
            "#id_agreed": "I agree: This field is required.",
        }
        assert {href.removeprefix("#") for href in links} <= ids

    def test_there_is_no_summary_without_an_error(self):
        assert render_to_string("components/error_summary.html", {"form": SampleForm()}).strip() == ""

    def test_pages_of_a_list_keep_the_filters(self, rf):
        page = Paginator(range(120), 50).get_page(2)
        html = render_to_string("components/pagination.html", {"page": page}, rf.get("/?area=KT&page=2"))
        links = parse(f"<!DOCTYPE html><title>.</title>{html}").iter("a")
        assert {words(link): link.attrib["href"] for link in links} == {
            "Previous": "?area=KT&page=1",
            "Next": "?area=KT&page=3",
        }
        assert "Page 2 of 3 (51 to 100 of 120)" in html


class TestSigningIn:
    def test_by_a_code_from_a_mail(self, client, announced):
        person = factories.make_person(email="guest@city.example")
        assert "We will send you a code" in words(page_of(client.get("/accounts/login/code/")))

        response = client.post(
            "/accounts/login/code/?next=/series/thp/", {"email": person.email, "next": "/series/thp/"}
        )
        response = client.get(response.url)
        assert "We have sent a mail with a code to guest@city.example." in words(page_of(response).find(".//main"))
        code = re.search(r"^\s+(\S+)$", mail.outbox[-1].body, re.MULTILINE).group(1)

        response = client.post("/accounts/login/code/confirm/", {"code": "WRONG", "next": "/series/thp/"})
        page = page_of(response)
        assert "There is one thing to mend Code: Incorrect code." in words(page)
        assert page.find(".//input[@name='next']").attrib["value"] == "/series/thp/"

        response = client.post("/accounts/login/code/confirm/", {"code": code, "next": "/series/thp/"}, follow=True)
        assert response.redirect_chain == [("/series/thp/", 302)]
        assert "You are signed in." in words(page_of(response))

        response = client.post("/accounts/logout/", follow=True)
        assert "You are signed out." in words(page_of(response))
        assert "Sign in" in navigation_of(response)

    def test_tells_nobody_who_is_in_the_address_book(self, client, announced):
        factories.make_person(email="guest@city.example")
        answers = []
        for email in ["guest@city.example", "stranger@city.example"]:
            response = Client().post("/accounts/login/code/", {"email": email})
            answers.append((response.status_code, response.url))
        assert answers[0] == answers[1]

    def test_nobody_makes_an_account(self, client, db):
        for page in ["signup", "email", "confirm-email", "password/change", "password/set", "password/reset"]:
            assert client.get(f"/accounts/{page}/").status_code == 404
            assert client.post(f"/accounts/{page}/", {"email": "me@city.example"}).status_code == 404


class TestErrors:
    def test_what_is_not_there_and_what_is_not_public_look_alike(self, client, announced):
        factories.plan(announced.series, "TOR11")
        pages = [client.get(path) for path in ["/consultations/TOR11/", "/consultations/XXX99/"]]
        assert [page.status_code for page in pages] == [404, 404]
        texts = [words(page_of(page).find(".//main")) for page in pages]
        assert texts[0] == texts[1]
        assert "There is no such page, or not for you" in texts[0]

    def test_signing_in_from_there_leads_back(self, client, announced):
        links = page_of(client.get("/consultations/XXX99/")).find(".//main").iter("a")
        assert next(links).attrib["href"] == "/accounts/login/code/?next=%2Fconsultations%2FXXX99%2F"

    def test_a_form_that_was_open_too_long(self, announced):
        client = Client(enforce_csrf_checks=True)
        response = client.post("/accounts/login/code/", {"email": "guest@city.example"})
        assert response.status_code == 403
        assert "Please send it again" in words(page_of(response).find(".//main"))

    @pytest.mark.parametrize("template", ["500.html", "400.html"])
    def test_our_own_mistakes_are_told_without_any_context(self, template):
        page = parse(render_to_string(template))
        assert words(page.find(".//h1")) in {"Something went wrong here", "We did not understand this request"}
        assert page.find(".//link[@rel='stylesheet']").attrib["href"] == "/static/css/site.css"
