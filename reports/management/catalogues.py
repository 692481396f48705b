"""The catalogues of the documents' languages: which texts a document can print, and how their files look.

A catalogue holds what documents print and nothing else; texts that only the site shows have no entry.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db.models import Choices
from django.utils.translation import override
from django.utils.translation.template import templatize

from consultations.models import AgendaSession, ConsultationKind, ConsultationState, InputKind, Role
from outcomes.agreement import Level
from outcomes.models import Descent, Disposition, OutcomeKind, Relation, Stance

WHOLE = [
    "reports/chapters",
    "reports/formats",
    "reports/pictures",
    "reports/pages/parts.py",
    "outcomes/chart",
    "templates/reports/dossier",
    "templates/outcomes/chart/chart.html",
    "templates/outcomes/chart/labels.html",
    "templates/outcomes/chart/legend.html",
]
"""Files and folders that are there to make documents: every text in them counts."""
FUNCTIONS = {
    "consultations/attribution.py": "attribution_line",
    "outcomes/balance.py": "_lines_by_region",
    "reports/rendering.py": "snapshot_of",
}
"""Functions elsewhere whose texts get into documents."""
ENUMERATIONS: list[type[Choices]] = [
    AgendaSession.Kind, ConsultationKind, ConsultationState, Descent.Kind, Disposition, InputKind, Level, OutcomeKind,
    Relation, Role, Stance,
]  # fmt: skip
"""Those whose labels are printed."""
CALLS = {"_": 1, "gettext": 1, "gettext_lazy": 1, "ngettext": 2, "ngettext_lazy": 2}
"""What marks a text, and how many texts it takes."""
LITERAL = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"(?<!\w)(n?gettext|_)\({LITERAL}(?:,\s*{LITERAL})?")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
MEANT = {written[1]: meant for meant, written in ESCAPES.items()}

Key = tuple[str, ...]
"""A text as the program has it, or one text and its plural."""


@dataclass
class Catalogue:
    """What a .po file says: its head as comments and as (name, value), and what each text is called."""

    comments: list[str] = field(default_factory=list)
    head: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[Key, list[str]] = field(default_factory=dict)


def catalogue_file(language: str, *, suffix: str = "po") -> Path:
    """Where the catalogue of a language is; with `suffix` “mo” the compiled one."""
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", f"django.{suffix}")


def texts_of_documents() -> dict[Key, list[str]]:
    """Give every text that a document can print, each with the files that it is in, in the order of these."""
    found: dict[Key, list[str]] = {}
    base = Path(settings.BASE_DIR)
    places = [(path, key) for name in WHOLE for path in _files(base / name) for key in _in_file(path)]
    for name, function in FUNCTIONS.items():
        (node,) = (node for node in ast.walk(_parsed(base / name)) if getattr(node, "name", "") == function)
        places += [(base / name, key) for key in _in_code(node)]
    with override(None):
        for labels in ENUMERATIONS:
            path = base / f"{labels.__module__.replace('.', '/')}.py"
            places += [(path, (str(choice.label),)) for choice in labels]
    for path, key in places:
        files = found.setdefault(key, [])
        if (name := str(path.relative_to(base))) not in files:
            files.append(name)
    return found


def _files(path: Path) -> list[Path]:
    return sorted(file for file in path.rglob("*") if file.suffix in {".py", ".html"}) if path.is_dir() else [path]


def _in_file(path: Path) -> Iterator[Key]:
    if path.suffix == ".py":
        yield from _in_code(_parsed(path))
        return
    for match in IN_TEMPLATE.finditer(templatize(path.read_text())):
        yield tuple(ast.literal_eval(text) for text in match.groups()[1 : 1 + CALLS[match[1]]])


def _parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def _in_code(tree: ast.AST) -> Iterator[Key]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (count := CALLS.get(getattr(node.func, "id", ""))):
            yield tuple(ast.literal_eval(text) for text in node.args[:count])


def read(file: Path) -> Catalogue:
    """Read a .po file as `write` writes it; strings may stand on several lines."""
    made = Catalogue()
    for part in file.read_text().strip().split("\n\n"):
        lines = part.splitlines()
        comments = [line for line in lines if line.startswith("#")]
        key, said = _entry([line for line in lines if not line.startswith("#")])
        if key == ("",):
            made.comments = comments
            made.head = [(name, value) for name, _, value in (row.partition(": ") for row in said[0].splitlines())]
        else:
            made.texts[key] = said
    return made


def _entry(lines: list[str]) -> tuple[Key, list[str]]:
    strings: list[tuple[str, str]] = []
    for line in lines:
        name, _quote, _rest = line.partition('"')
        text = "".join(_meant(match) for match in STRING.findall(line))
        if name:
            strings.append((name.strip(), text))
        else:
            strings[-1] = (strings[-1][0], strings[-1][1] + text)
    key = tuple(text for name, text in strings if name.startswith("msgid"))
    return key, [text for name, text in strings if name.startswith("msgstr")]


def _meant(written: str) -> str:
    return re.sub(r"\\(.)", lambda match: MEANT[match[1]], written)


def write(file: Path, catalogue: Catalogue, places: dict[Key, list[str]]) -> None:
    """Write a .po file with the entries for `places` in their order, empty where nothing is said yet."""
    head = "\n".join([*catalogue.comments, 'msgid ""', 'msgstr ""', *(f'"{n}: {v}\\n"' for n, v in catalogue.head)])
    forms = int(re.search(r"nplurals=(\d)", dict(catalogue.head)["Plural-Forms"])[1])  # type: ignore[index]
    parts = [head]
    for key, files in places.items():
        said = catalogue.texts.get(key, [""] * (forms if len(key) > 1 else 1))
        lines = [f"#: {' '.join(files)}"]
        if any("%(" in text for text in key):
            lines.append("#, python-format")
        lines += [f'{name} "{_written(text)}"' for name, text in zip(("msgid", "msgid_plural"), key, strict=False)]
        names = [f"msgstr[{form}]" for form in range(len(said))] if len(key) > 1 else ["msgstr"]
        lines += [f'{name} "{_written(text)}"' for name, text in zip(names, said, strict=True)]
        parts.append("\n".join(lines))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n\n".join(parts) + "\n")


def _written(text: str) -> str:
    return "".join(ESCAPES.get(letter, letter) for letter in text)
