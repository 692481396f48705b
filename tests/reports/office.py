"""What LibreOffice makes of office files: it opens them without a window and saves them in its own format."""

import io
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

NAMES = {
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
}


def opened(file: Path, *, to: str, folder: Path) -> ET.Element:
    """Open a file in LibreOffice, save it as `to` (odt or ods) in a folder, and give the content of that as XML."""
    parts = [Path("/usr/lib/libreoffice/program", library) for library in ["libswlo.so", "libsclo.so"]]
    if not shutil.which("soffice") or not all(part.exists() for part in parts):
        pytest.skip("LibreOffice is missing: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    made = subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", to, "--outdir", folder, file],
        capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert (folder / f"{file.stem}.{to}").exists(), made.stdout + made.stderr
    with zipfile.ZipFile(folder / f"{file.stem}.{to}") as package:
        return ET.fromstring(package.read("content.xml"))  # noqa: S314  LibreOffice made it of our own file


def words_of(element: ET.Element) -> str:
    """The text of an element, words apart by single spaces."""
    return " ".join("".join(element.itertext()).split())


def attribute(element: ET.Element, name: str) -> str | None:
    """An attribute by its prefixed name."""
    prefix, _colon, local = name.partition(":")
    return element.get(f"{{{NAMES[prefix]}}}{local}")


def parts_of(content: bytes) -> dict[str, bytes]:
    """The files inside an office file, by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}
