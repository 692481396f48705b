"""The compose file: by its specification, and by running what it says against a real PostgreSQL and a real Redis.

There need not be a container engine: each service's command runs as a process in exactly the environment that the
file gives it; only names of hosts, the port and folders are those of this machine.

`compose-spec.json` is the schema of the Compose Specification (https://github.com/compose-spec/compose-spec, Apache
License 2.0), unchanged, from the npm package dclint 3.1.0.
"""

import json
import os
import re
import secrets
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError

import jsonschema
import psycopg
import pytest
import redis
import yaml

from tests import servers
from tests.config.conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
OF_PEOPLE = {
    "SECRET_KEY": secrets.token_urlsafe(50),
    "POSTGRES_PASSWORD": "anything",
    "SITE_URL": "https://consultations.thp.org",
    "ALLOWED_HOSTS": "consultations.thp.org",
    "EMAIL_URL": "smtp+tls://mail.thp.org:587",
    "DEFAULT_FROM_EMAIL": "consultations@thp.org",
}
"""A filled-in .env."""
VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?:(?P<kind>:[-?])(?P<rest>[^}]*))?\})")


def interpolated(text: str, values: dict[str, str]) -> str:
    """Put values into a text as compose does: ${NAME:?required}, ${NAME:-default}, and $$ for one dollar."""

    def replacement(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        if found["kind"] == ":-":
            return values.get(found["name"]) or found["rest"]
        return values[found["name"]]

    return VARIABLE.sub(replacement, text)


class Site:
    """The services of the compose file as processes of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgresql, self.redis = servers.start_postgresql(), servers.start_redis()
        self.port = servers.free_port()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.sql("CREATE DATABASE consultations")

    def sql(self, statement: str) -> None:
        with psycopg.connect(self.postgresql, autocommit=True) as connection:
            connection.execute(statement)

    def environment(self, service: str, **of_people: str) -> dict[str, str]:
        here = {
            "@postgres:5432/": f"@{self.postgresql.partition('@')[2].removesuffix('postgres')}",
            "redis://redis:6379": self.redis,
        }
        given = {}
        for name, value in COMPOSE["services"][service]["environment"].items():
            text = interpolated(value, OF_PEOPLE | of_people)
            for there, here_instead in here.items():
                text = text.replace(there, here_instead)
            given[name] = text
        if "PORT" in given:
            given["PORT"] = str(self.port)
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        # What the Dockerfile sets.
        of_image = {"VAR_DIR": str(self.folder), "FILES_DIR": str(self.folder / "files")}
        return of_image | given | {"PATH": programs, "HOME": str(self.folder)}

    def run(self, service: str, **of_people: str) -> "subprocess.CompletedProcess[str]":
        """Run the command of a service to its end."""
        return self._run(command_of(service), service, **of_people)

    def start(self, service: str) -> None:
        self.processes.append(subprocess.Popen(command_of(service), env=self.environment(service), cwd=ROOT))

    def health(self, service: str) -> "subprocess.CompletedProcess[str]":
        """Run the health check of a service."""
        kind, *words = COMPOSE["services"][service]["healthcheck"]["test"]
        words = [interpolated(word, OF_PEOPLE) for word in words]
        return self._run(["sh", "-c", *words] if kind == "CMD-SHELL" else words, service)

    def _run(self, command: list[str], service: str, **of_people: str) -> "subprocess.CompletedProcess[str]":
        environment = self.environment(service, **of_people)
        return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(timeout=30)


def command_of(service: str) -> list[str]:
    return [interpolated(word, OF_PEOPLE) for word in COMPOSE["services"][service]["command"]]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    try:
        site = Site(tmp_path_factory.mktemp("site"))
    except servers.MissingProgram as fault:
        pytest.skip(str(fault))
    # As the Dockerfile does it: without any of the variables that the services get.
    image = {"VAR_DIR": str(site.folder), "PATH": os.environ["PATH"]}
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(collect, env=image, cwd=ROOT, check=True)
    migrated = site.run("migrate")
    assert migrated.returncode == 0, migrated.stderr
    try:
        for service in ["web", "worker", "beat"]:
            site.start(service)
        servers.wait_for(lambda: site.health("web").returncode == 0, what="the web server")
        yield site
    finally:
        site.stop()


@pytest.fixture
def ask(site) -> Callable[..., tuple[int, dict[str, str], str]]:
    """Give a function that asks the web server as the web server before it would; no redirect is followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)

    def ask(path: str, *, scheme: str = "https") -> tuple[int, dict[str, str], str]:
        headers = {"Host": "consultations.thp.org", "X-Forwarded-Proto": scheme}
        try:
            answer = opener.open(
                urllib.request.Request(f"http://127.0.0.1:{site.port}{path}", headers=headers), timeout=20
            )
        except HTTPError as fault:
            answer = fault
        with answer:
            return answer.status, dict(answer.headers), answer.read().decode()

    return ask


