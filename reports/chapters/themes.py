"""A chapter for each theme of the hearing, by the crosswalk, and one for the areas that no theme takes up."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.chapters.areas import outcome_sections
from reports.chapters.blocks import Chapter, Data, Listing, Pointer, Section, Table
from reports.chapters.grouping import Group
from reports.chapters.lineage import lineage_blocks
from reports.chapters.material import Material
from reports.chapters.wording import listed


def theme_chapter(material: Material, group: Group) -> Chapter:
    """Tell one theme: what it is about, the areas that feed into it with their charts, and its outcomes by kind.

    What another chapter tells in full is named, with the way there.
    """
    language = material.of_series if group.theme else ""
    chapter = Chapter(group.id, group.title, [_about(material, group)], area=group.place, language=language)
    if group.areas:
        chapter.sections += [_area(material, group, area) for area in group.areas]
        chapter.sections += outcome_sections(material, group)
    return chapter


def by_themes_section(material: Material) -> Section:
    """Say how the chapters go by the hearing's themes: the crosswalk, as a table."""
    section = Section("by-themes", _("By the hearing's themes"))
    section.blocks = [
        material.paragraph(
            _(
                "The consultations worked on cooperation areas; the chapters of this dossier follow the themes of the "
                "hearing. An area may feed into several themes: its outcomes are told in full in the chapter of the "
                "first, and named in the others. References keep the code of the area."
            )
        ),
        Table(
            _("From areas to themes"),
            [_("Chapter"), _("Areas that feed into it"), _("Outcomes told in full")],
            [
                [
                    f"{material.chapter_numbers[group.id]} {group.title}",
                    listed(_named(area) for area in group.areas) or _("none"),
                    str(len(group.told)),
                ]
                for group in material.groups
            ],
            widest=2,
        ),
    ]
    return section


def _about(material: Material, group: Group) -> Section:
    which = {"areas": listed(_named(area) for area in group.areas)}
    section = Section(f"{group.key}-about", _("What it is about"))
    if group.theme and group.theme["description"]:
        section.blocks.append(material.paragraph(group.theme["description"], language=material.of_series))
    if group.theme is None:
        text = _("No theme of the hearing takes up these areas of the consultations: %(areas)s.") % which
    elif group.areas:
        text = _("Areas that feed into this theme: %(areas)s.") % which
    else:
        text = _("No cooperation area feeds into this theme, so it has no outcomes.")
    section.blocks.append(material.paragraph(text))
    return section


def _area(material: Material, group: Group, area: Data) -> Section:
    code = area["code"]
    section = Section(f"{group.key}-{code}", _("From the area: %(area)s") % {"area": _named(area)})
    if area["description"]:
        section.blocks.append(material.paragraph(area["description"], language=material.of_series))
    if area["questions"]:
        asked = ngettext("Its guiding question was:", "Its guiding questions were:", len(area["questions"]))
        section.blocks += [
            material.paragraph(asked),
            Listing(area["questions"], [material.of_series] * len(area["questions"])),
        ]
    else:
        section.blocks.append(material.paragraph(_("No guiding questions were set.")))
    if code in group.drawn:
        rows = [row for row in material.data["outcomes"] if code in {row["area"], *row["further_areas"]}]
        section.blocks += lineage_blocks(material, area, rows) or [
            material.paragraph(_("No outcome was concluded in this area."))
        ]
    else:
        home = material.home_of(code)
        section.blocks.append(
            Pointer(
                next(material.numbers),
                _("The way of its outcomes through the consultations:"),
                _("drawn in chapter %(number)s") % {"number": material.chapter_numbers[home.id]},
                anchor=f"{home.key}-{code}",
                heading=f"{home.key}-{code}",
            )
        )
    return section


def _named(area: Data) -> str:
    return f"{area['title']} ({area['code']})"
