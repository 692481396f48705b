"""200 participants who submit in the same moment, against gunicorn and PostgreSQL.

Run: .venv/bin/python -m bench.rush [participants]   (after `./run test` once, which brings what it needs)

A fifth each submits once, presses twice, forgets the title, was overtaken by another window, and has not accepted.
Ends with an error when an accepted input is not stored exactly once, or a refused one was not told why.
"""

import os
import sys
from statistics import median, quantiles

os.environ["TEST_BACKEND"] = "postgresql"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection  # noqa: E402

from tests.processes import web  # noqa: E402
from tests.rush import gather_people, open_forms, press_all_at_once  # noqa: E402

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 200

connection.creation.create_test_db(verbosity=0)
consultation = gather_people(PEOPLE)
with web(WEB_CONCURRENCY="2") as site:
    presses = open_forms(consultation, site=site)
    account = press_all_at_once(presses, site=site)
seconds = sorted(told.seconds for told in account.told)
print(f"{PEOPLE} participants, {len(presses)} presses of “Submit” in the same moment")
print(f"accepted {len(account.accepted)}, refused in words {len(account.refused)}, faults {len(account.faults)}")
print(f"answered within {median(seconds):.1f} s (median), {quantiles(seconds, n=20)[-1]:.1f} s (95 %), ", end="")
print(f"{seconds[-1]:.1f} s (last): {len(presses) / seconds[-1]:.0f} a second")
sys.exit("\n".join(account.faults) or 0)
