"""The parts of a PDF: what is drawn again and what is not, and what happens when drawing breaks off."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from django.conf import settings as product
from django.utils import timezone

from jobs.running import JobFailed, LeaseLost, retry
from reports import editions
from reports.chapters.blocks import Chapter, Paragraph, Section, Table
from reports.choices import Choices
from reports.formats import pdf as writer
from reports.models import Edition, EditionFile
from reports.pages import parts
from reports.pages.drawing import Pdf
from reports.pages.drawing_room import Order
from reports.pages.keeping import Shelf
from reports.snapshot import canonical, gather
from reports.tasks import make_edition
from tests.factories import CONCLUSION
from tests.reports.pdfs import assert_keeps_both_standards, text_of

TITLES = {
    "How to read this", "Summary", "The series as planned and as held", "Knowledge transfer", "Common planning",
    "Infrastructure", "Social cohesion", "For decision", "What was said and not taken up, and why",
    "Register of all outcomes", "Glossary",
}  # fmt: skip
PDF = Pdf(b"%PDF", 1, {"here": (0, 1.0, 2.0)}, [("Title", (0, 1.0, 2.0), [], "open")], ["there"])


@pytest.fixture
def data(scene) -> dict:
    """A dossier with one annex: the others would but take time."""
    choices = Choices(annexes=("glossary",))
    return json.loads(canonical(gather(scene.hearing, choices=choices, number=1, at=CONCLUSION)))


@pytest.fixture
def empty_shelf(settings, tmp_path) -> Path:
    settings.PAGES_DIR = tmp_path / "pages"
    return settings.PAGES_DIR


def make(data: dict) -> tuple[bytes, set[str]]:
    """Give the PDF, and the titles of the chapters that were drawn for it."""
    told: list[str] = []
    written = writer.write(data, lambda share, text: told.append(text))
    return written.content, {text.partition("drawn: ")[2] for text in told if "drawn: " in text}


def workers() -> list[int]:
    """Give the processes that draw for this one."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            if "reports.pages.worker" in Path("/proc", pid, "cmdline").read_text():
                found.append(int(pid))
    return found


def test_only_what_changed_is_drawn_again(data, empty_shelf, tmp_path):
    first, drawn = make(data)
    assert drawn == TITLES
    assert make(data) == (first, set())

    data["areas"][0]["description"] = "Changed words."
    changed, drawn = make(data)
    assert drawn == {"Knowledge transfer"}
    file = tmp_path / "changed.pdf"
    file.write_bytes(changed)
    assert "4.1 Changed words." in text_of(file)

    data["number"] = 2
    assert make(data)[1] == set()
    data["choices"]["paper"] = "letter"
    assert make(data)[1] == TITLES


def test_another_language_is_drawn_anew_and_keeps_the_standards(data, tmp_path):
    make(data)
    content, drawn = make({**data, "language": "ar"})
    assert len(drawn) == len(TITLES)
    file = tmp_path / "arabic.pdf"
    file.write_bytes(content)
    with pikepdf.open(file) as pdf:
        assert str(pdf.Root.Lang) == "ar"
    assert_keeps_both_standards(file)


def test_contents_and_index_tell_the_pages_of_the_chapters(data, tmp_path):
    file = tmp_path / "dossier.pdf"
    file.write_bytes(make(data)[0])
    told = text_of(file)
    with pikepdf.open(file) as pdf:
        labels = [page.label for page in pdf.pages]
        places = pikepdf.NameTree(pdf.Root.Names.Dests)
        pages = {page.obj.objgen: page.label for page in pdf.pages}
        fund = pages[places["JHB11-KT-01"][0].objgen]
    assert labels[:3] == ["i", "ii", "1-1"]
    assert fund.startswith("4-")
    assert "1 How to read this 1-1 2 Summary 2-1" in told
    assert "Figures The series in time 3-1" in told
    assert f"Knowledge transfer: what each consultation made of each outcome {pages_of(file, 'chart-KT-1')}" in told
    assert f"Outcomes JHB11-KT-01 4.1 ({fund}), 8." in told


def pages_of(file: Path, name: str) -> str:
    with pikepdf.open(file) as pdf:
        place = pikepdf.NameTree(pdf.Root.Names.Dests)[name]
        return next(page.label for page in pdf.pages if page.obj.objgen == place[0].objgen)


