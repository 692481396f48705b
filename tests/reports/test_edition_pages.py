import re
from datetime import timedelta

import html5lib
import pytest
from django.utils import timezone

from jobs import running
from reports import editions
from reports.choices import Choices
from reports.models import Edition, EditionJob
from reports.snapshot import canonical, gather, sha256
from reports.tasks import make_edition, tell_of_failures
from stakeholders.models import Message
from stakeholders.refusals import Refused
from tests.factories import CONCLUSION, bring_to, make_person, make_series, plan, take_part
from tests.pages import text_of
from tests.reports.conftest import CHOSEN

pytestmark = pytest.mark.django_db
PAGE = "/consultations/HEAR/dossier/"
VIEWERS = ["visitor", "participant", "rapporteur", "organiser", "organiser elsewhere", "staff"]


@pytest.fixture
def viewer(scene):
    other = make_person("Organiser Elsewhere (sample)")
    take_part(bring_to(plan(make_series("other"), "OTHER"), "announced"), other, role="organiser")
    bring_to(scene.hearing, "announced", by=scene.staff)
    return {
        "visitor": None,
        "participant": scene.participant,
        "rapporteur": scene.rapporteur,
        "organiser": scene.organiser,
        "organiser elsewhere": other,
        "staff": scene.staff,
    }


@pytest.fixture
def made(scene, clock) -> Edition:
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    return Edition.objects.get()


@pytest.mark.parametrize("name", VIEWERS)
def test_who_may_ask_for_an_edition(sign_in, viewer, name):
    client = sign_in(viewer[name])
    may = name in {"organiser", "staff"}
    assert ("Make a new edition" in client.get(PAGE).content.decode()) is may
    response = client.post(PAGE, CHOSEN)
    assert response.status_code == (302 if may else 403)
    assert EditionJob.objects.count() == (1 if may else 0)


@pytest.mark.parametrize("name", VIEWERS)
def test_who_may_read_an_unpublished_edition(sign_in, viewer, made, name):
    client = sign_in(viewer[name])
    may = name in {"organiser", "staff"}
    statuses = [client.get(f"{PAGE}{path}").status_code for path in ["1/", "1/edition.pdf"]]
    assert statuses == ([200, 200] if may else [404, 404])
    assert ("Edition 1 for" in client.get(PAGE).content.decode()) is may


@pytest.mark.parametrize("name", VIEWERS)
def test_everybody_reads_a_published_edition(sign_in, viewer, made, scene, name):
    editions.publish(made, by=scene.staff, at=CONCLUSION)
    client = sign_in(viewer[name])
    response = client.get(f"{PAGE}1/edition.pdf")
    content = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == 'attachment; filename="thp-dossier-1.pdf"'
    assert response["Content-Type"] == "application/pdf"
    assert content.startswith(b"%PDF-1.7")
    for page in [PAGE, f"{PAGE}1/", "/series/thp/editions/"]:
        assert "Edition 1" in client.get(page).content.decode()


@pytest.mark.parametrize("name", VIEWERS)
def test_only_staff_publish(sign_in, viewer, made, name):
    client = sign_in(viewer[name])
    response = client.post(f"{PAGE}1/publish/")
    assert (Edition.objects.get().published_at is not None) is (name == "staff")
    expected = {"staff": 302, "organiser": 403, "visitor": 302}.get(name, 404)
    assert response.status_code == expected


def test_publishing_twice_is_told(sign_in, viewer, made):
    client = sign_in(viewer["staff"])
    client.post(f"{PAGE}1/publish/")
    response = client.post(f"{PAGE}1/publish/", follow=True)
    assert "This edition is published already." in response.content.decode()


def test_the_progress_is_shown_until_it_is_done(sign_in, viewer, scene):
    client = sign_in(viewer["organiser"])
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    fragment = f"{PAGE}jobs/{job.pk}/"
    assert "Waiting for its turn" in client.get(fragment).content.decode()
    EditionJob.objects.update(state="running", progress=45, progress_text="Laying out the pages")
    response = client.get(fragment)
    assert "HX-Refresh" not in response
    running = response.content.decode()
    assert "Laying out the pages" in running
    assert 'value="45"' in running
    assert f'hx-get="{fragment}"' in running
    EditionJob.objects.update(state="queued")
    make_edition(pk=job.pk)
    response = client.get(fragment)
    assert response["HX-Refresh"] == "true"
    done = response.content.decode()
    assert "Edition 1 is ready." in done
    assert "hx-get" not in done


def test_a_draft_is_checked_on_its_page_after_it_is_there(sign_in, viewer, made):
    page = f"{PAGE}1/"
    staff = sign_in(viewer["staff"])
    assert "Check it before it is published" in text_of(staff.get(page))
    assert "Publish this edition" not in text_of(staff.get(page))
    assert "Publish this edition" in text_of(staff.get(f"{page}?checked=1"))
    assert "Publish this edition" not in text_of(sign_in(viewer["organiser"]).get(f"{page}?checked=1"))


