"""The codebook of a series: the tags that all its desks share."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from consultations.models import Series
from outcomes.models import Tag, Tagging
from stakeholders.models import Person
from stakeholders.refusals import Refused


def find_or_add_tag(series: Series, name: str) -> Tag:
    """Give the tag of that name, however it is capitalised; a new one if the codebook has none.

    Raises Refused without a word, for a word that is too long, and for a retired tag.
    """
    name = _name(name)
    tag = _named(series, name) or Tag.objects.get_or_create(series=series, name=name)[0]
    _refuse_retired(tag)
    return tag


def find_tag(series: Series, name: str) -> Tag:
    """Give the tag of that name, however it is capitalised. Raises Refused where the codebook has none."""
    if tag := _named(series, _name(name)):
        return tag
    raise Refused(_("The codebook has no tag “%(name)s”.") % {"name": name})


def add_tag(series: Series, *, name: str, description: str, by: Person) -> Tag:
    """Add a tag to the codebook. Raises Refused without a word, and where the codebook has that name."""
    tag = Tag(series=series, name=_name(name), description=description.strip())
    with transaction.atomic():
        if _named(series, tag.name):
            raise Refused(_("The codebook has a tag “%(name)s” already.") % {"name": tag})
        _save(tag, by=by)
    return tag


def describe_tag(tag: Tag, *, name: str, description: str, by: Person) -> None:
    """Rename a tag, and say what it is for; inputs that have it keep it under the new name.

    Raises Refused without a word, and where another tag of the codebook has that name.
    """
    name = _name(name)
    with transaction.atomic():
        tag = Tag.objects.select_for_update().get(pk=tag.pk)
        other = _named(tag.series, name)
        if other and other != tag:
            raise Refused(_("The codebook has a tag “%(name)s” already. Merge the two instead.") % {"name": other})
        tag.name, tag.description = name, description.strip()
        _save(tag, by=by)


def merge_tags(tag: Tag, *, into: Tag, by: Person) -> int:
    """Put `into` on every input that has `tag`, and take `tag` out of the codebook; returns how many inputs got it.

    Who tagged and when goes along; where an input had both, the tagging by `into` stays. Raises Refused for one tag
    with itself, across series, and into a retired tag.
    """
    with transaction.atomic():
        # In one order, so that two merges crosswise do not wait for each other.
        locked = {each.pk: each for each in Tag.objects.select_for_update().filter(pk__in=[tag.pk, into.pk])}
        if len(locked) < 2:
            raise Refused(_("Choose another tag to merge it into. Somebody may have merged one of the two meanwhile."))
        tag, into = locked[tag.pk], locked[into.pk]
        if tag.series_id != into.series_id:
            raise Refused(_("These tags belong to two series."))
        _refuse_retired(into)
        both = Tagging.objects.filter(tag=into).values("input")
        tag.taggings.filter(input__in=both).delete()
        moved = tag.taggings.update(tag=into)
        tag._change_reason = f"merged into {into.name}"  # type: ignore[attr-defined]
        tag._history_user = by.user  # type: ignore[attr-defined]
        tag.delete()
    return moved


def retire_tag(tag: Tag, *, by: Person, at: datetime) -> None:
    """Have no desk put the tag on further inputs; those that have it keep it. Harmless when it is retired."""
    with transaction.atomic():
        tag = Tag.objects.select_for_update().get(pk=tag.pk)
        if tag.retired_at is None:
            tag.retired_at, tag.retired_by = at, by
            _save(tag, by=by)


def resume_tag(tag: Tag, *, by: Person) -> None:
    """Let desks use a retired tag again. Harmless when it is not retired."""
    with transaction.atomic():
        tag = Tag.objects.select_for_update().get(pk=tag.pk)
        tag.retired_at = tag.retired_by = None
        _save(tag, by=by)


def _name(typed: str) -> str:
    name = " ".join(typed.split())
    if not name:
        raise Refused(_("Type a word for the tag."))
    if len(name) > Tag.MAX_LENGTH:
        raise Refused(_("A tag has at most %(number)s characters.") % {"number": Tag.MAX_LENGTH})
    return name


def _named(series: Series, name: str) -> Tag | None:
    """The tag of that name, the one that is written the same way first."""
    found = sorted(
        Tag.objects.select_for_update().filter(series=series, name__iexact=name), key=lambda tag: tag.name != name
    )
    return found[0] if found else None


def _refuse_retired(tag: Tag) -> None:
    if tag.retired_at:
        raise Refused(
            _("The tag “%(name)s” is retired. Use another, or take it up again in the codebook.") % {"name": tag}
        )


def _save(tag: Tag, *, by: Person) -> None:
    tag._history_user = by.user  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            tag.save()
    except IntegrityError as fault:
        raise Refused(_("The codebook has a tag “%(name)s” already. Merge the two instead.") % {"name": tag}) from fault
