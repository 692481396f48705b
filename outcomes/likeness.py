"""Which inputs say something like another one, and to which outcomes on the table an input may belong.

Texts are compared by the words that they share; a word weighs the more, the rarer it is at that consultation (BM25, by
the library bm25s). Nothing is learnt and no language is told from another, so that every script is served: words are
folded as the search folds them, and count with their parts, by which inflected forms meet. It is reckoned here from
rows of the database, so that both engines suggest the same.

What was read is kept in the process for a while, as numbers that only this process makes of words. Why, and what it
costs: docs/decisions/0022-likeness.md.
"""

from __future__ import annotations

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from itertools import count, islice
from threading import Lock

import bm25s
import numpy as np
from django.db.models import Count, Max, Subquery, Sum
from django.db.models.functions import Coalesce

from consultations.models import Input
from consultations.queries import InputQuerySet
from outcomes.models import Consideration, Evidence
from outcomes.search import WORD, fold
from stakeholders.erasure import UNSPACED
from stakeholders.models import ErasureRequest

LIKE = 0.2
"""From here on a likeness is shown; it is 1 where all words are shared, and 0 where none is."""
MOST_INPUTS = 5
MOST_OUTCOMES = 3
MOST_KEPT = 4
"""Consultations whose texts a process keeps ready at a time."""
PART = 4
"""Letters of a part of a word. Shorter words are left out: they hold sentences together and tell little."""
PART_OF_ROOTS = 3
ROOTS = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
"""Hebrew, Arabic and their neighbours: roots have three letters, and “the”, “and” or “to” are joined before them."""

_readings = count(1)

# The library tells at each step what it does, whatever the site's own level is.
logging.getLogger("bm25s").setLevel(logging.WARNING)


def inputs_like(input: Input, *, among: InputQuerySet) -> list[Input]:
    """Give the submitted inputs of the same consultation that say something like this one, the most like first.

    At most MOST_INPUTS, never the input itself, and only such as are in `among`: what the person may see, loaded with
    what is to be shown. Takes two queries, and one more where inputs have changed since the last time.
    """
    texts = _inputs_of(input.consultation_id)
    found = texts.like(input, own=texts.own(input.pk), but={input.pk}, most=MOST_INPUTS)
    rows = among.submitted().filter(consultation=input.consultation_id).in_bulk(found)
    return [rows[pk] for pk in found if pk in rows]


def outcomes_for(input: Input) -> list[Consideration]:
    """Give the outcomes on the table of the input's consultation that it may belong to, the most like first.

    As considerations loaded `with_texts()`; an outcome is compared by the text that it has there. At most
    MOST_OUTCOMES, and none that the input is evidence of already. Takes four queries, and two more where texts have
    changed.
    """
    inputs = _inputs_of(input.consultation_id)
    on_the_table = Consideration.objects.on_the_table(input.consultation_id)
    served = Evidence.objects.standing().filter(input=input).values("outcome")
    known = set(on_the_table.filter(outcome__in=served).values_list("pk", flat=True))
    outcomes = _outcomes_of(input.consultation_id, inputs)
    found = outcomes.like(input, own=inputs.own(input.pk), but=known, most=MOST_OUTCOMES)
    rows = on_the_table.with_texts().in_bulk(found)
    return [rows[pk] for pk in found if pk in rows]


def parts_of(word: str) -> Iterator[str]:
    """Give what a word is compared by, folded: itself, and every run of PART letters in it.

    In a script that puts no spaces between words every two letters that stand together count, and nothing else.
    """
    word = fold(word)
    if UNSPACED.search(word):
        yield from _runs(word, 2)
        return
    length = PART_OF_ROOTS if ROOTS.search(word) else PART
    if len(word) >= length:
        # The space tells a whole word from a part of another.
        yield f" {word}"
        yield from _runs(word, length)


def _runs(word: str, length: int) -> Iterator[str]:
    for start in range(max(1, len(word) - length + 1)):
        yield word[start : start + length]


