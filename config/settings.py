"""One settings module for every place the product runs.

Everything that differs between places comes from the environment. With an empty environment these are
the embedded defaults of `./run`: SQLite, a broker in the file system, mail in files, everything under `var/`.
`config/checks.py` turns each development default into an error under `manage.py check --deploy`.
"""

import os
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
"""Everything the running product writes in the embedded default: database, files, mail, broker."""

EMBEDDED = env.bool("EMBEDDED", default=False)
"""True under `./run`: this machine's own try-out, with the page that shows outgoing mail."""

DEBUG = env.bool("DEBUG", default=False)
INSECURE_SECRET_KEY = "insecure-development-key-never-for-production"  # noqa: S105  config/checks.py refuses it
SECRET_KEY = env("SECRET_KEY", default=INSECURE_SECRET_KEY)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
"""Where this site is reached, without a slash at the end: the links in mails, calendar files and dossiers."""

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "health_check",
    "rules.apps.AutodiscoverRulesConfig",
    "simple_history",
    "config",
    "jobs",
    "stakeholders",
    "consultations",
    "outcomes",
    "reports",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.csp.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.privacy.PrivatePages",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "stakeholders.middleware.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    },
]

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Deferred transactions end in "database is locked" as soon as web and worker write at once.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": VAR_DIR / "cache"}
    )
}

CELERY_BROKER_URL = REDIS_URL or "filesystem://"
if not REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=60)
"""How long a job stays with a worker that gives no sign of life; a live worker renews it."""
JOB_SWEEP_SECONDS = env.float("JOB_SWEEP_SECONDS", default=20)
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "jobs.tasks.sweep", "schedule": JOB_SWEEP_SECONDS, "options": {"expires": JOB_SWEEP_SECONDS}},
    "remove-orphans": {"task": "consultations.tasks.remove_orphans", "schedule": 24 * 60 * 60},
    "forget-sheets": {"task": "consultations.tasks.forget_sheets", "schedule": 6 * 60 * 60},
    "forget-needs": {"task": "consultations.tasks.forget_needs", "schedule": 6 * 60 * 60},
    "forget-drafts": {"task": "reports.tasks.forget_drafts", "schedule": 6 * 60 * 60},
    "tell-of-failures": {"task": "reports.tasks.tell_of_failures", "schedule": 600, "options": {"expires": 600}},
    "forget-old-imports": {
        "task": "stakeholders.tasks.forget_old_imports",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "roll-waiting": {"task": "outcomes.tasks.roll_waiting", "schedule": 60, "options": {"expires": 60}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

AUTH_USER_MODEL = "stakeholders.User"
SIMPLE_HISTORY_REVERT_DISABLED = True
"""The history tells what was; going back to it would go round every rule about what may still change."""
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = reverse_lazy("account_request_login_code")
LOGIN_REDIRECT_URL = reverse_lazy("consultations:my_page")
ACCOUNT_ADAPTER = "stakeholders.accounts.AccountAdapter"
ACCOUNT_FORMS = {"request_login_code": "stakeholders.forms.SignInForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_RATE_LIMITS = {"change_address": "5/h/user,3/h/key"}
"""More than allauth limits by itself: mails that somebody has sent to addresses which are not theirs yet."""
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=not EMBEDDED)
"""Whether those who must have a second factor (rules.py says who) are let in only with it; a try-out goes without."""
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "activate_totp": "stakeholders.forms.ActivateAppForm",
    "add_webauthn": "stakeholders.forms.AddPasskeyForm",
}
MFA_ADAPTER = "stakeholders.accounts.SecondFactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
"""Addresses come from the address book: nobody can take an account before the owner of its address."""
MFA_TOTP_TOLERANCE = 1

EMAIL_CONFIG = env.email_url("EMAIL_URL", default=f"filemail:///{VAR_DIR / 'mail'}")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=30)
"""Seconds that a mail server may take for an answer."""
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="The Hague Process <consultations@thp.example>")
DRAFT_DAYS = env.int("DRAFT_DAYS", default=90)
"""How long an edition that nobody published is kept once a newer one is there."""
INVITATION_DAYS = env.int("INVITATION_DAYS", default=90)
NEEDS_DAYS = env.int("NEEDS_DAYS", default=14)
"""How long after an event what people needed there is kept."""
"""How many days the signed link of an invitation is good for."""

IMPORT_DAYS = env.int("IMPORT_DAYS", default=14)
"""After how many untouched days the file of an import into the address book is deleted, with its rows."""

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = EMBEDDED or DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": env("FILES_DIR", default=str(VAR_DIR / "files")), "base_url": None},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if EMBEDDED or DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}

