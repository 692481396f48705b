"""Getting to a consultation's desk, and telling people why an act was refused."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from consultations.attribution import line_on_the_desk
from consultations.models import Attribution, Consultation, ConsultationState, Input
from outcomes.models import Consideration, Descent, Outcome, Position
from stakeholders.refusals import Refused

ROWS_A_PAGE = 50


def consultation_for(request: HttpRequest, code: str, permission: str) -> Consultation:
    """Give the consultation, if the person may do that there. Raises Http404 where it is not to be seen, else 403."""
    visible = Consultation.objects.visible_to(request.user).with_role_of(request.user)
    consultation = get_object_or_404(visible.select_related("series"), code=code)
    if not request.user.has_perm(permission, consultation):
        raise PermissionDenied
    return consultation


def may_work(request: HttpRequest, consultation: Consultation) -> bool:
    """Whether the desk shows this person its forms: by the rules, and while there is work to do."""
    in_work = consultation.state in ConsultationState.in_work()
    return in_work and request.user.has_perm("outcomes.synthesise", consultation)


def page_of(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> Page[Any]:
    return Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))


@contextmanager
def told(request: HttpRequest) -> Iterator[None]:
    """Show why the act inside was refused, as messages on the next page."""
    try:
        yield
    except Refused as refusal:
        for reason in refusal.reasons:
            messages.error(request, reason)


@contextmanager
def told_in(form: Form) -> Iterator[None]:
    """Show why the act inside was refused in the form, which keeps what was typed and is no longer valid."""
    try:
        yield
    except Refused as refusal:
        for reason in refusal.reasons:
            form.add_error(None, reason)


def add_sources(request: HttpRequest, inputs: Iterable[Input | Position], consultation: Consultation) -> None:
    """Give each input or position, loaded `with_author()`, its `source`: the line under it for this person at the desk.

    The same answer as the rule `consultations.see_author`, asked once for all rows of a desk.
    """
    sees_all = request.user.has_perm("consultations.view_participants", consultation)
    for input in inputs:
        is_own = input.participation.person.user_id == request.user.pk
        sees_author = sees_all or is_own or input.attribution == Attribution.NAMED
        input.source = line_on_the_desk(input, sees_author=sees_author)  # type: ignore[union-attr]


def add_kin(rows: Iterable[Consideration], consultation: Consultation) -> None:
    """Give each consideration its `parents` and `children` at this event: what merges and splits made of what."""
    rows = list(rows)
    shown = [row.outcome_id for row in rows]
    descents = Descent.objects.filter(Q(parent__in=shown) | Q(child__in=shown), consultation=consultation)
    parents: dict[int, list[Outcome]] = defaultdict(list)
    children: dict[int, list[Outcome]] = defaultdict(list)
    for descent in descents.select_related("parent", "child").order_by("child__reference", "parent__reference"):
        parents[descent.child_id].append(descent.parent)
        children[descent.parent_id].append(descent.child)
    for row in rows:
        row.parents = parents[row.outcome_id]  # type: ignore[attr-defined]
        row.children = children[row.outcome_id]  # type: ignore[attr-defined]
