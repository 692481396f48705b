"""How long a dossier takes, and how much memory. Run: .venv/bin/python bench/dossier.py [50 200 1300]

Makes dossiers of about so many pages out of the sample series, each in several ways and each way in a process of its
own: in one piece by WeasyPrint; by the product, for the first time, with one chapter changed, as a new edition of the
same, and with nothing changed; in one piece as the product draws, with tags and without; and, where it is installed, by
Chromium, which prints the same HTML without PDF/A and without our data inside. Prints wall time, processor time, pages
a second, the most memory that the process and all under it took at once (shared pages counted once), and the ratios to
the one piece. Nothing else should run meanwhile: it takes about 20 minutes on two cores.
"""

import gc
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import pikepdf

ROOT = Path(__file__).resolve().parent.parent
WAYS = ["one piece", "first", "one chapter", "new edition", "nothing", "tagged", "untagged"]
CHROMIUM = shutil.which("chromium")
PAGES_EACH = 13.3
ROUNDS = 3
"""How often a document of up to SHORT pages is made; the least time counts. A longer one is made once."""
SHORT = 200
NOW = datetime(2012, 6, 1, 12, tzinfo=UTC)


def begin() -> None:
    os.environ.setdefault("EMBEDDED", "1")
    # Nothing is sent to a worker: the broker is this process's own memory.
    os.environ["REDIS_URL"] = "memory://"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def sample() -> dict:
    """Give the snapshot of the sample series once its first consultation is concluded."""
    from django.core.management import call_command

    from consultations.models import Consultation
    from outcomes.conclusion import conclude, texts_as_they_stand
    from reports.seriesfile.importing import import_series
    from reports.snapshot import canonical, gather
    from stakeholders.models import Person

    call_command("migrate", verbosity=0)
    import_series((ROOT / "consultations/data/thp.json").read_text())
    event = Consultation.objects.get(code="JHB11")
    organiser = Person.objects.get(email="organiser@thp.example")
    conclude(event, seen=texts_as_they_stand(event), by=organiser, at=NOW)
    return json.loads(canonical(gather(Consultation.objects.get(code="HEAR12"), number=1, at=NOW)))


def grown(data: dict, *, times: int) -> dict:
    """Give a snapshot with so many times the outcomes and inputs, each with a reference of its own."""
    outcomes, inputs = data["outcomes"], data["inputs"]
    more: dict = json.loads(json.dumps(data))
    more["outcomes"], more["inputs"] = [], []
    for turn in range(times):
        for row in outcomes:
            reference = f"{row['reference'].rpartition('-')[0]}-{len(more['outcomes']) + 1:03}"
            more["outcomes"].append(row | {"reference": reference, "title": f"{row['title']} {turn + 1}"})
        for row in inputs:
            more["inputs"].append(row | {"reference": f"JHB11-I-{len(more['inputs']) + 1:04}"})
    areas = {area["code"]: place for place, area in enumerate(data["areas"])}
    more["outcomes"].sort(key=lambda row: (areas[row["area"]], row["reference"]))
    return more


def changed(data: dict, way: str) -> dict:
    if way == "one chapter":
        first, *others = data["areas"]
        return data | {"areas": [first | {"description": first["description"] + " Changed."}, *others]}
    if way == "new edition":
        return data | {"number": data["number"] + 1, "frozen_at": NOW.replace(hour=13).isoformat()}
    return data


def measure(way: str, file: Path) -> None:
    """Make the document of a snapshot in one way; print its pages, size, wall and processor time as JSON."""
    begin()
    data = changed(json.loads(file.read_text()), way)
    from django.conf import settings

    from reports.pages.drawing import Drawer, static_files_only
    from reports.pages.making import make_pdf
    from reports.rendering import snapshot_of
    from tests.reports.one_piece import html_of

    folders = [Path(folder) for folder in settings.STATICFILES_DIRS]
    makes_parts = way in {"first", "one chapter", "new edition", "nothing"}
    html = "" if makes_parts else html_of(data)
    begun, used = time.perf_counter(), sum(os.times()[:4])
    if makes_parts:
        pdf = make_pdf(data, attached=snapshot_of(data), progress=lambda share, text: None)
        content, pages = pdf.content, pdf.pages
    elif way == "one piece":
        pdf = Drawer(folders).draw(html, attached=snapshot_of(data))
        content, pages = pdf.content, pdf.pages
    elif way in {"tagged", "untagged"}:
        from weasyprint import HTML

        # As reports.pages.worker does.
        gc.disable()
        document = HTML(string=html, base_url="static:", url_fetcher=static_files_only(folders)).render()
        is_tagged = way == "tagged"
        variant = "pdf/a-3a" if is_tagged else "pdf/a-3u"
        content, pages = document.write_pdf(pdf_variant=variant, pdf_tags=is_tagged), len(document.pages)
    else:
        content = printed_by_chromium(html, folders[0], Path(os.environ["VAR_DIR"], "chromium"))
        with pikepdf.open(io.BytesIO(content)) as printed:
            pages = len(printed.pages)
    took = {"wall": time.perf_counter() - begun, "cpu": sum(os.times()[:4]) - used}
    print(json.dumps(took | {"pages": pages, "size": len(content)}))


