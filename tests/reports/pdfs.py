"""Looking into PDFs: their text as a reader extracts it, and whether they are PDF/UA-1."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def text_of(pdf: Path) -> str:
    """Give the text of a PDF as one line, words apart by single spaces."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is missing: apt-get install poppler-utils")
    found = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True, text=True)
    return " ".join(found.stdout.split())


def assert_is_pdf_ua(pdf: Path) -> None:
    """Ask veraPDF, through the tool `pdfcheck`: on the PATH, named by PDFCHECK, or in the folder `shared`."""
    beside = ROOT.parent / "shared" / "tools" / "pdfcheck" / "pdfcheck"
    tool = os.environ.get("PDFCHECK") or shutil.which("pdfcheck") or (str(beside) if beside.exists() else "")
    if not tool:
        pytest.skip("pdfcheck is missing: name it in PDFCHECK")
    result = subprocess.run([tool, "ua1", pdf], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
