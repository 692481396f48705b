"""Giving inputs: draft, submit, change, withdraw. All of it is the author's alone, and inside the input window.

Programme staff write down what was given on paper.
"""

from datetime import datetime
from typing import Any, TypedDict

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from consultations.attachments import forget
from consultations.lifecycle import lock
from consultations.models import (
    AgendaSession,
    Answer,
    Attribution,
    Consultation,
    ConsultationState,
    CooperationArea,
    Input,
    InputState,
    Participation,
)
from consultations.models.inputs import new_form_key
from consultations.window import require_open, takes_no_more, window_sentence
from stakeholders.messages import post
from stakeholders.models import Person
from stakeholders.refusals import Refused


class InputFields(TypedDict, total=False):
    """What an author types. A draft may lack its area, kind, title and text."""

    area: CooperationArea | None
    session: AgendaSession | None
    kind: str
    title: str
    text: str
    language: str
    attribution: str
    bears_on: str


class Overtaken(Refused):
    """The input was saved elsewhere since it was read there: `stored` is what stands there now. Nothing is changed."""

    def __init__(self, stored: Input) -> None:
        self.stored = stored
        super().__init__(_("This was saved in another window or on another device meanwhile."))


def save_draft(
    participation: Participation,
    *,
    fields: InputFields,
    at: datetime,
    input: Input | None = None,
    form_key: str = "",
    revision: int | None = None,
) -> Input:
    """Keep what was typed as a draft that nobody else sees: a new one, or the given one again.

    `form_key` names the copy of the form it was typed in; an input that came from the same copy is meant by it, so
    that nothing is kept twice. `revision` is that of the input as it was read there. Raises Overtaken when it was
    saved elsewhere since; Refused outside the window, when the invitation was not accepted, or when the draft was
    submitted meanwhile.
    """
    with transaction.atomic():
        consultation = _require_giving(participation, at=at)
        draft = input or _from_form(participation, form_key) or _begin(participation, form_key=form_key, at=at)
        if draft.pk:
            _require_state(draft, InputState.DRAFT)
            _require_revision(draft, revision, fields)
        _set(draft, consultation, fields, at=at)
        # Nobody but its author reads a draft, so its history is nobody's either.
        draft.save_without_historical_record()  # type: ignore[attr-defined]
    return draft


def submit(input: Input, *, by: Person, at: datetime) -> None:
    """Hand a draft in: it gets its number and reference, and its author a receipt by mail.

    Raises Refused outside the window, when it is no draft, or when its area, kind, title or text is missing.
    """
    with transaction.atomic():
        consultation = require_open(input.participation, at=at)
        _require_state(input, InputState.DRAFT)
        _hand_in(input, consultation, at=at)


def enter(
    participation: Participation,
    *,
    fields: InputFields,
    table: str = "",
    by: Person,
    at: datetime,
    form_key: str = "",
) -> Input:
    """Write down and hand in what somebody gave on paper or at the table, also after the window, marked as such.

    With the name of a `table` it is what several said together, and the participant is who spoke for them. Whoever it
    is gets a receipt. A copy of the form that was handed in already gives the same input again. Raises Refused
    once the drafts are laid open, for somebody who neither accepted nor came, and when a part is missing.
    """
    with transaction.atomic():
        participation.consultation = consultation = lock(participation.consultation)
        if handed_in := _from_form(participation, form_key):
            return handed_in
        if consultation.state not in {ConsultationState.ANNOUNCED, ConsultationState.IN_SYNTHESIS}:
            raise takes_no_more(consultation)
        if participation.answer != Answer.ACCEPTED and not participation.attended:
            raise Refused(_("Inputs are taken from those who have accepted the invitation, or were there."))
        input = _begin(participation, form_key=form_key, at=at)
        input.entered_by, input.table = by, table.strip()
        _set(input, consultation, fields, at=at)
        _hand_in(input, consultation, at=at)
    return input


def missing_to_submit(input: Input) -> list[str]:
    """Name each part that an input still lacks before it can be submitted, as sentences."""
    needs = [
        (input.area_id, _("Choose the cooperation area that it belongs to.")),
        (input.kind, _("Choose what kind of input it is.")),
        (input.title.strip(), _("Give it a title, so that it can be found again.")),
        (input.text.strip(), _("Write the text before you submit. A draft can wait for it.")),
    ]
    return [sentence for given, sentence in needs if not given]


def give(
    participation: Participation,
    *,
    fields: InputFields,
    by: Person,
    at: datetime,
    input: Input | None = None,
    form_key: str = "",
    revision: int | None = None,
) -> Input:
    """Save what was typed and hand it in, both or neither; `input` is the draft that it was. Raises as both do.

    A copy of the form that was handed in already, by a double click, changes the same input.
    """
    with transaction.atomic():
        consultation = _require_giving(participation, at=at)
        given = input or _from_form(participation, form_key) or _begin(participation, form_key=form_key, at=at)
        if given.is_submitted:
            change(given, fields=fields, by=by, at=at, revision=revision)
            return given
        if given.pk:
            _require_state(given, InputState.DRAFT)
            _require_revision(given, revision, fields)
        _set(given, consultation, fields, at=at)
        _hand_in(given, consultation, at=at)
    return given


