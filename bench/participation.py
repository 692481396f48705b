"""What giving an input and reading the list of participants cost, at 100, 2,000 and 20,000 participants.

Run: VAR_DIR=$(mktemp -d) ./run manage shell < bench/participation.py   (an empty VAR_DIR: it is filled)

Each is held against a bare Django view that does one insert, or lists 50 rows, in the same run: CPU time of the
process, the median of many requests through the whole stack of middleware.
"""

import json
import time
from datetime import timedelta
from pathlib import Path
from statistics import median
from types import ModuleType

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches, include, path, set_urlconf
from django.utils import timezone
from django.utils.crypto import get_random_string

from consultations.models import Consultation, Participation
from reports.seriesfile.importing import import_series
from stakeholders.accounts import add_staff, ensure_account
from stakeholders.models import Organisation, Person

SIZES = [100, 2_000, 20_000]
TIMES = 60
settings.ALLOWED_HOSTS = ["*"]
call_command("migrate", verbosity=0)
for folder in ["queue", "control"]:
    (settings.VAR_DIR / "broker" / folder).mkdir(parents=True, exist_ok=True)

PLAIN = engines["django"].from_string(
    "<table>{% for row in rows %}<tr><td>{{ row.name }}<td>{{ row.city }}</tr>{% endfor %}</table>"
)


def bare_insert(request):
    Organisation.objects.create(key=get_random_string(10), name=request.POST["title"])
    return HttpResponse(status=302, headers={"Location": "/"})


def bare_list(request):
    return HttpResponse(PLAIN.render({"rows": Organisation.objects.order_by("pk")[:50]}))


bare = ModuleType("bare_urls")
bare.urlpatterns = [  # type: ignore[attr-defined]
    path("bare/insert/", bare_insert),
    path("bare/list/", bare_list),
    path("", include("config.urls")),
]
settings.ROOT_URLCONF = bare
clear_url_caches()
set_urlconf(None)


def grow(number):
    """Make a series with so many participants, ready to give inputs."""
    slug = f"n{number}"
    text = Path("consultations/data/thp.json").read_text()
    for code in ["JHB11", "TOR", "IST", "ASIA", "LATAM", "HEAR12"]:
        text = text.replace(f'"{code}"', f'"{slug.upper()}{code}"')
    data = json.loads(text)
    data["series"]["slug"] = slug
    data["outcomes"], data["tags"] = [], []
    event = data["consultations"][1]
    person, participation = data["people"][0], data["consultations"][0]["participations"][0]
    event["participations"] = []
    for row in data["consultations"]:
        row["inputs"] = []
    keys = [f"{slug}-{place}" for place in range(number)]
    data["people"] += [{**person, "key": key, "email": f"{key}@city.example"} for key in keys]
    event["participations"] = [{**participation, "person": key, "role": "participant"} for key in keys]
    import_series(json.dumps(data))
    now = timezone.now()
    consultation = Consultation.objects.get(code=event["code"])
    Consultation.objects.filter(pk=consultation.pk).update(
        state="announced",
        announced_at=now,
        announced_by=Person.objects.first(),
        time_zone="UTC",
        inputs_open_at=now - timedelta(days=1),
        inputs_close_at=now + timedelta(days=1),
    )
    return Consultation.objects.get(pk=consultation.pk)


def measure(ask):
    """Give the median CPU time in ms and the number of queries of one request."""
    ask()
    spent = []
    for _time in range(TIMES):
        start = time.process_time()
        ask()
        spent.append(1000 * (time.process_time() - start))
    with CaptureQueriesContext(connection) as captured:
        ask()
    return median(spent), len(captured)


print(f"{'':38}{'queries':>8}{'CPU ms':>9}{'times bare':>12}")
staff = Client()
staff.force_login(ensure_account(add_staff("bench@thp.example", name="Bench (sample)")))
for number in SIZES:
    consultation = grow(number)
    author = Client()
    participation = Participation.objects.filter(consultation=consultation).earliest("pk")
    author.force_login(ensure_account(participation.person))
    area = consultation.areas.first()

    def submit(author=author, code=consultation.code, area=area):
        typed = {
            "area": area.pk,
            "kind": "proposal",
            "title": "A joint training fund",
            "text": "Cities and firms should pay into one fund for training.",
            "attribution": "type",
            "language": "en",
            "form_key": get_random_string(16),
            "revision": "0",
            "submit": "",
        }
        assert author.post(f"/consultations/{code}/inputs/new/", typed).status_code == 302

    def people(code=consultation.code):
        assert staff.get(f"/consultations/{code}/participants/").status_code == 200

    insert = measure(lambda author=author: author.post("/bare/insert/", {"title": "x"}))
    listed = measure(lambda: staff.get("/bare/list/"))
    for name, ask, base in [("submit an input", submit, insert), ("list of participants", people, listed)]:
        cpu, queries = measure(ask)
        print(f"{name + f', {number:,} participants':38}{queries:8}{cpu:9.1f}{cpu / base[0]:12.1f}", flush=True)