SIGNING_KEY_FILE = env("SIGNING_KEY_FILE", default="")
"""A PKCS #12 file with the key and the certificate that PDFs of editions are signed with; without it they are not."""
SIGNING_PASSPHRASE = env("SIGNING_PASSPHRASE", default="")
PAGES_DIR = VAR_DIR / "pages"
"""Where the drawn chapters of PDFs are kept, by what they depend on. It may be deleted at any time."""
PAGES_PROCESSES = env.int("PAGES_PROCESSES", default=os.cpu_count() or 1)
"""How many processes draw parts of a document at the same time."""
PAGES_SHELF_MB = env.int("PAGES_SHELF_MB", default=500)
"""What they may take before the longest unused go."""
PAGES_MEMORY_MB = env.int("PAGES_MEMORY_MB", default=1500)
"""The address space that each process which draws chapters may take."""

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
"""Those that the site itself speaks, and its mail."""
DOCUMENT_LANGUAGES = [
    ("en", "English"),
    ("fr", "Français"),
    ("es", "Español"),
    ("tr", "Türkçe"),
    ("ar", "العربية"),
]
"""Those in which dossiers and event reports can be made, by their own names; each has its catalogue in locale/."""
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

HTTPS = SITE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if env.bool("BEHIND_PROXY", default=False) else 0)
"""How many proxies of ours stand between a client and us: whose address it is that failed tries are counted for."""
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
LARGEST_UPLOAD = 20 * 1024 * 1024
"""Bytes after which an arriving file is no longer kept; each room has a smaller limit of its own."""
FILE_UPLOAD_HANDLERS = [
    "config.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        # It warns at each start that a broker in files has no host.
        "kombu.connection": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
    },
}

UNFOLD = {
    "SITE_TITLE": _("THP consultations"),
    "SITE_HEADER": _("THP consultations"),
    "SITE_SUBHEADER": _("Planning"),
    "SITE_URL": "/",
    "SITE_ICON": lambda request: static("favicon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("favicon.svg")}],
    "STYLES": [lambda request: static("css/admin.css")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "DASHBOARD_CALLBACK": "reports.dashboard.what_needs_doing",
    "COLORS": {
        "primary": {
            "50": "240 247 248",
            "100": "217 235 238",
            "200": "181 215 221",
            "300": "131 187 197",
            "400": "74 149 163",
            "500": "38 116 132",
            "600": "18 81 95",
            "700": "16 67 79",
            "800": "15 55 65",
            "900": "13 46 55",
            "950": "7 29 35",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "navigation": [
            {
                "title": _("Planning"),
                "items": [
                    {"title": _("Overview"), "icon": "dashboard", "link": reverse_lazy("admin:index")},
                    {
                        "title": _("Series"),
                        "icon": "account_tree",
                        "link": reverse_lazy("admin:consultations_series_changelist"),
                    },
                    {
                        "title": _("Cooperation areas"),
                        "icon": "category",
                        "link": reverse_lazy("admin:consultations_cooperationarea_changelist"),
                    },
                    {
                        "title": _("Consultations"),
                        "icon": "event",
                        "link": reverse_lazy("admin:consultations_consultation_changelist"),
                    },
                    {
                        "title": _("Participants"),
                        "icon": "groups",
                        "link": reverse_lazy("admin:consultations_participation_changelist"),
                    },
                ],
            },
            {
                "title": _("Address book"),
                "separator": True,
                "items": [
                    {
                        "title": _("People"),
                        "icon": "person",
                        "link": reverse_lazy("admin:stakeholders_person_changelist"),
                    },
                    {
                        "title": _("Organisations"),
                        "icon": "apartment",
                        "link": reverse_lazy("admin:stakeholders_organisation_changelist"),
                    },
                    {
                        "title": _("Imports"),
                        "icon": "upload_file",
                        "link": reverse_lazy("admin:stakeholders_addressimport_changelist"),
                    },
                    {
                        "title": _("Wishes to be erased"),
                        "icon": "person_remove",
                        "link": reverse_lazy("admin:stakeholders_erasurerequest_changelist"),
                    },
                    {
                        "title": _("Stakeholder types"),
                        "icon": "label",
                        "link": reverse_lazy("admin:stakeholders_stakeholdertype_changelist"),
                    },
                ],
            },
            {
                "title": _("What came of it"),
                "separator": True,
                "items": [
                    {
                        "title": _("Inputs"),
                        "icon": "forum",
                        "link": reverse_lazy("admin:consultations_input_changelist"),
                    },
                    {
                        "title": _("Outcomes"),
                        "icon": "task_alt",
                        "link": reverse_lazy("admin:outcomes_outcome_changelist"),
                    },
                    {
                        "title": _("Editions of the dossier"),
                        "icon": "menu_book",
                        "link": reverse_lazy("admin:reports_edition_changelist"),
                    },
                ],
            },
            {
                "title": _("Background work"),
                "separator": True,
                "items": [
                    {
                        "title": _("Messages"),
                        "icon": "mail",
                        "link": reverse_lazy("admin:stakeholders_message_changelist"),
                    },
                    {
                        "title": _("Roll-forwards"),
                        "icon": "move_down",
                        "link": reverse_lazy("admin:outcomes_rollforward_changelist"),
                    },
                    {
                        "title": _("Editions in the making"),
                        "icon": "pending",
                        "link": reverse_lazy("admin:reports_editionjob_changelist"),
                    },
                ],
            },
        ],
    },
}
