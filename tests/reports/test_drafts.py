"""Drafts say when their data has moved on, and go by a rule; published editions stay."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from consultations import inputs
from consultations.models import Attribution
from outcomes import positions
from outcomes.models import Position
from reports.drafts import drafts_to_delete, forget_drafts, goes_at, moved_on, newest_change
from reports.models import Edition, EditionFile, EditionJob, Place
from reports.snapshot import canonical, gather, sha256
from reports.tasks import forget_drafts as forget_drafts_task
from tests.factories import CONCLUSION, bring_to, conclude_and_carry, draft_outcome, plan
from tests.pages import text_of

pytestmark = pytest.mark.django_db
PAGE = "/consultations/HEAR/dossier/"
LATER = CONCLUSION + timedelta(days=1)


def keep(scene, number=1, *, at=LATER, is_published=False, text=None) -> Edition:
    """An edition of what is known now, with a file, a place and its job."""
    text = text or canonical(gather(scene.hearing, number=number, at=at))
    published = {"published_at": at, "published_by": scene.staff} if is_published else {}
    edition = Edition.objects.create(
        consultation=scene.hearing, number=number, language="en", snapshot=text, sha256=sha256(text), frozen_at=at,
        frozen_by=scene.staff, **published,
    )  # fmt: skip
    file = EditionFile(edition=edition, format="pdf", sha256="0", size=3, pages=1)
    file.file.save("x.pdf", ContentFile(b"pdf"), save=False)
    file.save()
    edition.places.create(reference="JHB11-KT-01", chapter="Summary", paragraph=1, page=1, label="1")
    EditionJob.objects.create(
        consultation=scene.hearing, asked_by=scene.staff, edition=edition, state="done", finished_at=at
    )
    return edition


def test_a_draft_of_the_present_data_has_not_moved(scene):
    assert moved_on(keep(scene), at=LATER + timedelta(days=5)) is None


def test_the_second_edition_of_the_same_data_has_not_moved_either(scene):
    keep(scene)
    assert moved_on(keep(scene, 2), at=LATER) is None


def withdraw_a_position(scene):
    objection = Position.objects.get(stance="object")
    positions.withdraw_position(objection, by=objection.participation.person, at=LATER)


def quote_another_way(scene):
    inputs.set_attribution(scene.inputs["named"], attribution=Attribution.TYPE, at=LATER)


def conclude_another(scene):
    later = plan(scene.hearing.series, "IST", title="Istanbul", feeds_into=scene.hearing, order=2)
    bring_to(later, "in_synthesis", by=scene.staff)
    draft_outcome(later, by=scene.rapporteur, title="New in Istanbul")
    conclude_and_carry(later, by=scene.staff)


def rename_the_hearing(scene):
    scene.hearing.title = "Another hearing"
    scene.hearing.save()


@pytest.mark.parametrize("act", [withdraw_a_position, quote_another_way, conclude_another, rename_the_hearing])
def test_what_changes_the_data_makes_a_draft_stale(scene, sign_in, act):
    edition = keep(scene)
    client = sign_in(scene.organiser)
    assert "The data has moved on" not in text_of(client.get(f"{PAGE}1/?checked=1"))
    act(scene)
    edition = Edition.objects.get()
    assert moved_on(edition, at=LATER) is not None
    assert "Look whether its data has moved on" in text_of(client.get(f"{PAGE}1/"))
    told = text_of(client.get(f"{PAGE}1/?checked=1"))
    assert "The data has moved on since this draft" in told
    assert ("New in Istanbul" in told) is (act is conclude_another)


def test_who_publishes_is_told_that_the_data_has_moved_on(scene, sign_in):
    bring_to(scene.hearing, "announced", by=scene.staff)
    keep(scene)
    quote_another_way(scene)
    told = text_of(sign_in(scene.staff).get(f"{PAGE}1/?checked=1"))
    assert "The data has moved on since it was frozen. What you publish says what was known then." in told


def test_published_ones_are_not_compared_with_the_present(scene, sign_in):
    bring_to(scene.hearing, "announced", by=scene.staff)
    keep(scene, is_published=True)
    conclude_another(scene)
    assert "moved on" not in text_of(sign_in(scene.staff).get(f"{PAGE}1/?checked=1"))


def test_the_list_says_it_of_drafts_and_to_those_who_make_them(scene, sign_in, clock):
    bring_to(scene.hearing, "announced", by=scene.staff)
    newest = newest_change(scene.hearing)
    keep(scene, 1, at=newest, is_published=True)
    keep(scene, 2, at=newest)
    client = sign_in(scene.organiser)
    assert "the data has moved on" not in text_of(client.get(PAGE))
    clock.move_to(newest + timedelta(days=1))
    quote_another_way(scene)
    client = sign_in(scene.organiser)
    assert text_of(client.get(PAGE)).count("the data has moved on") == 1
    assert "the data has moved on" not in text_of(sign_in(None).get(PAGE))


def test_asking_for_the_newest_change_is_a_constant_number_of_queries(scene, django_assert_num_queries):
    for act in [None, conclude_another]:
        if act:
            act(scene)
        with django_assert_num_queries(5):
            newest_change(scene.hearing)


@pytest.mark.parametrize(
    ("days", "number", "is_published", "goes"),
    [(89, 1, False, False), (91, 1, False, True), (91, 1, True, False), (91, 3, False, False), (91, 2, False, True)],
)
def test_which_drafts_go(scene, django_capture_on_commit_callbacks, days, number, is_published, goes):
    """An old one that was followed by another, and that nobody published."""
    kept = {place: keep(scene, place, at=LATER, text="{}", is_published=place != number) for place in [1, 2]}
    kept[3] = keep(scene, 3, at=LATER + timedelta(days=300), text="{}", is_published=number != 3)
    if is_published:
        Edition.objects.filter(number=number).update(published_at=LATER, published_by=scene.staff)
    at = LATER + timedelta(days=days + (300 if number == 3 else 0))
    path = Path(kept[number].files.get().file.path)
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_drafts(at=at) == (1 if goes else 0)
    assert set(Edition.objects.values_list("number", flat=True)) == {1, 2, 3} - ({number} if goes else set())
    assert (EditionFile.objects.count(), Place.objects.count()) == ((2, 2) if goes else (3, 3))
    assert path.exists() is not goes
    assert forget_drafts(at=at) == 0


def test_how_long_they_stay_can_be_set_and_is_told(scene, sign_in, settings, clock):
    settings.DRAFT_DAYS = 10
    first, second = keep(scene, 1), keep(scene, 2)
    assert goes_at(first) == LATER + timedelta(days=10)
    assert goes_at(second) is None
    client = sign_in(scene.organiser)
    told = text_of(client.get(f"{PAGE}1/"))
    assert f"It is deleted on {LATER + timedelta(days=10):%-d %B %Y}, unless it is published." in told
    assert "This draft is the newest edition and stays." in text_of(client.get(f"{PAGE}2/"))
    clock.move_to(LATER + timedelta(days=11))
    assert [row.number for row in drafts_to_delete(at=LATER + timedelta(days=11))] == [1]
    forget_drafts_task()
    client = sign_in(scene.organiser)
    assert client.get(f"{PAGE}1/").status_code == 404
    assert "Edition 2" in text_of(client.get(PAGE))


def test_reports_and_dossiers_follow_only_each_other(scene):
    keep(scene, 1)
    Edition.objects.create(
        consultation=scene.hearing, document="report", number=2, language="en", snapshot="{}", sha256="0" * 64,
        frozen_at=LATER, frozen_by=scene.staff,
    )  # fmt: skip
    assert forget_drafts(at=LATER + timedelta(days=500)) == 0
