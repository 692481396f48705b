"""The catalogues of the documents' languages: whole, in step with the texts, and compiled as they are written."""

import gettext
import re
import struct
from gettext import GNUTranslations
from pathlib import Path

import django
import pytest
from django.conf import settings
from django.core.management import call_command

from reports.management.catalogues import Catalogue, catalogue_file, read, texts_of_documents, write

LANGUAGES = [code for code, _name in settings.DOCUMENT_LANGUAGES if code != settings.LANGUAGE_CODE]
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]+>")
COUNTED = {"%(count)s", "%(number)s", "%(asked)s"}


@pytest.fixture(params=LANGUAGES)
def language(request) -> str:
    return request.param


@pytest.fixture
def catalogue(language) -> Catalogue:
    return read(catalogue_file(language))


def compiled(language: str) -> GNUTranslations:
    with catalogue_file(language, suffix="mo").open("rb") as file:
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


def test_it_has_the_texts_that_documents_print_and_no_others(catalogue):
    assert set(catalogue.texts) == set(texts_of_documents())


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


def test_nothing_is_missing_and_nothing_is_doubtful(language, catalogue):
    assert [key for key, said in catalogue.texts.items() if not all(said)] == []
    text = catalogue_file(language).read_text()
    assert "fuzzy" not in text and "\n#~" not in text
    assert "# Awaits review by a native speaker." in catalogue.comments
    assert dict(catalogue.head)["Language"] == language


def test_placeholders_and_marks_are_those_of_the_text(language, catalogue):
    translations = compiled(language)
    for key, said in catalogue.texts.items():
        numbers = numbers_by_form(translations, len(said)) if len(key) > 1 else {0: []}
        for form, text in enumerate(said):
            wanted, given = set(PLACEHOLDER.findall(key[-1])), set(PLACEHOLDER.findall(text))
            # “Two answers” need not say the number.
            may_lack = COUNTED if len(numbers[form]) == 1 else set()
            assert given <= wanted and wanted - given <= may_lack, text
            assert sorted(TAG.findall(text)) == sorted(TAG.findall(key[-1])), text
            assert "%" not in PLACEHOLDER.sub("", text) or not wanted, text


def test_plurals_tell_those_numbers_apart_that_django_tells_apart(language, catalogue):
    """Django has a form more for millions of French and Spanish things; nothing in a document is counted so far."""
    own = gettext.translation("django", Path(django.__file__).parent / "conf/locale", [language])
    translations = compiled(language)
    pairs = {(translations.plural(number), own.plural(number)) for number in range(301)}
    assert len(pairs) == len({ours for ours, _theirs in pairs}) == len({theirs for _ours, theirs in pairs})
    forms = max(translations.plural(number) for number in range(301)) + 1
    assert {len(said) for key, said in catalogue.texts.items() if len(key) > 1} == {forms}


def test_the_compiled_one_says_exactly_what_its_source_says(language, catalogue):
    translations = compiled(language)
    for key, said in catalogue.texts.items():
        if len(key) == 1:
            assert translations.gettext(*key) == said[0]
            continue
        for form, numbers in numbers_by_form(translations, len(said)).items():
            assert translations.ngettext(*key, numbers[0]) == said[form]
    assert {name.lower(): value for name, value in catalogue.head} == translations.info()
    (entries,) = struct.unpack("<I", catalogue_file(language, suffix="mo").read_bytes()[8:12])
    assert entries == len(catalogue.texts) + 1


def test_collecting_the_texts_again_changes_nothing(language, tmp_path, settings, capsys):
    told = catalogue_file(language).read_bytes()
    settings.LOCALE_PATHS = [tmp_path]
    file = catalogue_file(language)
    file.parent.mkdir(parents=True)
    file.write_bytes(told)
    call_command("collect_texts")
    assert file.read_bytes() == told
    assert f"{language}: {len(read(file).texts)} texts, 0 to be translated, 0 taken out." in capsys.readouterr().out


def test_collecting_adds_what_is_new_and_takes_out_what_is_gone(tmp_path, settings, capsys):
    catalogue = read(catalogue_file("ar"))
    settings.LOCALE_PATHS = [tmp_path]
    del catalogue.texts["%(count)s answer", "%(count)s answers"]
    catalogue.texts['Gone \\ "for good"\n',] = ["ذهب"]
    places = {key: ["x.py"] for key in catalogue.texts}
    write(catalogue_file("ar"), catalogue, places)
    assert read(catalogue_file("ar")) == catalogue
    call_command("collect_texts")
    assert "1 to be translated, 1 taken out." in capsys.readouterr().out
    assert read(catalogue_file("ar")).texts["%(count)s answer", "%(count)s answers"] == [""] * 6
