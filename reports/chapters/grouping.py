"""In which chapters the outcomes are told: by the cooperation areas of the series, or by the themes of its hearing."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from reports.chapters.blocks import Data
from reports.choices import Arrangement
from reports.models import Document

OUTSIDE = "outside-themes"


@dataclass(frozen=True)
class Group:
    """What one chapter tells together; `id` is that of the chapter, and `key` begins the ids of its sections.

    `place` (1, 2, ...) gives its colour, 0 none. `told` are the outcomes that are told in full in it, `named` those
    that belong to it too and are told in full in another; `drawn` are the codes of its areas whose charts stand in it.
    A group of `theme` None is an area, or what no theme takes up.
    """

    id: str
    key: str
    title: str
    place: int
    areas: list[Data]
    told: list[Data]
    named: list[Data] = field(default_factory=list)
    drawn: frozenset[str] = frozenset()
    theme: Data | None = None


def is_by_themes(data: Data) -> bool:
    """Whether a document goes by the hearing's themes: a dossier for which that was chosen, if there are themes."""
    is_chosen = data["choices"]["arrangement"] == Arrangement.THEMES
    return is_chosen and data["document"] == Document.DOSSIER and bool(data["themes"])


def groups_of(data: Data, told: list[Data]) -> list[Group]:
    """Share out the outcomes that are told in full, each into exactly one group, in the order of the chapters."""
    return _by_themes(data, told) if is_by_themes(data) else _by_areas(data, told)


def _by_areas(data: Data, told: list[Data]) -> list[Group]:
    return [
        Group(
            id=f"area-{area['code']}",
            key=area["code"],
            title=area["title"],
            place=place,
            areas=[area],
            told=[row for row in told if row["area"] == area["code"]],
            drawn=frozenset({area["code"]}),
        )
        for place, area in enumerate(data["areas"], start=1)
    ]


def _by_themes(data: Data, told: list[Data]) -> list[Group]:
    """An area, with its chart and its outcomes, goes to the first theme that takes it up, or to a group at the end."""
    themes: list[tuple[str, str, Data | None, set[str]]] = [
        (f"theme-{theme['code']}", theme["title"], theme, set(theme["areas"])) for theme in data["themes"]
    ]
    codes = {area["code"] for area in data["areas"]}
    if outside := codes - set().union(*(taken for *_row, taken in themes)):
        themes.append((OUTSIDE, _("Outside the hearing's themes"), None, outside))
    groups: list[Group] = []
    free = set(codes)
    for place, (id, title, theme, taken) in enumerate(themes, start=1):
        first = taken & free
        free -= first
        touched = [row for row in told if taken & {row["area"], *row["further_areas"]}]
        groups.append(
            Group(
                id=id,
                key=id,
                title=title,
                place=place if theme else 0,
                areas=[area for area in data["areas"] if area["code"] in taken],
                told=[row for row in touched if row["area"] in first],
                named=[row for row in touched if row["area"] not in first],
                drawn=frozenset(first),
                theme=theme,
            )
        )
    return groups
