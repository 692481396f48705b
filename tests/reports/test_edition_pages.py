import pytest
from django.utils import timezone

from reports import editions
from reports.models import Edition, EditionJob
from reports.snapshot import canonical
from reports.tasks import make_edition
from tests.factories import CONCLUSION, bring_to, make_person, make_series, plan, take_part
from tests.pages import text_of

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
def made(scene) -> Edition:
    job = editions.ask_for_edition(scene.hearing, by=scene.organiser, at=timezone.now())
    make_edition(pk=job.pk)
    return Edition.objects.get()


@pytest.mark.parametrize("name", VIEWERS)
def test_who_may_ask_for_an_edition(sign_in, viewer, name):
    client = sign_in(viewer[name])
    may = name in {"organiser", "staff"}
    assert ("Make a new edition" in client.get(PAGE).content.decode()) is may
    response = client.post(PAGE)
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
    running = client.get(fragment).content.decode()
    assert "Laying out the pages" in running
    assert 'value="45"' in running
    assert f'hx-get="{fragment}"' in running
    EditionJob.objects.update(state="queued")
    make_edition(pk=job.pk)
    done = client.get(fragment).content.decode()
    assert "Edition 1 is ready." in done
    assert "hx-get" not in done


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
