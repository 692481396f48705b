"""The dossier and the report as web pages that are opened from where they were kept."""

import json

import pytest

from reports.formats.html import render_page
from reports.snapshot import canonical, gather
from tests.factories import CONCLUSION
from tests.reports.conftest import scene  # noqa: F401  the series that is told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize(("document", "of"), [("dossier", "hearing"), ("report", "toronto")])
def test_the_kept_page_is_accessible_valid_and_fits(scene, window, inspector, tmp_path, document, of, width):  # noqa: F811
    data = gather(getattr(scene, of), document=document, number=1, at=CONCLUSION)
    file = tmp_path / "kept" / "document.html"
    file.parent.mkdir()
    file.write_text(render_page(json.loads(canonical(data))))
    page = window(width=width)
    page.on("console", lambda message: inspector.errors.append(message.text))
    page.on("request", lambda request: inspector.errors.append(request.url) if request.url[:5] == "http:" else None)
    page.goto(file.as_uri())
    inspector.look(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.fonts.check('16px \"Source Serif 4\"')")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "text"
    page.get_by_role("navigation").get_by_role("link", name="Register of all outcomes").click()
    assert page.url.endswith("#register")
    assert page.get_by_role("region", name="All outcomes", exact=True).is_visible()
    assert inspector.validate() == []
