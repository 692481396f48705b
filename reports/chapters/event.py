"""What stands first in the report of one consultation: its summary, and how it was held."""

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outcomes.models import Disposition
from reports.chapters.blocks import Chapter, Listing, Section
from reports.chapters.changes import what_changed
from reports.chapters.front import balance_section, titles_of, what_was_given
from reports.chapters.material import Material
from reports.chapters.wording import dates, day


def event_summary(material: Material) -> Chapter:
    """Tell the consultation in brief: what was given, what was before it, and the outcomes by area."""
    chapter, says, event = Chapter("summary", _("Summary")), material.paragraph, material.event
    overview = Section("in-brief", _("In brief"))
    facts = {"title": event["title"], "where": event["place"], "when": dates(event), "on": day(event["concluded_on"])}
    overview.blocks = [says(_("%(title)s took place in %(where)s (%(when)s) and was concluded on %(on)s.") % facts)]
    overview.blocks += what_was_given(material)
    overview.blocks += _what_it_made(material)
    chapter.sections = [overview, what_changed(material)]
    for area in material.data["areas"]:
        rows = [row for row in material.told if row["area"] == area["code"]]
        section = Section(f"summary-{area['code']}", area["title"], language=material.of_series)
        section.blocks = [titles_of(rows) if rows else says(_("No outcome of this area stands after it."))]
        chapter.sections.append(section)
    return chapter


def _what_it_made(material: Material) -> list[object]:
    """How many outcomes were before it, and what they got there."""
    total = len(material.outcomes)
    if not total:
        return [material.paragraph(_("It concluded no outcome."))]
    got = Counter(row["steps"][-1]["disposition"] for row in material.outcomes.values())
    before = ngettext(
        "%(count)s outcome was before it. What it made of it:",
        "%(count)s outcomes were before it. What it made of them:",
        total,
    ) % {"count": total}
    labels = {Disposition.PROPOSED: _("proposed (born here)"), Disposition.NONE: _("withdrawn before it decided")}
    lines = [
        _("%(disposition)s: %(count)s") % {"disposition": labels.get(kind, str(kind.label)), "count": got[kind]}
        for kind in Disposition
        if got[kind]
    ]
    return [material.paragraph(before), Listing(lines)]


def the_consultation(material: Material) -> Chapter:
    """Tell the frame of the consultation, and who took part and was missing."""
    chapter, event, series = Chapter("consultation", _("The consultation")), material.event, material.data["series"]
    about = Section("about", event["title"], language=material.of_series)
    if event["description"]:
        about.blocks.append(material.paragraph(event["description"], language=material.of_series))
    frame = _("It belongs to the series “%(series)s”, whose central question is: %(question)s")
    texts = [frame % {"series": series["title"], "question": series["central_question"]}]
    if event["feeds_into"]:
        texts.append(_("Its outcomes go on to %(event)s.") % {"event": event["feeds_into"]})
    about.blocks += [material.paragraph(text) for text in texts]
    chapter.sections = [about, balance_section(material, event)]
    return chapter
