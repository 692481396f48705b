"""Acts of the life of a consultation, as buttons on its page: each tells what will happen, asks, and does it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextareaWidget

from consultations.models import Consultation
from stakeholders.accounts import person_of
from stakeholders.models import Person
from stakeholders.refusals import Refused


class ActForm(forms.Form):
    """What an act has to know before it is done; it may ask about the consultation itself."""

    def __init__(self, *args: Any, consultation: Consultation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consultation = consultation


class MomentForm(ActForm):
    """Asks for a moment, in the event's own time zone."""

    closes_at = forms.SplitDateTimeField(label=_("Closes at"), widget=UnfoldAdminSplitDateTimeWidget)


class ReasonForm(ActForm):
    reason = forms.CharField(label=_("Reason"), widget=UnfoldAdminTextareaWidget)


@dataclass(frozen=True)
class Foresight:
    """What an act would do, in sentences, and why it cannot be done (empty where it can)."""

    sentences: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def needs_a_yes(self) -> bool:
        """Whether there is something to be shown before the act; what is refused never gets its yes."""
        return bool(self.sentences or self.refusals)

    @property
    def mark(self) -> str:
        """Names what was told, so that nothing else is done than what was shown."""
        return "" if self.refusals else sha256("\n".join(self.sentences).encode()).hexdigest()


@dataclass(frozen=True)
class Act:
    """One thing to do with a consultation.

    `states` are those in which its button is shown; whether it can be done says the operation, which `perform` calls
    with the consultation, `by`, `at` and what the form gathered. `explanation` says what will happen, `done` what has.
    `foresee` takes the consultation and what the form gathered, changes nothing, and raises Refused; what it gives is
    shown and asked about before the act is done.
    """

    name: str
    label: Any
    explanation: Any
    done: Any
    states: frozenset[str]
    permission: str
    perform: Callable[..., Any]
    form_class: type[ActForm] = ActForm
    foresee: Callable[..., Foresight] | None = None
    is_final: bool = False
    initial: Callable[[Consultation], dict[str, Any]] = field(default=lambda consultation: {})


class ActsAdmin(ModelAdmin):
    """An admin whose change page offers `acts`; `actions_detail` names a method for each, made by `act_view`."""

    acts: tuple[Act, ...] = ()

    def get_actions_detail(self, request: HttpRequest, object_id: int | str | None = None) -> list[UnfoldAction]:
        """Of the acts only those that the state allows, to those who may."""
        consultation = self.get_object(request, unquote(str(object_id)))
        refused = {
            f"{self.model._meta.app_label}_{self.model._meta.model_name}_{act.name}"
            for act in self.acts
            if consultation is None
            or consultation.state not in act.states
            or not request.user.has_perm(act.permission, consultation)
        }
        actions = super().get_actions_detail(request, object_id)
        return [action for action in actions if action.action_name not in refused]

    def perform(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        """The page that asks before an act; a POST does it, and tells what came of it."""
        consultation = self.get_object(request, unquote(object_id))
        if consultation is None:
            raise Http404
        if not request.user.has_perm(act.permission, consultation):
            raise PermissionDenied
        with timezone.override(consultation.zone):
            form = act.form_class(request.POST or None, initial=act.initial(consultation), consultation=consultation)
            foresight = Foresight()
            if request.method == "POST" and (form.is_valid() or not form.fields):
                gathered = getattr(form, "cleaned_data", {})
                foresight = self._foresee(consultation, act, **gathered)
                if not foresight.needs_a_yes or request.POST.get("shown") == foresight.mark != "":
                    self._do(request, consultation, act, **gathered)
                    return redirect("admin:consultations_consultation_change", consultation.pk)
            return render(
                request,
                "admin/consultations/act.html",
                {
                    **self.admin_site.each_context(request),
                    "title": act.label,
                    "act": act,
                    "consultation": consultation,
                    "original": consultation,
                    "opts": self.opts,
                    "form": form,
                    "foresight": foresight,
                    "looks_ahead": act.foresee is not None,
                    "has_changed": "shown" in request.POST,
                },
            )

    def _foresee(self, consultation: Consultation, act: Act, **gathered: Any) -> Foresight:
        """What the act would do with what was typed."""
        if act.foresee is None:
            return Foresight()
        try:
            return act.foresee(consultation, **gathered)
        except Refused as refusal:
            return Foresight(refusals=refusal.reasons)

    def _do(self, request: HttpRequest, consultation: Consultation, act: Act, **gathered: Any) -> None:
        by: Person = person_of(request.user)
        at: datetime = timezone.now()
        try:
            act.perform(consultation, by=by, at=at, **gathered)
            self.message_user(request, act.done % {"title": consultation.title}, messages.SUCCESS)
        except Refused as refusal:
            for reason in refusal.reasons:
                self.message_user(request, reason, messages.ERROR)
