"""What people agree to, apart from each other, and what they need on site."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from consultations.models import Consent, ConsentKind, Consultation, ConsultationState, Needs, Participation

WORDINGS = {
    ConsentKind.LISTING: gettext_lazy("My name and organisation may stand in the public list of participants"),
    ConsentKind.PHOTOGRAPHS: gettext_lazy("I may be seen on photographs of the event that are published"),
    ConsentKind.FOLLOW_UP: gettext_lazy("I may be invited to later consultations of this series"),
}
"""In which words each is asked. What is agreed to is kept with them, so they may change."""


def set_consents(participation: Participation, consents: Mapping[ConsentKind, bool], *, at: datetime) -> None:
    """Keep what somebody agrees to from now on. It is the person's own, so that it can be taken back at any time.

    `participation` is changed as well.
    """
    with transaction.atomic():
        row = Participation.objects.select_for_update().get(pk=participation.pk)
        fields = note_consents(row, consents, at=at)
        row.save(update_fields=fields)
    for name, is_given in fields.items():
        setattr(participation, name, is_given)


def note_consents(
    participation: Participation, consents: Mapping[ConsentKind, bool], *, at: datetime
) -> dict[str, bool]:
    """Write down what somebody says, with the words of the question; what has not changed since is not told anew.

    Returns the fields of the participation as they are to be kept, and sets them, for the caller to save.
    """
    last = {consent.kind: consent.is_given for consent in participation.consents.order_by("pk")}
    for kind, is_given in consents.items():
        if last.get(kind) != is_given:
            Consent.objects.create(
                participation=participation, kind=kind, is_given=is_given, said_at=at, wording=str(WORDINGS[kind])
            )
        setattr(participation, kind.value, is_given)
    return {kind.value: is_given for kind, is_given in consents.items()}


def tell_needs(participation: Participation, *, dietary: str, access: str, visa: str, at: datetime) -> None:
    """Keep what somebody needs on site, in place of what they said before; nothing at all is forgotten at once."""
    said = {"dietary": dietary.strip(), "access": access.strip(), "visa": visa.strip()}
    if any(said.values()):
        Needs.objects.update_or_create(participation=participation, defaults=said | {"said_at": at})
    else:
        Needs.objects.filter(participation=participation).delete()


def forget_needs(*, at: datetime) -> int:
    """Delete the needs of events that are settings.NEEDS_DAYS past, or do not take place; returns how many.

    A day counts as over when it is over everywhere.
    """
    last_day = (at - timedelta(days=settings.NEEDS_DAYS)).date() - timedelta(days=1)
    held = Consultation.objects.annotate(last_day=Coalesce(F("ends_on"), F("starts_on"))).filter(last_day__lte=last_day)
    over = Q(participation__consultation__in=held) | Q(participation__consultation__state=ConsultationState.CANCELLED)
    deleted, _rows = Needs.objects.filter(over).delete()
    return deleted
