"""Finding inputs by their words, and showing the words that were found.

Titles and texts are searched, never names. What may be seen is decided before, by `visible_to`.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, Func, Q, TextField, Value
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from consultations.models import Consultation, Input
from consultations.queries import InputQuerySet
from outcomes.models import Evidence
from outcomes.wordindex import LETTERS, MARKS
from stakeholders.erasure import UNSPACED

LONGEST_QUERY = 200
MOST_WORDS = 12
"""More words than that are left out."""
COMBINING = "".join(chr(code) for code in range(0x0300, 0x10000) if unicodedata.category(chr(code)).startswith("M"))
WORD = re.compile(rf"[^\W_](?:[^\W_]|[{COMBINING}])*")
MARK = re.compile(f"[{MARKS}]")
PASSAGE = re.compile(r'"([^"]*)"?|([^"]+)')
SAME_LETTERS = str.maketrans(LETTERS)
OPENS, CLOSES = "\x02", "\x03"


def fold(word: str) -> str:
    """Give a word without accents and capitals, as both engines index it."""
    bare = MARK.sub("", unicodedata.normalize("NFD", word))
    return unicodedata.normalize("NFC", bare).lower().translate(SAME_LETTERS)


@dataclass(frozen=True)
class Term:
    """One word, or several that stand side by side; as a prefix the last of them may go on.

    `words` are folded; `typed` have their accents, which the endings of a language hang on.
    """

    words: tuple[str, ...]
    typed: tuple[str, ...]
    is_prefix: bool = False

    @property
    def is_unspaced(self) -> bool:
        """Whether it is in a script that puts no spaces between words."""
        return any(UNSPACED.search(word) for word in self.words)


class Search:
    """What somebody looks for among the inputs of one consultation.

    All the words must be there. Words in quotes stand side by side; the last word may go on, unless it is quoted.
    Whatever is typed has a meaning: nothing is ever a fault.
    """

    def __init__(self, typed: str, consultation: Consultation) -> None:
        self.typed = " ".join(typed[:LONGEST_QUERY].replace("\x00", " ").split())
        self.consultation = consultation
        self.terms = list(_terms_of(self.typed))

    def __bool__(self) -> bool:
        return bool(self.typed)

    def choose(self, inputs: InputQuerySet) -> InputQuerySet:
        """Give those of `inputs` that match, each with its `relevance`: the higher, the better.

        The reference of an input finds it; that of an outcome finds the inputs that bear on it or are its evidence.
        """
        unspaced = [term for term in self.terms if term.is_unspaced]
        spaced = [term for term in self.terms if not term.is_unspaced]
        found = Q(pk__in=[]) if not self.terms else Q()
        # Where words are not told apart by spaces an index of words cannot know them.
        for term in unspaced:
            part = " ".join(term.words)
            found &= Q(title__icontains=part) | Q(text__icontains=part)
        relevance: Func | Value = Value(0.0)
        if spaced:
            query = self._tsquery(spaced) if _is_postgresql() else _fts5_query(spaced)
            found &= Q(pk__in=_Matching(Value(query)))
            relevance = _Relevance(Value(query), F("pk"))
        return inputs.filter(found | self._by_reference()).annotate(relevance=relevance)

    def with_stems(self, inputs: InputQuerySet) -> InputQuerySet:
        """Have PostgreSQL tell where other forms of the words stand, for `mark`: of the few rows that are shown."""
        if not _is_postgresql() or not self.terms:
            return inputs
        language = Func(F("language"), function="outcomes_configuration", output_field=TextField())
        query = Func(language, Value(self._as_typed()), function="to_tsquery", output_field=TextField())
        options = Value(f"HighlightAll=true, StartSel={OPENS}, StopSel={CLOSES}")

        def headline(field: str) -> Func:
            words = Func(F(field), function="outcomes_plain", output_field=TextField())
            return Func(language, words, query, options, function="ts_headline", output_field=TextField())

        return inputs.annotate(stems_of_title=headline("title"), stems_of_text=headline("text"))

    def mark(self, inputs: Iterable[Input]) -> None:
        """Give each input its `marked_title` and `marked_text`: escaped, with what was found in <mark>.

        Other forms of the words are found in inputs that were loaded `with_stems()`.
        """
        for row in inputs:
            title, text = (_told(getattr(row, name, None) or "") for name in ["stems_of_title", "stems_of_text"])
            row.marked_title = _marked(row.title, [*self._ranges(row.title), *title])  # type: ignore[attr-defined]
            row.marked_text = _marked(row.text, [*self._ranges(row.text), *text])  # type: ignore[attr-defined]

    def _by_reference(self) -> Q:
        reference = self.typed.strip('"“”.,; ').upper()
        if not reference:
            return Q(pk__in=[])
        used = Evidence.objects.standing().filter(outcome__reference=reference, outcome__dropped_at__isnull=True)
        found = Q(bears_on__iexact=reference) | Q(pk__in=used.values("input"))
        of_input = re.fullmatch(rf"{re.escape(self.consultation.code)}-I-0*(\d{{1,8}})", reference)
        return found | Q(number=int(of_input[1])) if of_input else found

    def _ranges(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the words themselves stand in a text, accents and capitals aside."""
        whole = {word for term in self.terms for word in (term.words[:-1] if term.is_prefix else term.words)}
        begun = tuple(term.words[-1] for term in self.terms if term.is_prefix)
        if not self.terms:
            return
        for found in WORD.finditer(text):
            word = fold(found[0])
            if word in whole or word.startswith(begun):
                yield found.span()
            elif UNSPACED.search(found[0]):
                yield from _parts(found[0], [*whole, *begun], found.start())

    def _tsquery(self, terms: list[Term]) -> str:
        """Each term as it is, or as the languages of the inputs here bend it, as PostgreSQL writes a tsquery.

        A word that a language passes over, such as “the”, must be there as it is.
        """
        written = [
            [_tsquery_text(term.words, term.is_prefix) for term in terms],
            [_tsquery_text(term.typed, term.is_prefix) for term in terms],
        ]
        with connection.cursor() as cursor:
            cursor.execute(
                "WITH terms AS (SELECT * FROM unnest(%s::text[], %s::text[]) "
                "WITH ORDINALITY AS terms(folded, typed, place)) "
                "SELECT place, to_tsquery('simple', folded)::text FROM terms "
                "UNION SELECT place, to_tsquery(outcomes_configuration(language), typed)::text FROM terms, "
                "(SELECT DISTINCT language FROM consultations_input WHERE consultation_id = %s) AS languages",
                [*written, self.consultation.pk],
            )
            forms: dict[int, list[str]] = defaultdict(list)
            for place, form in cursor.fetchall():
                if form:
                    forms[place].append(f"({form})")
        return " & ".join(f"({' | '.join(sorted(ways))})" for ways in forms.values())

    def _as_typed(self) -> str:
        """All the words, for PostgreSQL to bend."""
        return " & ".join(_tsquery_text(term.typed, term.is_prefix) for term in self.terms)