def test_a_working_draft_says_so_and_offers_no_publishing(sign_in, viewer, scene):
    asked = {"choices": Choices(is_draft=True, annexes=()), "by": scene.organiser, "at": timezone.now()}
    make_edition(pk=editions.ask_for_edition(scene.hearing, **asked).pk)
    told = text_of(sign_in(viewer["staff"]).get(f"{PAGE}1/?checked=1"))
    assert "working draft, never published" in told
    assert "Publish this edition" not in told


def test_lists_and_pages_say_how_an_edition_was_made(sign_in, viewer, scene):
    choices = Choices(language="fr", paper="letter", annexes=("events", "glossary"))
    data = canonical(gather(scene.hearing, choices=choices, number=1, at=CONCLUSION))
    Edition.objects.create(
        consultation=scene.hearing, number=1, language="fr", snapshot=data, sha256=sha256(data),
        frozen_at=CONCLUSION, frozen_by=scene.organiser,
    )  # fmt: skip
    client = sign_in(viewer["organiser"])
    row = html5lib.parse(client.get(PAGE).content, namespaceHTMLElements=False).find(
        ".//li[@class='row']/h3/span[@lang]"
    )
    assert (row.get("lang"), row.text) == ("fr", "français")
    facts = html5lib.parse(client.get(f"{PAGE}1/").content, namespaceHTMLElements=False).findall(
        ".//dl[@class='facts']/div"
    )
    told = {fact.find("dt").text: " ".join("".join(fact.find("dd").itertext()).split()) for fact in facts}
    assert {name: told.get(name) for name in ["Language", "Paper", "Chapters", "Annexes left out"]} == {
        "Language": "français",
        "Paper": "US Letter",
        "Chapters": "A chapter for each cooperation area",
        "Annexes left out": "participants who agreed to be listed, statistics, all inputs that may be published, "
        "corrections",
    }


def test_files_are_listed_as_people_look_for_them(sign_in, viewer, made):
    told = sign_in(viewer["organiser"]).get(f"{PAGE}1/").content.decode()
    assert re.findall(r'edition\.(\w+)">(\w+)', told) == [
        ("pdf", "PDF"), ("html", "Web"), ("docx", "Word"), ("xlsx", "Excel"), ("json", "JSON"),
    ]  # fmt: skip


def test_a_failure_is_told_in_words_and_another_try_offered(sign_in, viewer, scene):
    client = sign_in(viewer["organiser"])
    editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    EditionJob.objects.update(state="failed", error="Pango is missing.", finished_at=timezone.now())
    page = client.get(PAGE).content.decode()
    assert "The last edition could not be made." in page
    assert "Pango is missing." in page
    assert "Make a new edition" in page


def test_progress_is_for_those_who_make_editions(sign_in, viewer, scene):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    assert sign_in(viewer["participant"]).get(f"{PAGE}jobs/{job.pk}/").status_code == 403


def test_other_consultations_have_no_dossier(sign_in, viewer):
    assert sign_in(viewer["staff"]).get("/consultations/TOR/dossier/").status_code == 404


def test_a_planned_hearing_is_hidden_from_outsiders_and_open_to_its_makers(sign_in, scene):
    assert sign_in(None).get(PAGE).status_code == 404
    assert sign_in(scene.participant).get(PAGE).status_code == 404
    assert sign_in(scene.organiser).get(PAGE).status_code == 200


@pytest.mark.parametrize("number", [1, 15])
def test_the_number_of_queries_does_not_depend_on_the_number_of_editions(
    sign_in, scene, viewer, number, django_assert_num_queries
):
    for place in range(1, number + 1):
        edition = Edition.objects.create(
            consultation=scene.hearing, number=place, language="en", snapshot="{}", sha256="0" * 64,
            frozen_at=CONCLUSION, frozen_by=scene.staff, published_at=CONCLUSION, published_by=scene.staff,
        )  # fmt: skip
        edition.files.create(format="pdf", file="x.pdf", sha256="0" * 64, size=3, pages=2)
    client = sign_in(None)
    with django_assert_num_queries(5):
        page = client.get(PAGE).content.decode()
    assert page.count("PDF of edition") == number


def keep(scene, number, *outcomes, is_published=True) -> Edition:
    """An edition with these outcomes, without its files."""
    published = {"published_at": CONCLUSION, "published_by": scene.staff} if is_published else {}
    rows = [
        {"reference": name, "title": title, "statement": text, "kind_label": "finding", "standing": standing}
        for name, title, text, standing in outcomes
    ]
    return Edition.objects.create(
        consultation=scene.hearing, number=number, language="en", snapshot=canonical({"outcomes": rows}),
        sha256="0" * 64, frozen_at=CONCLUSION, frozen_by=scene.staff, **published,
    )  # fmt: skip


