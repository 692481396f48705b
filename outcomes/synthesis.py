"""Working through the inputs of an event: tag them, or set them aside with a reason that their authors will read."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from consultations.lifecycle import lock
from consultations.models import Consultation, ConsultationState, Input
from outcomes.models import SettingAside, Tag, Tagging
from outcomes.queries import is_set_aside, is_used
from stakeholders.models import Person
from stakeholders.refusals import Refused


def lock_for_synthesis(consultation: Consultation) -> Consultation:
    """Read the consultation afresh and keep its state until the transaction ends; every act at the desk starts here.

    Raises Refused unless it is in synthesis or in validation.
    """
    consultation = lock(consultation)
    if consultation.state not in ConsultationState.in_work():
        raise Refused(
            _("%(code)s is %(state)s. Rapporteurs work on it in synthesis and in validation.")
            % {"code": consultation.code, "state": consultation.get_state_display()}
        )
    return consultation


def set_aside(inputs: Iterable[Input], *, consultation: Consultation, reason: str, by: Person, at: datetime) -> int:
    """Set inputs aside with one reason; returns how many. Those set aside already keep their reason.

    Raises Refused without a reason, or when one of them is used as evidence (naming them).
    """
    reason = reason.strip()
    if not reason:
        raise Refused(_("Give a reason: the authors will read it."))
    with transaction.atomic():
        lock_for_synthesis(consultation)
        chosen = _submitted(inputs, consultation)
        if used := chosen.filter(is_used()):
            raise Refused(
                _("These inputs are used as evidence, so they cannot be set aside: %(references)s. Withdraw it first.")
                % {"references": ", ".join(input.reference for input in used)}
            )
        made = SettingAside.objects.bulk_create(
            SettingAside(input=input, reason=reason, set_aside_at=at, set_aside_by=by)
            for input in chosen.exclude(is_set_aside())
        )
    return len(made)


def take_back(input: Input, *, by: Person, at: datetime) -> None:
    """Undo a setting aside: the input is open again. Harmless when it is not set aside."""
    with transaction.atomic():
        lock_for_synthesis(input.consultation)
        input.settings_aside.filter(taken_back_at__isnull=True).update(taken_back_at=at, taken_back_by=by)


def tag(inputs: Iterable[Input], *, consultation: Consultation, name: str, by: Person, at: datetime) -> int:
    """Put a tag of the series' codebook on inputs, adding it to the codebook if new; returns how many got it."""
    name = " ".join(name.split())
    if not name:
        raise Refused(_("Type a word for the tag."))
    if len(name) > Tag.MAX_LENGTH:
        raise Refused(_("A tag has at most %(number)s characters.") % {"number": Tag.MAX_LENGTH})
    with transaction.atomic():
        lock_for_synthesis(consultation)
        label = Tag.objects.filter(series=consultation.series_id, name__iexact=name).first()
        label = label or Tag.objects.get_or_create(series_id=consultation.series_id, name=name)[0]
        chosen = _submitted(inputs, consultation).exclude(taggings__tag=label)
        made = Tagging.objects.bulk_create(
            Tagging(tag=label, input=input, tagged_at=at, tagged_by=by) for input in chosen
        )
    return len(made)


def untag(input: Input, *, tag: Tag) -> None:
    """Take a tag off an input. Harmless when it is not there."""
    with transaction.atomic():
        lock_for_synthesis(input.consultation)
        input.taggings.filter(tag=tag).delete()


def _submitted(inputs: Iterable[Input], consultation: Consultation) -> QuerySet[Input]:
    """The submitted ones of this consultation among `inputs`, read afresh."""
    keys = [input.pk for input in inputs]
    return Input.objects.submitted().filter(consultation=consultation, pk__in=keys).select_related("consultation")
