import pytest
from django.core import checks

from config.checks import no_tryout_default

pytestmark = pytest.mark.filterwarnings("ignore:Overriding setting DATABASES")  # nothing here asks the database
PRODUCTION = {
    "EMBEDDED": False,
    "DEBUG": False,
    "SECRET_KEY": "kept-secret-" * 5,
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "consultations"}},
    "REDIS_URL": "redis://redis:6379/0",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "DEFAULT_FROM_EMAIL": "The Hague Process <consultations@thp.org>",
    "SITE_URL": "https://consultations.thp.org",
    "ALLOWED_HOSTS": ["consultations.thp.org"],
    "SECOND_FACTOR_REQUIRED": True,
}
"""Every setting that the checks look at, as it should be."""


@pytest.fixture
def production(settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    return settings


def test_a_full_production_environment_passes(production):
    assert no_tryout_default(None) == []


@pytest.mark.parametrize(
    ("setting", "value", "error", "variable"),
    [
        ("EMBEDDED", True, "config.E001", "EMBEDDED"),
        ("DEBUG", True, "config.E002", "DEBUG"),
        ("SECRET_KEY", "insecure-development-key-never-for-production", "config.E003", "SECRET_KEY"),
        ("DATABASES", {"default": {"ENGINE": "django.db.backends.sqlite3"}}, "config.E004", "DATABASE_URL"),
        ("REDIS_URL", "", "config.E005", "REDIS_URL"),
        ("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend", "config.E006", "EMAIL_URL"),
        ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend", "config.E006", "EMAIL_URL"),
        ("DEFAULT_FROM_EMAIL", "THP <consultations@thp.example>", "config.E007", "DEFAULT_FROM_EMAIL"),
        ("SITE_URL", "http://consultations.thp.org", "config.E008", "SITE_URL"),
        ("SITE_URL", "https://localhost:8000", "config.E008", "SITE_URL"),
        ("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"], "config.E009", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", ["*"], "config.E009", "ALLOWED_HOSTS"),
        ("ALLOWED_HOSTS", [], "config.E009", "ALLOWED_HOSTS"),
        ("SECOND_FACTOR_REQUIRED", False, "config.E010", "SECOND_FACTOR_REQUIRED"),
    ],
)
def test_each_tryout_default_is_an_error_that_names_its_variable(production, setting, value, error, variable):
    setattr(production, setting, value)
    [found] = no_tryout_default(None)
    assert found.id == error
    assert found.level == checks.ERROR
    assert variable in found.hint


def test_only_deployments_are_asked():
    registered = checks.registry.registry
    assert no_tryout_default in registered.get_checks(include_deployment_checks=True)
    assert no_tryout_default not in registered.get_checks()
