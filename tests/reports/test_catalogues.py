"""The catalogues of the documents' languages: whole, in step with the texts, and compiled as they are written."""

import gettext
import re
import shutil
import struct
from gettext import GNUTranslations
from pathlib import Path

import django
import polib
import pytest
from django.conf import settings
from django.core.management import call_command

from reports.management.catalogues import brought_up_to_date, catalogue_file, key_of, texts_of_documents

LANGUAGES = [code for code, _name in settings.DOCUMENT_LANGUAGES if code != settings.LANGUAGE_CODE]
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]+>")
COUNTED = {"%(count)s", "%(number)s", "%(asked)s"}


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def catalogue(language) -> polib.POFile:
    return polib.pofile(str(catalogue_file(language)))


@pytest.fixture
def texts(catalogue) -> dict[tuple[str, ...], list[str]]:
    """What each text is called, in all forms that it has."""
    return {key_of(entry): list(entry.msgstr_plural.values()) or [entry.msgstr] for entry in catalogue}


def compiled(language: str) -> GNUTranslations:
    with catalogue_file(language).with_suffix(".mo").open("rb") as file:
        return GNUTranslations(file)


def numbers_by_form(translations: GNUTranslations, forms: int) -> dict[int, list[int]]:
    """The numbers up to 300 that are told in each form of the plural."""
    found: dict[int, list[int]] = {form: [] for form in range(forms)}
    for number in range(301):
        found[translations.plural(number)].append(number)
    return found


def test_every_language_that_is_offered_has_a_catalogue_and_no_other_is_there():
    assert {path.name for path in Path(settings.LOCALE_PATHS[0]).iterdir()} == set(LANGUAGES)
    assert set(LANGUAGES) == {"fr", "es", "tr", "ar"}


def test_it_has_the_texts_that_documents_print_and_no_others(texts):
    assert set(texts) == set(texts_of_documents())


def test_the_texts_of_documents_are_found_in_code_in_templates_and_in_the_labels_of_choices():
    found = texts_of_documents()
    assert {
        ("How to read this",),  # a chapter
        ("%(count)s answer", "%(count)s answers"),  # a plural in it
        ("Why not taken up",),  # a sheet
        ("(in brackets) of another area",),  # a chart's legend
        ('SHA-256 begins with <span class="reference">%(hash)s</span>. Every file of this edition was made from these '
         "data and from nothing else.",),  # a block of a template
        ("%(number)s answer", "%(number)s answers"),  # a plural in one
        ("j F Y",),  # the argument of a filter
        ("adopted as amended",),  # a label that no sample reaches
        ("Several participants at one table",),  # a function of another app
    } <= set(found)  # fmt: skip
    assert ("Sign in",) not in found
    assert ("Writing the chapters",) not in found


def test_nothing_is_missing_and_nothing_is_doubtful(language, catalogue, texts):
    assert [key for key, said in texts.items() if not all(said)] == []
    assert [*catalogue.fuzzy_entries(), *catalogue.obsolete_entries()] == []
    assert "Awaits review by a native speaker." in catalogue.header
    assert catalogue.metadata["Language"] == language


def test_placeholders_and_marks_are_those_of_the_text(language, texts):
    translations = compiled(language)
    for key, said in texts.items():
        numbers = numbers_by_form(translations, len(said)) if len(key) > 1 else {0: []}
        for form, text in enumerate(said):
            wanted, given = set(PLACEHOLDER.findall(key[-1])), set(PLACEHOLDER.findall(text))
            # “Two answers” need not say the number.
            may_lack = COUNTED if len(numbers[form]) == 1 else set()
            assert given <= wanted and wanted - given <= may_lack, text
            assert sorted(TAG.findall(text)) == sorted(TAG.findall(key[-1])), text
            assert "%" not in PLACEHOLDER.sub("", text) or not wanted, text


def test_plurals_tell_those_numbers_apart_that_django_tells_apart(language, texts):
    """Django has a form more for millions of French and Spanish things; nothing in a document is counted so far."""
    own = gettext.translation("django", Path(django.__file__).parent / "conf/locale", [language])
    translations = compiled(language)
    pairs = {(translations.plural(number), own.plural(number)) for number in range(301)}
    assert len(pairs) == len({ours for ours, _theirs in pairs}) == len({theirs for _ours, theirs in pairs})
    forms = max(translations.plural(number) for number in range(301)) + 1
    assert {len(said) for key, said in texts.items() if len(key) > 1} == {forms}


def test_the_compiled_one_says_exactly_what_its_source_says(language, catalogue, texts):
    translations = compiled(language)
    for key, said in texts.items():
        if len(key) == 1:
            assert translations.gettext(*key) == said[0]
            continue
        for form, numbers in numbers_by_form(translations, len(said)).items():
            assert translations.ngettext(*key, numbers[0]) == said[form]
    assert {name.lower(): value for name, value in catalogue.metadata.items()} == translations.info()
    (entries,) = struct.unpack("<I", catalogue_file(language).with_suffix(".mo").read_bytes()[8:12])
    assert entries == len(texts) + 1


@pytest.fixture
def copies(tmp_path, settings) -> Path:
    """The catalogues, copied to where they may be changed."""
    shutil.copytree(settings.LOCALE_PATHS[0], tmp_path / "locale")
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path / "locale"


def test_collecting_the_texts_again_changes_nothing(copies, capsys):
    before = {file: file.read_bytes() for file in copies.rglob("django.*")}
    assert len(before) == 2 * len(LANGUAGES)
    call_command("collect_texts")
    assert {file: file.read_bytes() for file in copies.rglob("django.*")} == before
    said = capsys.readouterr().out
    for language in LANGUAGES:
        assert f"{language}: {len(texts_of_documents())} texts, 0 to be translated, 0 taken out." in said


def test_collecting_adds_what_is_new_and_takes_out_what_is_gone(copies, capsys):
    file = catalogue_file("ar")
    places = texts_of_documents()
    answers = places.pop(("%(count)s answer", "%(count)s answers"))
    assert brought_up_to_date(file, {**places, ('New \\ "for good"\n',): ["x.py"]}) == (1, 1)
    call_command("collect_texts")
    assert f"ar: {len(texts_of_documents())} texts, 1 to be translated, 1 taken out." in capsys.readouterr().out
    entry = polib.pofile(str(file)).find("%(count)s answer")
    assert (entry.msgstr_plural, entry.occurrences) == (dict.fromkeys(range(6), ""), [(name, "") for name in answers])