def test_two_editions_are_compared_word_by_word_with_links(sign_in, viewer, scene):
    keep(scene, 1, ("JHB11-KT-01", "A fund", "Every city pays.", "proposed"))
    keep(
        scene, 2, ("JHB11-KT-01", "A fund", "Every firm pays.", "contested"),
        ("JHB11-KT-02", "A <b>desk</b>", "Open desks.", "proposed"),
    )  # fmt: skip
    response = sign_in(None).get(f"{PAGE}compare/?from=1&to=2")
    page = response.content.decode()
    assert "Every <" in page
    assert "<del>city</del><ins>firm</ins>" in page
    assert '<a class="reference" href="/outcomes/JHB11-KT-02/">JHB11-KT-02</a> A &lt;b&gt;desk&lt;/b&gt;' in page
    told = text_of(response)
    assert "From edition 1 to edition 2" in told
    assert "proposed → before, now contested" in told
    backwards = sign_in(None).get(f"{PAGE}compare/?from=2&to=1")
    assert "From edition 1 to edition 2" in text_of(backwards)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "From edition 2 to edition 3"),
        ("?to=2", "From edition 1 to edition 2"),
        ("?to=1", "From edition 1 to edition 2"),
        ("?from=1&to=3", "From edition 1 to edition 3"),
        ("?from=3&to=3", "From edition 2 to edition 3"),
        ("?from=x&to=99", "From edition 2 to edition 3"),
    ],
)
def test_which_editions_are_compared(sign_in, viewer, scene, query, title):
    for number in [1, 2, 3]:
        keep(scene, number)
    told = text_of(sign_in(None).get(f"{PAGE}compare/{query}"))
    assert title in told
    assert "Both say the same" in told


def test_only_what_somebody_may_read_is_compared(sign_in, viewer, scene):
    keep(scene, 1, ("JHB11-KT-01", "A fund", "Every city pays.", "proposed"))
    keep(scene, 2, ("JHB11-KT-02", "Not yet public", "Open desks.", "proposed"), is_published=False)
    for name in VIEWERS:
        told = text_of(sign_in(viewer[name]).get(f"{PAGE}compare/?from=1&to=2"))
        if name in {"organiser", "staff"}:
            assert "Not yet public" in told
        else:
            assert "There is edition 1 alone, so there is nothing to compare it with yet." in told
            assert "Not yet public" not in told


def test_without_an_edition_there_is_nothing_to_compare(sign_in, viewer):
    assert "There is no edition to compare yet." in text_of(sign_in(None).get(f"{PAGE}compare/"))


@pytest.mark.parametrize("number", [3, 60])
def test_comparing_asks_no_more_of_the_database_for_more(sign_in, viewer, scene, number, django_assert_num_queries):
    keep(scene, 1, *((f"JHB11-KT-{place:02}", "Title", "Text.", "proposed") for place in range(number)))
    keep(scene, 2, *((f"JHB11-KT-{place:02}", "Title", "Other.", "contested") for place in range(number)))
    client = sign_in(None)
    with django_assert_num_queries(6):
        page = client.get(f"{PAGE}compare/").content.decode()
    assert page.count("<del>") == min(number, 20)


def test_what_is_chosen_is_what_the_edition_is_made_with(sign_in, viewer, scene):
    client = sign_in(viewer["organiser"])
    page = client.get(PAGE).content.decode()
    assert re.findall(r'<option value="([a-z]{2})"( selected)?>', page) == [
        ("en", " selected"), ("fr", ""), ("es", ""), ("tr", ""), ("ar", ""),
    ]  # fmt: skip
    assert page.count('type="checkbox" name="annexes"') == page.count("checked") == 6
    client.post(PAGE, CHOSEN)
    assert EditionJob.objects.get().choices == {
        "language": "en", "paper": "letter", "annexes": ["inputs", "glossary"], "arrangement": "areas",
        "is_draft": False,
    }  # fmt: skip


def test_the_languages_of_documents_are_offered_by_their_own_names(sign_in, viewer, settings):
    page = sign_in(viewer["organiser"]).get(PAGE).content.decode()
    for code, name in [("fr", "Français"), ("es", "Español"), ("tr", "Türkçe"), ("ar", "العربية")]:
        assert f'<option value="{code}">{name}</option>' in page
    # The site itself goes on in its own.
    assert '<html lang="en"' in page
    assert settings.LANGUAGES == [("en", "English")]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [({"paper": "papyrus"}, "Paper: "), ({"annexes": ["secrets"]}, "Annexes: "), ({"language": "tlh"}, "Language: ")],
)
def test_what_is_not_on_offer_is_told_at_the_form(sign_in, viewer, wrong, told):
    response = sign_in(viewer["organiser"]).post(PAGE, CHOSEN | wrong)
    assert f"{told}Select a valid choice." in text_of(response)
    assert not EditionJob.objects.exists()


