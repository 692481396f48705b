"""What must not go into production: every default that suits a try-out is an error under `manage.py check --deploy`.

Their readers run the site; the hint names the environment variable to set.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

ONLY_HERE = {"127.0.0.1", "localhost", "::1", "[::1]"}
KEEPS_MAIL_HERE = {"console", "dummy", "filebased", "locmem"}


@register(Tags.security, deploy=True)
def no_tryout_default(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    return list(_tryout_defaults())


def _tryout_defaults() -> Iterator[CheckMessage]:
    if settings.EMBEDDED:
        yield Error(
            "EMBEDDED is on: everybody can read all outgoing mail, sign-in codes too.",
            hint="Take EMBEDDED out of the environment; it belongs to ./run alone.",
            id="config.E001",
        )
    if settings.DEBUG:
        yield Error(
            "DEBUG is on: error pages show the inside of the site to everybody.",
            hint="Take DEBUG out of the environment.",
            id="config.E002",
        )
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY:
        yield Error(
            "SECRET_KEY is the one that everybody can read in the source: sessions and invitations can be forged.",
            hint="Set SECRET_KEY to 50 or more random characters and keep them secret.",
            id="config.E003",
        )
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
        yield Error(
            "The database is SQLite, a file that several servers cannot share.",
            hint="Set DATABASE_URL, for example postgres://user:password@host:5432/consultations.",
            id="config.E004",
        )
    if not settings.REDIS_URL:
        yield Error(
            "There is no Redis: a worker that dies takes a job's bell along, and sign-in limits count per machine.",
            hint="Set REDIS_URL, for example redis://host:6379/0.",
            id="config.E005",
        )
    if settings.EMAIL_BACKEND.split(".")[-2] in KEEPS_MAIL_HERE:
        yield Error(
            "Mail is not sent: nobody gets an invitation or a sign-in code.",
            hint="Set EMAIL_URL, for example smtp+tls://user:password@host:587.",
            id="config.E006",
        )
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith(".example"):
        yield Error(
            "Mail comes from an address that cannot exist (.example); mail servers refuse that.",
            hint="Set DEFAULT_FROM_EMAIL to an address of your own.",
            id="config.E007",
        )
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" or site.hostname in ONLY_HERE:
        yield Error(
            f"SITE_URL is {settings.SITE_URL}: the links in mails and dossiers would lead nowhere or be unprotected.",
            hint="Set SITE_URL to where people reach the site, for example https://consultations.example.org.",
            id="config.E008",
        )
    if not set(settings.ALLOWED_HOSTS) - ONLY_HERE or "*" in settings.ALLOWED_HOSTS:
        yield Error(
            f"ALLOWED_HOSTS is “{', '.join(settings.ALLOWED_HOSTS)}”: it must name the hosts of this site, no others.",
            hint="Set ALLOWED_HOSTS to the host of SITE_URL, for example consultations.example.org.",
            id="config.E009",
        )
    if not settings.SECOND_FACTOR_REQUIRED:
        yield Error(
            "Staff, organisers and rapporteurs need no second factor: whoever reads their mail can act as they.",
            hint="Take SECOND_FACTOR_REQUIRED out of the environment.",
            id="config.E010",
        )