class Texts:
    """Titles and texts by a key, ready to be compared with another text.

    No word stays in it: of each part there is its hash, which Python salts anew in every process. With `weighed_by` a
    word weighs as much as it is rare there, and not here, where texts may be few.
    """

    def __init__(self, texts: Iterable[tuple[int, str, str]], *, weighed_by: Texts | None = None) -> None:
        self.reading = next(_readings)
        self._numbers: dict[int, int] = {}
        self._keys: list[int] = []
        rows: list[list[int]] = []
        met: dict[str, list[int]] = {}
        for key, title, text in texts:
            row: list[int] = []
            for word in WORD.findall(f"{title}\n{text}"):
                if word not in met:
                    met[word] = [self._numbers.setdefault(hash(part), len(self._numbers)) for part in parts_of(word)]
                row += met[word]
            self._keys.append(key)
            rows.append(row)
        self._places = {key: place for place, key in enumerate(self._keys)}
        self._own: np.ndarray = np.zeros(len(rows))
        if self._numbers:
            self._index(rows, weighed_by)

    def own(self, key: int) -> float:
        """How well a text matches itself; 0 where it is not here."""
        return float(self._own[self._places[key]]) if key in self._places else 0.0

    def like(self, text: Input, *, own: float, but: Collection[int], most: int) -> list[int]:
        """Give the keys of the texts that are like another one, the most like first, those in `but` left out.

        `own` is how well the other one matches itself. A likeness is measured by how well both match themselves, so
        that a long text is not like everything.
        """
        told = WORD.findall(f"{text.title}\n{text.text}")
        words = dict.fromkeys(hash(part) for word in told for part in parts_of(word))
        shared = [self._numbers[word] for word in words if word in self._numbers]
        if not shared or not own:
            return []
        scores = self._engine.get_scores_from_ids(shared)
        likeness = scores / np.sqrt(np.maximum(self._own, np.finfo(float).tiny) * own)
        [places] = np.nonzero(likeness >= LIKE)
        ranked = places[np.argsort(-likeness[places], kind="stable")]
        found = (self._keys[place] for place in ranked)
        return list(islice((key for key in found if key not in but), most))

    def rarity(self, words: Iterable[int]) -> np.ndarray:
        """The weight of each word by how few texts have it, as BM25 reckons it; what none has is as rare as can be."""
        rarest = _rarity(np.ones(1), max(1, len(self._keys)))[0]
        return np.array([self._rarity[self._numbers[word]] if word in self._numbers else rarest for word in words])

    def _index(self, rows: list[list[int]], weighed_by: Texts | None) -> None:
        self._engine = bm25s.BM25()
        self._engine.index((rows, self._numbers), create_empty_token=False, show_progress=False)
        scores = self._engine.scores
        having = np.diff(scores["indptr"])
        self._rarity = _rarity(having, len(rows))
        if weighed_by:
            weights = weighed_by.rarity(self._numbers) / self._rarity
            scores["data"] *= np.repeat(weights, having).astype(scores["data"].dtype)
        self._own = np.bincount(scores["indices"], weights=scores["data"], minlength=len(rows))


def _rarity(having: np.ndarray, number: int) -> np.ndarray:
    """The weight of words that `having` of a number of texts have, as BM25 and Lucene reckon it."""
    return np.log(1 + (number - having + 0.5) / (having + 0.5))


class _Kept:
    """The texts of a few consultations as they were read last; a newer reading takes the place of an older one."""

    def __init__(self) -> None:
        self._read: OrderedDict[int, tuple[Hashable, Texts]] = OrderedDict()
        self._lock = Lock()

    def texts(self, consultation: int, *, state: Hashable, read: Callable[[], Texts]) -> Texts:
        """Give the texts as they were read in this state; else `read` them. Two threads may both do so."""
        with self._lock:
            kept, texts = self._read.get(consultation, (None, None))
            if texts is not None and kept == state:
                self._read.move_to_end(consultation)
                return texts
            # What was erased since is not kept longer than anybody asks.
            self._read.pop(consultation, None)
        texts = read()
        with self._lock:
            self._read[consultation] = (state, texts)
            self._read.move_to_end(consultation)
            while len(self._read) > MOST_KEPT:
                self._read.popitem(last=False)
        return texts

    def forget(self) -> None:
        with self._lock:
            self._read.clear()


_inputs, _outcomes = _Kept(), _Kept()


def forget() -> None:
    """Let go of all that was read; it is read again when somebody asks."""
    _inputs.forget()
    _outcomes.forget()


def _inputs_of(consultation: int) -> Texts:
    """The submitted inputs of a consultation, by their keys.

    Whoever saves an input counts up its revision and sets its time; an erasure does neither, but is granted in the same
    transaction. The state is asked for before the texts: one that is older than what is read then does no harm.
    """
    rows = Input.objects.filter(consultation=consultation).submitted().order_by()
    granted = ErasureRequest.objects.filter(is_granted=True).order_by().values("is_granted").values(n=Count("pk"))
    state = rows.annotate(erased=Subquery(granted)).aggregate(
        Count("pk"), Sum("pk"), Sum("revision"), Max("changed_at"), Max("erased")
    )
    texts = rows.order_by("number").values_list("pk", "title", "text")
    return _inputs.texts(consultation, state=(*state.values(),), read=lambda: Texts(texts.iterator()))


def _outcomes_of(consultation: int, inputs: Texts) -> Texts:
    """What is on the table of a consultation, by its considerations' keys; rare is what is so among its `inputs`."""
    rows = Consideration.objects.on_the_table(consultation).order_by()
    after, before = "version_after", "version_before"
    state = rows.aggregate(
        Count("pk"), Sum("pk"), Sum(after), Sum(before), Sum(f"{after}__revision"), Max(f"{after}__drafted_at")
    )
    here = [Coalesce(f"{after}__{part}", f"{before}__{part}") for part in ["title", "statement"]]
    texts = rows.order_by("outcome__reference").values_list("pk", *here)
    return _outcomes.texts(
        consultation, state=(inputs.reading, *state.values()), read=lambda: Texts(texts.iterator(), weighed_by=inputs)
    )
