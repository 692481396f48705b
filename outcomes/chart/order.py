"""In which columns and rows a lineage chart stands: time runs forwards, and kin lie together."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence

from outcomes.chart.ways import Knot

Family = list[str]
"""The references of outcomes that are joined by merges and splits, in the order of their rows."""


def columns_in_time(codes: Sequence[str], flows: Iterable[tuple[str, str]]) -> list[str]:
    """Order events so that none stands before one whose outcomes it took up; otherwise they keep the order given.

    `flows` are pairs of events, the later one second. A plan may name its events in another order than they were held.
    """
    place = {code: number for number, code in enumerate(codes)}
    following: dict[str, set[str]] = defaultdict(set)
    awaited: dict[str, set[str]] = defaultdict(set)
    for earlier, later in flows:
        if earlier in place and later in place:
            following[earlier].add(later)
            awaited[later].add(earlier)
    ready = [place[code] for code in codes if not awaited[code]]
    heapq.heapify(ready)
    found = []
    while ready:
        code = codes[heapq.heappop(ready)]
        found.append(code)
        for later in following[code]:
            awaited[later].discard(code)
            if not awaited[later]:
                heapq.heappush(ready, place[later])
    return found


def knots_of(descents: Iterable[tuple[str, str, str]]) -> list[Knot]:
    """Gather descents (event, parent, child) into merges and splits: at one event, those that share an end."""
    knots: list[tuple[str, set[str], set[str]]] = []
    by_parent: dict[tuple[str, str], tuple[str, set[str], set[str]]] = {}
    by_child: dict[tuple[str, str], tuple[str, set[str], set[str]]] = {}
    for event, parent, child in descents:
        knot = by_parent.get((event, parent)) or by_child.get((event, child))
        if knot is None:
            knot = (event, set(), set())
            knots.append(knot)
        by_parent[event, parent] = by_child[event, child] = knot
        knot[1].add(parent)
        knot[2].add(child)
    return [Knot(event, tuple(sorted(parents)), tuple(sorted(children))) for event, parents, children in knots]


def families_of(references: Sequence[str], knots: Iterable[Knot]) -> list[Family]:
    """Order the rows of a chart: each reference once, kin together, so that threads cross few others.

    A row stands under those that it came out of and over those that it ended in: in each family one goes down from the
    outcome with most generations under it, and before an outcome is placed, all its ancestors are; what else came out
    of these follows. So what joins or parts lies side by side. Of parents those come first that have parents
    themselves, of the parts of a split those that have no further kin: the others would stand between. Families follow
    the first of theirs in the order given; outcomes without kin are families of one.
    """
    place = {reference: number for number, reference in enumerate(references)}
    parents: dict[str, list[str]] = defaultdict(list)
    children: dict[str, list[str]] = defaultdict(list)
    for knot in knots:
        for parent in knot.parents:
            for child in knot.children:
                if parent in place and child in place:
                    children[parent].append(child)
                    parents[child].append(parent)
    under = _generations(references, parents, children)
    families: list[Family] = []
    seen: set[str] = set()
    for reference in references:
        if reference in seen:
            continue
        family: Family = []
        kin = _kin(reference, parents, children)
        first = min(kin, key=lambda each: (bool(parents[each]), -under[each], place[each]))
        waiting = [first]
        while waiting:
            reference = waiting.pop()
            line = _line_to(reference, parents, placed=seen, place=place)
            seen.update(line)
            family += line
            for one in line:
                below = sorted(children[one], key=lambda child: (len(children[child]), place[child]))
                waiting += reversed(below)
        families.append(family)
    return families


def _line_to(reference: str, parents: dict[str, list[str]], *, placed: set[str], place: dict[str, int]) -> list[str]:
    """An outcome under all its ancestors, each under its own; those that are placed already are left out."""
    line: list[str] = []
    entered: set[str] = set()
    waiting = [(reference, False)]
    while waiting:
        one, has_its_parents = waiting.pop()
        if has_its_parents:
            line.append(one)
        elif one not in placed and one not in entered:
            entered.add(one)
            above = sorted(parents[one], key=lambda parent: (not parents[parent], place[parent]))
            waiting.append((one, True))
            waiting += [(parent, False) for parent in reversed(above)]
    return line


def _kin(reference: str, parents: dict[str, list[str]], children: dict[str, list[str]]) -> set[str]:
    """All that one outcome is joined with, itself among them."""
    found = {reference}
    waiting = [reference]
    while waiting:
        one = waiting.pop()
        new = {*parents[one], *children[one]} - found
        found |= new
        waiting += new
    return found


def _generations(
    references: Sequence[str], parents: dict[str, list[str]], children: dict[str, list[str]]
) -> dict[str, int]:
    """How many generations each outcome has under it."""
    found = dict.fromkeys(references, 0)
    left = {reference: len(children[reference]) for reference in references}
    waiting = [reference for reference in references if not left[reference]]
    while waiting:
        one = waiting.pop()
        for parent in parents[one]:
            found[parent] = max(found[parent], found[one] + 1)
            left[parent] -= 1
            if not left[parent]:
                waiting.append(parent)
    return found


def cut(families: Iterable[Family], *, rows: int, rows_on_first: int | None = None) -> list[list[Family]]:
    """Cut a chart into parts of at most so many rows; a family is cut only where no part is left for the whole of it.

    With `rows_on_first` the first part is shorter than the others.
    """
    parts: list[list[Family]] = []
    left = 0
    for family in families:
        rest = family
        while rest:
            if not parts or left < min(len(rest), rows):
                left = rows if parts else rows_on_first or rows
                parts.append([])
            parts[-1].append(rest[:left])
            rest, left = rest[left:], left - len(rest[:left])
    return parts