def change(input: Input, *, fields: InputFields, by: Person, at: datetime, revision: int | None = None) -> None:
    """Change a submitted input; reference and number stay.

    `revision` is that of the input as it was read. Raises Overtaken when it was saved elsewhere since, and Refused
    outside the window, after a withdrawal, or when a part is missing.
    """
    with transaction.atomic():
        consultation = require_open(input.participation, at=at)
        _require_state(input, InputState.SUBMITTED)
        _require_revision(input, revision, fields)
        _set(input, consultation, fields, at=at)
        _require_complete(input)
        input.save()


def withdraw(input: Input, *, by: Person, at: datetime) -> None:
    """Take an input back: it is no longer used or shown, only counted, and its files go. Raises Refused outside the
    window.
    """
    with transaction.atomic():
        require_open(input.participation, at=at)
        was_submitted = input.state == InputState.SUBMITTED
        _require_state(input, InputState.SUBMITTED if was_submitted else InputState.DRAFT)
        input.state = InputState.WITHDRAWN
        input.withdrawn_at = input.changed_at = at
        input.save()
        forget(list(input.attachments.all()))
        if was_submitted:
            _post_receipt(input, at=at, occasion="input_withdrawn", subject=_("Your input %(reference)s was withdrawn"))


def set_attribution(input: Input, *, attribution: Attribution, at: datetime) -> None:
    """Change how a submitted input may be quoted from now on; its author may at any time, also after the window.

    Editions that are published stay as they are. Raises Refused for one that was withdrawn, and for “by organisation”
    where the author had none.
    """
    with transaction.atomic():
        stored = Input.objects.select_for_update().get(pk=input.pk)
        _require_state(stored, InputState.SUBMITTED)
        if attribution == Attribution.ORGANISATION and not input.participation.organisation_id:
            raise Refused(_("You took part without an organisation. Choose another way."))
        stored.attribution, stored.changed_at = attribution, at
        stored.revision += 1
        stored.save(update_fields=["attribution", "changed_at", "revision"])
    input.refresh_from_db()


def _require_giving(participation: Participation, *, at: datetime) -> Consultation:
    """Give the consultation, kept from changing, if this person may give inputs now; else raises Refused."""
    consultation = require_open(participation, at=at)
    if participation.answer == Answer.WAITING:
        raise Refused(_("You are on the waiting list. Inputs are taken from those who have a place."))
    if participation.answer != Answer.ACCEPTED:
        raise Refused(_("Accept the invitation first; then you can give inputs."))
    return consultation


def _from_form(participation: Participation, form_key: str) -> Input | None:
    """The input that came from that copy of the form before, if there is one."""
    return participation.inputs.filter(form_key=form_key).select_related("area").first() if form_key else None


def _begin(participation: Participation, *, form_key: str, at: datetime) -> Input:
    return Input(
        participation=participation,
        consultation=participation.consultation,
        created_at=at,
        revision=0,
        form_key=form_key or new_form_key(),
    )


def _set(input: Input, consultation: Consultation, fields: InputFields, *, at: datetime) -> None:
    area = fields.get("area") or input.area
    if area and not consultation.areas.filter(pk=area.pk).exists():
        raise Refused(_("%(code)s does not work on the area “%(area)s”.") % {"code": consultation.code, "area": area})
    for name, value in fields.items():
        setattr(input, name, value)
    input.changed_at = at
    input.revision += 1


def _require_complete(input: Input) -> None:
    if missing := missing_to_submit(input):
        raise Refused(missing)


def _hand_in(input: Input, consultation: Consultation, *, at: datetime) -> None:
    """Give the number and the receipt; the consultation's row must be ours, so that no number is given twice."""
    _require_complete(input)
    last = consultation.inputs.aggregate(Max("number"))["number__max"]
    input.number = (last or 0) + 1
    input.state = InputState.SUBMITTED
    input.submitted_at = input.changed_at = at
    input.save()
    _post_receipt(input, at=at, occasion="input_receipt", subject=_("We have your input %(reference)s"))


def _require_state(input: Input, state: InputState) -> None:
    """Refuse when the stored row is in another state than the caller thinks."""
    stored: str = Input.objects.values_list("state", flat=True).get(pk=input.pk)
    if stored != state:
        raise Refused(
            _("This input is %(state)s by now, so that cannot be done. Load the page again.")
            % {"state": InputState(stored).label}
        )


def _require_revision(input: Input, revision: int | None, fields: InputFields) -> None:
    """Refuse to write over what was saved elsewhere since `revision` was read; the same words again are no harm.

    `input` is read afresh, so that nothing of an older state is written back.
    """
    input.refresh_from_db()
    is_the_same = all(getattr(input, name) == value for name, value in fields.items())
    if revision is not None and revision != input.revision and not is_the_same:
        raise Overtaken(input)


def _post_receipt(input: Input, *, at: datetime, occasion: str, subject: str) -> None:
    person = input.participation.person
    if not person.email:
        return
    context: dict[str, Any] = {
        "participation": input.participation,
        "consultation": input.consultation,
        "input": input,
        "may_change": input.participation.may_give_inputs(at=at),
        "window": window_sentence(input.consultation, at=at, participation=input.participation),
        "url": settings.SITE_URL + input.get_absolute_url(),
    }
    post(
        person,
        occasion=occasion,
        subject=subject % {"reference": input.reference},
        template=f"stakeholders/mail/{occasion}",
        context=context,
    )
