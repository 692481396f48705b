"""Brings the data of `./run` to where the site can start: the tables as the code wants them, and something to see."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

SAMPLE = "consultations/data/thp.json"
STAFF = "staff@thp.example"


def first_start() -> None:
    """Migrate; and where there is no series yet, import the sample and let its staff in. Safe to run at every start."""
    from consultations.models import Series

    for folder in ["broker/queue", "broker/control", "static"]:
        Path(settings.VAR_DIR, folder).mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0)
    if not Series.objects.exists():
        sys.stderr.write("Importing the sample series ...\n")
        with transaction.atomic():
            call_command("import_series", str(settings.BASE_DIR / SAMPLE))
            call_command("add_staff", STAFF)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        first_start()
    except CommandError as fault:
        sys.exit(str(fault))
    except DatabaseError as fault:
        sys.exit(f"The database {settings.DATABASES['default']['NAME']} cannot be used: {fault}")
