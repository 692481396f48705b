"""How long the big things take at real size. Run: ./run manage shell < bench/scale.py   (on an empty VAR_DIR)

Makes a series of 20,000 inputs and 2,000 outcomes out of the sample series, and times each step on it.
"""

import json
import time
from contextlib import contextmanager
from pathlib import Path

from django.utils import timezone

from consultations.models import Consultation
from outcomes.conclusion import conclude, texts_as_they_stand
from outcomes.rollforward import roll_forward
from reports.pages.parts import chapter_parts, chapters_of
from reports.seriesfile.importing import import_series
from reports.seriesfile.writing import write
from reports.snapshot import gather
from stakeholders.models import Person

INPUTS, OUTCOMES = 20_000, 2_000


@contextmanager
def timed(what):
    start = time.perf_counter()
    yield
    print(f"{what:.<60} {time.perf_counter() - start:7.2f} s", flush=True)


data = json.loads(Path("consultations/data/thp.json").read_text())
johannesburg = next(row for row in data["consultations"] if row["code"] == "JHB11")
johannesburg["inputs"] += [
    {**johannesburg["inputs"][0], "id": f"JHB11/{number}", "number": number, "tags": [], "settings_aside": []}
    for number in range(len(johannesburg["inputs"]) + 1, INPUTS + 1)
]
template = data["outcomes"][0]
for number in range(100, 100 + OUTCOMES - len(data["outcomes"])):
    reference = f"JHB11-{template['area']}-{number:02}"
    data["outcomes"].append({**template, "reference": reference, "number": number, "evidence": []})
for place, row in enumerate(johannesburg["inputs"][33:]):
    outcome = data["outcomes"][14 + place % (OUTCOMES - 14)]
    line = {**template["evidence"][0], "input": row["id"], "quote": ""}
    outcome["evidence"].append(line)
text = json.dumps(data)

with timed(f"import {INPUTS} inputs and {OUTCOMES} outcomes"):
    series = import_series(text)
with timed("export them"):
    write(series)
event = Consultation.objects.get(code="JHB11")
with timed(f"sign, freeze and conclude {OUTCOMES} outcomes"):
    run = conclude(
        event, seen=texts_as_they_stand(event), by=Person.objects.get(email="organiser@thp.example"), at=timezone.now()
    )
with timed(f"roll {OUTCOMES} outcomes forward"):
    roll_forward(event, at=timezone.now(), run=run)
hearing = Consultation.objects.get(code="HEAR12")
with timed("gather the dossier's data"):
    snapshot = gather(hearing, number=1, at=timezone.now())
with timed("compose its chapters"):
    chapters = chapters_of(snapshot)
with timed("write them as HTML"):
    written = [part.html() for part in chapter_parts(snapshot, chapters)]
print(f"{sum(map(len, written)) / 1e6:.1f} MB of HTML in {len(written)} parts")