def printed_by_chromium(html: str, static: Path, folder: Path) -> bytes:
    """Print the HTML with the style sheets and faces that it names, from a folder of its own."""
    shutil.copytree(static, folder, dirs_exist_ok=True)
    for file in folder.glob("css/*.css"):
        file.write_text(file.read_text().replace("static:", "../"))
    (folder / "x.html").write_text(html.replace("static:", ""))
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"]
    what = ["--no-pdf-header-footer", f"--print-to-pdf={folder / 'x.pdf'}", str(folder / "x.html")]
    subprocess.run([str(CHROMIUM), *options, *what], check=True, capture_output=True)  # noqa: S603
    return (folder / "x.pdf").read_bytes()


def memory_of_tree(pid: int) -> int:
    """Give what a process and all under it take in bytes, what they share counted once."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        own = next(int(row.split()[1]) * 1024 for row in rows if row.startswith("Pss:"))
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, StopIteration):
        return 0
    return own + sum(memory_of_tree(int(child)) for child in children)


def measured(way: str, file: Path) -> dict:
    command = [sys.executable, __file__, "measure", way, str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
    most = 0
    while process.poll() is None:
        most = max(most, memory_of_tree(process.pid))
        # To ask more often holds up whoever takes much memory.
        time.sleep(0.5)
    told = process.stdout.read() if process.stdout else b""
    return json.loads(told.splitlines()[-1]) | {"memory": most}


def bench(sizes: list[int]) -> None:
    begin()
    data = sample()
    for size in sizes:
        file = Path(os.environ["VAR_DIR"], f"{size}.json")
        # The sample makes about 20 pages that do not grow, and 13 for each time that it is taken.
        file.write_text(json.dumps(grown(data, times=max(1, round((size - 20) / PAGES_EACH)))))
        print(f"\nabout {size:4} pages        pages  wall s   CPU s  pages/s   MB memory   MB file   wall    CPU")
        ways = [*WAYS, *(["chromium"] if CHROMIUM else [])]
        rounds = [measured_anew(ways, file) for _round in range(ROUNDS if size <= SHORT else 1)]
        best = {way: least([one[way] for one in rounds]) for way in ways}
        whole = best["one piece"]
        for way, row in best.items():
            print(
                f"{way:22} {row['pages']:6} {row['wall']:7.1f} {row['cpu']:7.1f} {row['pages'] / row['wall']:8.1f}"
                f" {row['memory'] / 1e6:11.0f} {row['size'] / 1e6:9.2f}"
                f" {row['wall'] / whole['wall']:6.3f} {row['cpu'] / whole['cpu']:6.3f}",
                flush=True,
            )
        with_tags, without = best["tagged"], best["untagged"]
        print(f"tags cost {with_tags['wall'] / without['wall']:.3f} wall, {with_tags['cpu'] / without['cpu']:.3f} CPU")


def measured_anew(ways: list[str], file: Path) -> dict[str, dict]:
    """Measure each way once, from an empty shelf; the faces stay unpacked, as they do between two documents."""
    for part in Path(os.environ["VAR_DIR"], "pages").glob("*.part"):
        part.unlink()
    return {way: measured(way, file) for way in ways}


def least(rows: list[dict]) -> dict:
    """Give the least of each time, to which whatever else a machine does only adds; and the most memory."""
    return {key: (max if key == "memory" else min)(row[key] for row in rows) for key in rows[0]}


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
    else:
        with tempfile.TemporaryDirectory(prefix="bench-dossier-") as folder:
            os.environ["VAR_DIR"] = folder
            bench([int(size) for size in sys.argv[1:]] or [50, 200, 1300])
