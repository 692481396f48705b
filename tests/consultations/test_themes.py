"""The themes of a hearing and the crosswalk from the areas of its series: in the admin and on the hearing's page."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from consultations.models import Consultation, Theme
from tests.consultations.test_admin import empty_inlines, form_of_consultation
from tests.consultations.test_public import queries_of
from tests.factories import bring_to, make_series, make_staff, make_themes, plan
from tests.pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def series():
    return make_series()


@pytest.fixture
def hearing(series):
    return plan(series, "HEAR", kind="hearing", title="Global hearing")


@pytest.fixture
def client_of_staff(sign_in):
    return sign_in(make_staff())


def page_of(consultation: Consultation) -> str:
    return reverse("admin:consultations_consultation_change", args=[consultation.pk])


def form_of(hearing: Consultation, *themes: dict[str, object]) -> dict[str, object]:
    """The form of a hearing as the browser sends it, with new themes."""
    rows = {f"themes-{place}-{name}": value for place, row in enumerate(themes) for name, value in row.items()}
    kept = {"code": hearing.code, "kind": "hearing", "title": hearing.title}
    return form_of_consultation(hearing.series, **kept) | {
        **empty_inlines("themes"), "themes-TOTAL_FORMS": str(len(themes)), **rows,
    }  # fmt: skip


def theme_row(*areas: object, **changes: object) -> dict[str, object]:
    told = {"order": 1, "code": "T1", "title": "Skills that travel", "description": "What people bring."}
    return {**told, "areas": list(areas), **changes}


def taken(hearing: Consultation) -> dict[str, list[str]]:
    return {theme.code: sorted(area.code for area in theme.areas.all()) for theme in hearing.themes.all()}


class TestAdmin:
    def test_themes_are_planned_on_the_hearing(self, client_of_staff, hearing):
        first, second = (hearing.series.areas.get(code=code).pk for code in ["KT", "SC"])
        rows = [theme_row(first, second), theme_row(second, code="T2", order=2), theme_row(code="T3", order=3)]
        assert client_of_staff.post(page_of(hearing), form_of(hearing, *rows)).status_code == 302
        assert taken(hearing) == {"T1": ["KT", "SC"], "T2": ["SC"], "T3": []}
        theme = hearing.themes.first()
        assert (theme.title, theme.description) == ("Skills that travel", "What people bring.")
        assert {row.cooperationarea.code for row in theme.history.first().areas.all()} == {"KT", "SC"}

    def test_areas_of_another_series_are_not_offered_and_refused_in_words(self, client_of_staff, hearing):
        foreign = make_series("other", areas=["XX"]).areas.get()
        page = client_of_staff.get(page_of(hearing)).content.decode()
        boxes = re.findall(r'<input[^>]*name="themes-__prefix__-areas"[^>]*>', page)
        offered = {int(re.search(r'value="(\d+)"', box)[1]) for box in boxes}
        assert offered == set(hearing.series.areas.values_list("pk", flat=True))
        response = client_of_staff.post(page_of(hearing), form_of(hearing, theme_row(foreign.pk)))
        told = response.content.decode()
        assert "A theme takes up areas of the hearing&#x27;s own series." in told
        assert not Theme.objects.exists()

    def test_a_code_stands_once_in_a_hearing(self, client_of_staff, hearing):
        response = client_of_staff.post(page_of(hearing), form_of(hearing, theme_row(), theme_row(title="Again")))
        assert "Please correct the duplicate" in text_of(response)
        assert not Theme.objects.exists()

    @pytest.mark.parametrize("code", ["t1", "1T", "TOOLONG", "T-1"])
    def test_a_code_is_short_and_plain(self, client_of_staff, hearing, code):
        response = client_of_staff.post(page_of(hearing), form_of(hearing, theme_row(code=code)))
        assert response.status_code == 200
        assert not Theme.objects.exists()

    def test_only_a_hearing_has_themes(self, client_of_staff, series):
        consultation = plan(series)
        assert "themes-TOTAL_FORMS" not in client_of_staff.get(page_of(consultation)).content.decode()
        changed = form_of_consultation(series) | form_of(consultation, theme_row()) | {"kind": "expert_consultation"}
        client_of_staff.post(page_of(consultation), changed)
        assert not Theme.objects.exists()
        with pytest.raises(ValidationError) as refusal:
            Theme(consultation=consultation, code="T1", title="Theme").full_clean()
        assert refusal.value.messages == [
            "Only a hearing has themes of its own; other consultations work on the areas of their series."
        ]

    def test_after_the_end_they_stay(self, client_of_staff, hearing):
        (theme,) = make_themes(hearing, T1=["KT"])
        bring_to(hearing, "concluded")
        row = theme_row(id=theme.pk, consultation=hearing.pk, title="Changed")
        client_of_staff.post(page_of(hearing), form_of(hearing, row) | {"themes-INITIAL_FORMS": "1"})
        theme.refresh_from_db()
        assert (theme.title, taken(hearing)) == ("Theme T1", {"T1": ["KT"]})

    def test_until_then_they_change(self, client_of_staff, hearing):
        (theme,) = make_themes(hearing, T1=["KT"])
        bring_to(hearing, "announced")
        row = theme_row(hearing.series.areas.get(code="CP").pk, id=theme.pk, consultation=hearing.pk, title="Changed")
        client_of_staff.post(page_of(hearing), form_of(hearing, row) | {"themes-INITIAL_FORMS": "1"})
        theme.refresh_from_db()
        assert (theme.title, taken(hearing)) == ("Changed", {"T1": ["CP"]})

    def test_neither_hearing_nor_area_leaves_the_series_that_the_crosswalk_is_of(self, client_of_staff, hearing):
        make_themes(hearing, T1=["KT"])
        other, area = make_series("other", areas=[]), hearing.series.areas.get(code="KT")
        client_of_staff.post(page_of(hearing), form_of(hearing) | {"series": other.pk, "areas": []})
        assert Consultation.objects.get().series == hearing.series
        response = client_of_staff.post(
            reverse("admin:consultations_cooperationarea_change", args=[area.pk]),
            {"series": other.pk, "code": "KT", "title": "KT", "order": 1, **empty_inlines("guiding_questions")},
        )
        assert "A hearing of this series takes it up in one of its themes" in response.content.decode()
        area.refresh_from_db()
        assert area.series == hearing.series


class TestDatabase:
    def test_a_code_stands_once_in_a_hearing(self, hearing):
        make_themes(hearing, T1=[])
        with pytest.raises(IntegrityError):
            hearing.themes.create(code="T1", title="Again")


class TestPage:
    def test_the_hearing_tells_its_themes_and_the_areas_that_they_take_up(self, client, hearing):
        make_themes(hearing, T2=["SC", "KT"], T1=[])
        bring_to(hearing, "announced")
        page = client.get(hearing.get_absolute_url())
        assert (
            "Themes of the hearing T2 Theme T2 What T2 is about. Takes up what the consultations conclude on "
            "Knowledge transfer Social cohesion T1 Theme T1 What T1 is about. "
        ) in text_of(page)

    def test_a_hearing_without_themes_says_nothing_of_them(self, client, hearing):
        bring_to(hearing, "announced")
        assert "Themes of the hearing" not in client.get(hearing.get_absolute_url()).content.decode()

    def test_asks_no_more_for_more(self, client, hearing):
        bring_to(hearing, "announced")
        make_themes(hearing, T1=["KT"])
        before = queries_of(client, hearing.get_absolute_url())
        make_themes(hearing, **{f"U{place}": ["KT", "CP", "SC"] for place in range(9)})
        assert queries_of(client, hearing.get_absolute_url()) == before