class _Matching(Func):
    """The keys of the inputs whose words match a query of the engine."""

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT rowid FROM outcomes_inputwords WHERE outcomes_inputwords MATCH %(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT input_id FROM outcomes_inputwords WHERE words @@ %(expressions)s::tsquery)"
        return self.as_sql(compiler, connection, template=template, **context)


class _Relevance(Func):
    """How well an input matches a query of the engine: the higher, the better. Give the query and the input's key."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # The limit has SQLite read the matches once for all rows, and not once for each.
        context |= {
            "template": "COALESCE((SELECT -found.rank FROM (SELECT rowid AS id, rank FROM outcomes_inputwords "
            "WHERE outcomes_inputwords MATCH %(expressions)s), 0.0)",
            "arg_joiner": " LIMIT -1) AS found WHERE found.id = ",
        }
        return self.as_sql(compiler, connection, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        context |= {
            "template": "COALESCE((SELECT ts_rank(words, %(expressions)s), 0.0)",
            "arg_joiner": "::tsquery, 1) FROM outcomes_inputwords WHERE input_id = ",
        }
        return self.as_sql(compiler, connection, **context)


def _fts5_query(terms: list[Term]) -> str:
    return " AND ".join('"' + " ".join(term.words) + '"' + ("*" if term.is_prefix else "") for term in terms)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _terms_of(typed: str) -> Iterator[Term]:
    left = MOST_WORDS
    passages = list(PASSAGE.finditer(re.sub("[“”„]", '"', typed)))
    for passage in passages:
        quoted, loose = passage.groups()
        words = [word.lower() for word in WORD.findall(loose or quoted or "") if fold(word)][:left]
        left -= len(words)
        if loose is None and words:
            yield Term(tuple(map(fold, words)), tuple(words))
        elif loose is not None:
            for number, word in enumerate(words, start=1):
                is_last = passage is passages[-1] and number == len(words)
                yield Term((fold(word),), (word,), is_prefix=is_last)


def _tsquery_text(words: tuple[str, ...], is_prefix: bool) -> str:
    """Words in the language of to_tsquery; each is quoted, and holds nothing but letters, digits and marks."""
    return "(" + " <-> ".join(f"'{word}'" for word in words) + (":*" if is_prefix else "") + ")"


def _parts(word: str, parts: list[str], start: int) -> Iterator[tuple[int, int]]:
    """Where parts stand in a run of letters without spaces."""
    lowered = word.lower()
    for part in parts:
        for found in re.finditer(re.escape(part), lowered):
            yield start + found.start(), start + found.end()


def _told(headline: str) -> list[tuple[int, int]]:
    """The ranges that PostgreSQL marked, counted in the text without its signs."""
    ranges, place, began = [], 0, 0
    for piece in re.split(f"([{OPENS}{CLOSES}])", headline):
        if piece == OPENS:
            began = place
        elif piece == CLOSES:
            ranges.append((began, place))
        else:
            place += len(piece)
    return ranges


def _marked(text: str, ranges: list[tuple[int, int]]) -> SafeString:
    """Escape a text, and put what stands in the ranges into <mark>."""
    pieces, place = [], 0
    for start, end in sorted(ranges):
        if end <= place:
            continue
        start = max(start, place)
        pieces += [conditional_escape(text[place:start]), "<mark>", conditional_escape(text[start:end]), "</mark>"]
        place = end
    pieces.append(conditional_escape(text[place:]))
    return mark_safe("".join(pieces))  # noqa: S308  every piece of the text is escaped