def test_a_worker_that_is_killed_fails_the_edition_and_the_rest_is_kept(scene, clock, empty_shelf):
    choices = Choices(annexes=("glossary",))
    job = editions.ask_for_edition(scene.hearing, choices=choices, by=scene.organiser, at=timezone.now())
    killed = threading.Thread(target=kill_one_in_the_middle, args=[empty_shelf])
    killed.start()
    make_edition(pk=job.pk)
    killed.join()
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith("These chapters could not be drawn: “")
    assert job.error.endswith("The other chapters are kept: trying again draws only what is missing.")
    assert not Edition.objects.exists()
    assert not EditionFile.objects.exists()
    assert workers() == []
    kept = {file.name for file in empty_shelf.glob("*.part")}
    assert 1 <= len(kept) < len(TITLES)

    retry(job, at=timezone.now())
    make_edition(pk=job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert kept <= {file.name for file in empty_shelf.glob("*.part")}
    assert EditionFile.objects.get(format="pdf").pages > 11


def kill_one_in_the_middle(shelf: Path) -> None:
    """Wait for the first drawn part, then kill those who draw the next ones."""
    while not list(shelf.glob("*.part")):
        pass
    for pid in workers():
        os.kill(pid, signal.SIGKILL)


def test_a_chapter_that_takes_too_much_memory_is_named(data, empty_shelf, settings):
    settings.PAGES_MEMORY_MB = 60
    with pytest.raises(JobFailed, match="Summary.+needed more than the 60 MB of memory.+raises PAGES_MEMORY_MB"):
        make(data)
    assert workers() == []
    assert list(empty_shelf.glob("*.part")) == []


def test_a_full_disk_is_said_and_leaves_no_half_part(data, empty_shelf, settings):
    with files_no_longer_than(20_000), pytest.raises(JobFailed, match="There is no room left on the disk"):
        make(data)
    assert [file.name for file in empty_shelf.glob("*.half")] == []
    content, _drawn = make(data)
    assert content.startswith(b"%PDF")


@contextmanager
def files_no_longer_than(size: int):
    """What the system does to a process, and to those that it starts, when a disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_whoever_loses_the_job_stops_the_workers(data, empty_shelf):
    def progress(share: float, text: str) -> None:
        if "drawn: " in text:
            assert workers()
            raise LeaseLost

    with pytest.raises(LeaseLost):
        writer.write(data, progress)
    assert workers() == []


def test_a_worker_does_not_outlive_whoever_started_it(tmp_path):
    command = [sys.executable, "-m", "reports.pages.worker", "1500", tmp_path / "faces", *product.STATICFILES_DIRS]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=product.BASE_DIR)
    body = "<p>Word.</p>" * 20_000
    html = f'<html lang="en"><title>T</title><body>{body}</body></html>'
    order = Order("long", tmp_path / "long.part", lambda: html, len(html))
    process.stdin.write(order.as_line())
    process.stdin.close()
    assert process.wait(timeout=60) == 1
    assert not order.file.exists()


def test_a_damaged_part_is_not_taken(tmp_path):
    shelf = Shelf(tmp_path, megabytes=1)
    assert shelf.find("a") is None
    shelf.keep("a", PDF)
    assert shelf.find("a") == replace(
        PDF, anchors={"here": [0, 1.0, 2.0]}, bookmarks=[["Title", [0, 1.0, 2.0], [], "open"]]
    )
    whole = shelf.file("a").read_bytes()
    for damaged in [whole[:-1], whole[:20], b""]:
        shelf.file("a").write_bytes(damaged)
        assert shelf.find("a") is None


def test_the_longest_unused_parts_go_when_there_are_too_many(tmp_path):
    shelf = Shelf(tmp_path, megabytes=1)
    for age, key in enumerate(["newest", "middle", "oldest"]):
        shelf.keep(key, replace(PDF, content=b"x" * 400_000))
        os.utime(shelf.file(key), (1_000_000 - age, 1_000_000 - age))
    assert shelf.find("oldest").pages == 1
    (tmp_path / "left.half").write_bytes(b"half")
    os.utime(tmp_path / "left.half", (900_000, 900_000))
    shelf.tidy(at=datetime.fromtimestamp(1_000_000, UTC))
    assert {file.stem for file in tmp_path.iterdir()} == {"newest", "oldest"}


def test_what_nobody_used_for_a_month_goes_since_its_words_may_be_gone_from_the_database(tmp_path):
    shelf = Shelf(tmp_path, megabytes=1)
    for days, key in [(29, "used"), (31, "forgotten")]:
        shelf.keep(key, PDF)
        os.utime(shelf.file(key), (10_000_000 - days * 86_400,) * 2)
    shelf.tidy(at=datetime.fromtimestamp(10_000_000, UTC))
    assert {file.stem for file in tmp_path.iterdir()} == {"used"}
    shelf.empty()
    assert list(tmp_path.iterdir()) == []


def test_a_long_chapter_is_cut_and_each_part_counts_its_own_pages(monkeypatch):
    monkeypatch.setattr(parts, "LONGEST", 1_000)
    texts = [Paragraph(f"2.{number}", "x" * 300) for number in range(1, 5)]
    rows = [[str(number), "y" * 200] for number in range(8)]
    chapter = Chapter(
        "two", "Two", [Section("a", "A", texts), Section("b", "B", [Table("T", ["N", "Y"], rows)])], number=2
    )
    pieces = parts.cut(chapter)
    assert [piece.pages_of for piece in pieces] == [f"2.{number}-" for number in range(1, len(pieces) + 1)]
    told = [block for piece in pieces for section in piece.sections for block in section.blocks]
    assert [block for block in told if isinstance(block, Paragraph)] == texts
    assert [row for block in told if isinstance(block, Table) for row in block.rows] == rows
    begun = [section.id for piece in pieces for section in piece.sections if not section.is_continued]
    assert begun == ["a", "b"]
    assert [piece.number for piece in pieces] == [2] * len(pieces)
    short = replace(chapter, sections=[Section("a", "A", texts[:1])])
    assert parts.cut(short) == [short]