def test_an_edition_in_the_making_is_cancelled_and_nothing_is_kept(sign_in, viewer, scene):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    held = running.take(EditionJob, pk=job.pk, at=timezone.now())
    client = sign_in(viewer["organiser"])
    address = f"{PAGE}jobs/{job.pk}/cancel/"
    assert f'action="{address}"' in client.get(PAGE).content.decode()
    told = text_of(client.post(address, follow=True))
    assert "It is cancelled. Nothing of it was kept." in told
    assert "The last one was cancelled." in told
    assert "Make a new edition" in told
    with pytest.raises(running.LeaseLost):
        editions.make_edition(held)
    make_edition(pk=job.pk)
    assert (EditionJob.objects.get().state, Edition.objects.count()) == ("cancelled", 0)
    again = text_of(client.post(address, follow=True))
    assert "It has ended already, so it cannot be cancelled any more." in again


def test_an_edition_that_is_kept_is_not_cancelled_any_more(scene, made):
    job = EditionJob.objects.get()
    EditionJob.objects.update(state="running", lease="mine", leased_until=timezone.now(), finished_at=None)
    with pytest.raises(Refused, match="It has ended already"):
        editions.cancel(job, at=timezone.now())
    assert EditionJob.objects.get().state == "running"


def test_a_cancelled_one_makes_way_for_the_next(scene):
    first = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    editions.cancel(first, at=timezone.now())
    assert editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now()) != first


def test_a_failed_one_is_tried_again(sign_in, viewer, scene):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    EditionJob.objects.update(state="failed", error="Pango is missing.", finished_at=timezone.now())
    client = sign_in(viewer["organiser"])
    address = f"{PAGE}jobs/{job.pk}/again/"
    assert f'action="{address}"' in client.get(PAGE).content.decode()
    assert "It is tried again." in text_of(client.post(address, follow=True))
    make_edition(pk=job.pk)
    assert (EditionJob.objects.get().state, Edition.objects.count()) == ("done", 1)


@pytest.mark.parametrize("act", ["cancel", "again"])
@pytest.mark.parametrize("name", VIEWERS)
def test_who_may_cancel_and_try_again(sign_in, viewer, scene, name, act):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    if act == "again":
        EditionJob.objects.update(state="failed", error="No.", finished_at=timezone.now())
    before = EditionJob.objects.get().state
    response = sign_in(viewer[name]).post(f"{PAGE}jobs/{job.pk}/{act}/")
    may = name in {"organiser", "staff"}
    assert response.status_code == (302 if may or name == "visitor" else 403)
    assert (EditionJob.objects.get().state != before) is may


def test_who_asked_is_told_once_that_it_is_ready(scene, made):
    make_edition(pk=EditionJob.objects.get().pk)
    message = Message.objects.get(person=scene.organiser, occasion="edition_ready")
    assert message.subject == "Edition 1 is ready: Global Hearing"
    assert "edition 1 of the dossier is ready. It is a draft until programme staff publish it." in message.text
    assert "/consultations/HEAR/dossier/1/" in message.text
    assert "/consultations/HEAR/dossier/1/" in message.html


def test_who_asked_is_told_once_for_each_failure_what_to_mend(scene):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    told = Message.objects.filter(person=scene.organiser, occasion="edition_failed")
    for number in [1, 2]:
        EditionJob.objects.update(state="failed", error="Pango is missing. Install it.", finished_at=timezone.now())
        tell_of_failures()
        tell_of_failures()
        assert told.count() == number
        running.retry(EditionJob.objects.get(), at=timezone.now() + timedelta(seconds=number))
    message = told.last()
    assert message.subject == "The edition could not be made: Global Hearing"
    assert "Pango is missing. Install it." in message.text
    assert "/consultations/HEAR/dossier/" in message.text
    assert EditionJob.objects.get().pk == job.pk


def test_old_failures_and_what_was_cancelled_are_not_told(scene):
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    EditionJob.objects.update(state="failed", error="No.", finished_at=timezone.now() - timedelta(days=3))
    tell_of_failures()
    EditionJob.objects.update(state="cancelled", finished_at=timezone.now())
    tell_of_failures()
    assert not Message.objects.filter(occasion__startswith="edition").exists()
    assert job.asked_by.email


def test_the_page_of_a_job_whose_draft_is_gone_shows_no_way_to_it(sign_in, viewer, scene, made):
    EditionJob.objects.update(edition=None)
    page = sign_in(viewer["organiser"]).get(PAGE)
    assert page.status_code == 200
    assert "Edition 1 is ready." not in text_of(page)