def test_the_file_keeps_to_the_specification():
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    faults = [
        f"{fault.json_path}: {fault.message}" for fault in jsonschema.Draft7Validator(schema).iter_errors(COMPOSE)
    ]
    assert faults == []


def test_every_service_has_a_health_check_but_the_one_that_ends():
    without = {name for name, service in COMPOSE["services"].items() if "healthcheck" not in service}
    assert without == {"migrate"}


def test_the_site_runs_from_one_image():
    images = {name: service["image"] for name, service in COMPOSE["services"].items() if "build" in service}
    assert images == dict.fromkeys(["migrate", "web", "worker", "beat"], "consultations")


def test_all_variables_are_explained_in_the_example():
    text = (ROOT / "docker-compose.yml").read_text()
    required = {found["name"] for found in VARIABLE.finditer(text) if found["kind"] == ":?"}
    optional = {found["name"] for found in VARIABLE.finditer(text) if found["kind"] == ":-"}
    example = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^(\w+)=", example, re.MULTILINE)) == required
    assert set(re.findall(r"^# (\w+)=", example, re.MULTILINE)) == optional


def test_a_try_out_setting_stops_the_start_with_a_hint(site):
    refused = site.run("migrate", SITE_URL="http://localhost:8000")
    assert refused.returncode != 0
    assert "config.E008" in refused.stderr
    assert "Set SITE_URL to where people reach the site" in refused.stderr


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_the_service_is_healthy(site, service):
    servers.wait_for(lambda: site.health(service).returncode == 0, what=service)


def test_the_first_page_is_served_with_its_style(ask):
    status, headers, page = ask("/")
    assert status == 200
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    [style] = re.findall(r'href="(/static/css/site\.[0-9a-f]+\.css)"', page)
    status, headers, _ = ask(style)
    assert status == 200
    assert "immutable" in headers["Cache-Control"]


def test_who_comes_unprotected_is_sent_to_https(ask):
    status, headers, _ = ask("/", scheme="http")
    assert status == 301
    assert headers["Location"] == "https://consultations.thp.org/"


def test_the_page_that_shows_mail_is_not_there(ask):
    assert ask("/mail/")[0] == 404


def test_the_health_page_tells_when_the_database_is_away(site, ask):
    site.sql("ALTER DATABASE consultations ALLOW_CONNECTIONS false")
    site.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'consultations'")
    try:
        assert ask("/health/")[0] == 500
        assert site.health("web").returncode != 0
    finally:
        site.sql("ALTER DATABASE consultations ALLOW_CONNECTIONS true")
    servers.wait_for(lambda: site.health("web").returncode == 0, what="the web server after the database")


def test_the_health_page_tells_when_redis_is_away(site, ask):
    """The last test of this module, for Redis does not come back."""
    redis.Redis.from_url(site.redis).shutdown(nosave=True)
    assert ask("/health/")[0] == 500
    assert site.health("web").returncode != 0
