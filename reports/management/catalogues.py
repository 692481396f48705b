"""The catalogues of the documents' languages: which texts a document can print, and what they are called.

A catalogue holds what documents print and nothing else; texts that only the site shows have no entry.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
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

Key = tuple[str, ...]
"""A text as the program has it, or one text and its plural."""


def catalogue_file(language: str) -> Path:
    """Where the catalogue of a language is; the compiled one lies beside it."""
    return Path(settings.LOCALE_PATHS[0], language, "LC_MESSAGES", "django.po")


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


def key_of(entry: polib.POEntry) -> Key:
    return (entry.msgid, entry.msgid_plural) if entry.msgid_plural else (entry.msgid,)


def brought_up_to_date(file: Path, places: dict[Key, list[str]]) -> tuple[int, int]:
    """Give a catalogue the entries for `places` in their order, empty where nothing is said yet, and compile it.

    Returns how many are to be translated, and how many were taken out.
    """
    catalogue = polib.pofile(str(file), wrapwidth=0)
    known = {key_of(entry): entry for entry in catalogue}
    forms = range(int(catalogue.metadata["Plural-Forms"].partition("nplurals=")[2].partition(";")[0]))
    catalogue.clear()
    for key, files in places.items():
        entry = known.get(key) or polib.POEntry(msgid=key[0], msgid_plural="".join(key[1:]))
        if len(key) > 1 and not entry.msgstr_plural:
            entry.msgstr_plural = dict.fromkeys(forms, "")
        entry.occurrences = [(name, "") for name in files]
        entry.flags = ["python-format"] if any("%(" in text for text in key) else []
        catalogue.append(entry)
    catalogue.save()
    catalogue.save_as_mofile(str(file.with_suffix(".mo")))
    return len(catalogue.untranslated_entries()), len(known.keys() - places.keys())
