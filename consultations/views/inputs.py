"""Giving an input and looking after it until the window closes."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations import inputs
from consultations.attribution import line_on_the_desk
from consultations.forms import AttributionForm, InputForm
from consultations.models import Answer, Attribution, Consultation, ConsultationState, Input, InputState, Participation
from consultations.queries import InputQuerySet
from consultations.window import window_sentence
from stakeholders.refusals import Refused


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, code: str) -> HttpResponse:
    """The form for a new input. Sent again, by a double click or from the page before, it changes the same input."""
    if request.user.is_anonymous:
        return _ask_to_sign_in(request)
    participation = _own_participation(request, code)
    consultation = participation.consultation
    if request.method != "POST":
        if not request.user.has_perm("consultations.add_input", participation):
            if participation.answer != Answer.WAITING:
                messages.info(request, _("Accept the invitation first; then you can give inputs."))
            return redirect("consultations:invitation", code)
        area = consultation.areas.filter(code=request.GET.get("area", "")).first()
        form = InputForm(participation=participation, initial={"area": area.pk} if area else None)
        return _show_form(request, form, participation)

    form = InputForm(request.POST, participation=participation)
    if not form.is_valid():
        return _show_form(request, form, participation)
    return _take(request, form, participation, None)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with a draft, or change what was submitted."""
    if request.user.is_anonymous:
        return _ask_to_sign_in(request)
    input = _own_input(request, pk)
    participation = input.participation
    if input.state == InputState.WITHDRAWN and request.method != "POST":
        return redirect(input)
    form = InputForm(request.POST or None, participation=participation, input=input)
    if request.method != "POST" or not form.is_valid():
        return _show_form(request, form, participation, input)
    return _take(request, form, participation, input)


@login_not_required
@require_POST
def autosave(request: HttpRequest, code: str) -> HttpResponse:
    """Keep what has been typed so far, called by the page itself every few seconds; answers in JSON.

    What was submitted is never changed this way: that is its author's decision each time.
    """
    if request.user.is_anonymous:
        return _not_saved(_("You are signed out. Sign in in another window, and go on here."), status=403)
    participation = _own_participation(request, code)
    form = InputForm(request.POST, participation=participation)
    if not form.is_valid():
        return _not_saved(" ".join(str(error) for errors in form.errors.values() for error in errors), status=422)
    try:
        kept = inputs.save_draft(participation, fields=form.typed(), at=timezone.now(), **form.copy_in_hand())
    except inputs.Overtaken:
        return _not_saved(_("This was changed in another window. Save the draft here to see both texts."), status=409)
    except Refused as refusal:
        return _not_saved(str(refusal), status=422)
    local = kept.changed_at.astimezone(participation.consultation.zone)
    return JsonResponse(
        {
            "message": _("Saved at %(time)s.") % {"time": date_format(local, "H:i")},
            "revision": kept.revision,
            "url": reverse("consultations:edit_input", args=[kept.pk]),
        }
    )


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One input: to its author with what can be done, to the desk with the line it may be quoted under."""
    input = get_object_or_404(_visible_inputs(request), pk=pk)
    at = timezone.now()
    is_own = request.user.has_perm("consultations.change_input", input)
    sees_author = request.user.has_perm("consultations.see_author", input)
    can_change = is_own and input.state != InputState.WITHDRAWN and input.participation.may_give_inputs(at=at)
    may_requote = is_own and input.is_submitted and not input.table
    return render(
        request,
        "consultations/input_detail.html",
        {
            "input": input,
            "consultation": input.consultation,
            "is_own": is_own,
            "attachments": input.attachments.all(),
            "author": line_on_the_desk(input, sees_author=sees_author),
            "can_change": can_change,
            "attribution_form": AttributionForm(input=input) if may_requote else None,
            "window": window_sentence(input.consultation, at=at, participation=input.participation),
        },
    )


@require_POST
def attribution(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how one's own input may be quoted, at any time."""
    input = _own_input(request, pk)
    form = AttributionForm(request.POST, input=input)
    if not form.is_valid():
        messages.error(request, _("Choose one of the ways that are shown."))
        return redirect(input)
    try:
        inputs.set_attribution(input, attribution=Attribution(form.cleaned_data["attribution"]), at=timezone.now())
        messages.success(request, _("From now on it is quoted as you chose. What is published already stays."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(input)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then take the input back."""
    input = _own_input(request, pk)
    at = timezone.now()
    if request.method == "POST":
        try:
            inputs.withdraw(input, by=input.participation.person, at=at)
            messages.success(request, _("It is withdrawn. Nobody uses or shows it any more."))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("consultations:input", pk)
    if input.state == InputState.WITHDRAWN:
        return redirect(input)
    return render(
        request,
        "consultations/input_withdraw.html",
        {
            "input": input,
            "consultation": input.consultation,
            "window_is_open": input.participation.may_give_inputs(at=at),
            "window": window_sentence(input.consultation, at=at, participation=input.participation),
        },
    )


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Whoever was signed out while typing gets the text back with the way to sign in."""
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    typed = {name: request.POST.get(name, "") for name in ["title", "text"]}
    return render(request, "consultations/input_signed_out.html", {"typed": typed}, status=403)


def _own_participation(request: HttpRequest, code: str) -> Participation:
    """Give the person's own participation. Raises Http404 for a consultation not to be seen, else PermissionDenied."""
    visible = Consultation.objects.visible_to(request.user).filter(code=code)
    own = Participation.objects.of(request.user).invited().filter(consultation__in=visible)
    participation = own.select_related("person", "organisation", "stakeholder_type", "consultation__series").first()
    if participation is None:
        get_object_or_404(visible)
        raise PermissionDenied(_("Inputs come from the people who were invited to this consultation."))
    return participation


def _visible_inputs(request: HttpRequest) -> InputQuerySet:
    visible = Input.objects.visible_to(request.user).with_author()
    return visible.select_related("area", "session", "consultation__series", "participation__consultation__series")


def _own_input(request: HttpRequest, pk: int) -> Input:
    """Give the input to its author. Raises Http404 where it is not to be seen, PermissionDenied where only seen."""
    input = get_object_or_404(_visible_inputs(request), pk=pk)
    if not request.user.has_perm("consultations.change_input", input):
        raise PermissionDenied(_("Only its author can change an input."))
    return input


def _keep(request: HttpRequest, form: InputForm, participation: Participation, input: Input | None) -> Input:
    """Save or submit what was typed, all of it or nothing, and tell what happened. Raises Refused."""
    at, by = timezone.now(), participation.person
    if input is not None and input.is_submitted:
        inputs.change(input, fields=form.typed(), by=by, at=at, revision=form.cleaned_data["revision"])
        messages.success(request, _("%(reference)s is saved as you see it here.") % {"reference": input.reference})
        return input
    if not form.is_to_submit:
        kept = inputs.save_draft(participation, fields=form.typed(), at=at, input=input, **form.copy_in_hand())
        messages.success(request, _("Your draft is saved. Nobody else sees it until you submit it."))
        return kept
    kept = inputs.give(participation, fields=form.typed(), by=by, at=at, input=input, **form.copy_in_hand())
    if by.email:
        messages.success(
            request,
            _("Thank you. Your input has the reference %(reference)s. A receipt is on its way to your mailbox.")
            % {"reference": kept.reference},
        )
    else:
        messages.success(
            request, _("Thank you. Your input has the reference %(reference)s.") % {"reference": kept.reference}
        )
    return kept


def _take(request: HttpRequest, form: InputForm, participation: Participation, input: Input | None) -> HttpResponse:
    """Save what was typed and go on; where that is refused, show why, with everything that was typed."""
    if names := form.names_given_away():
        return _show_form(request, form, participation, input, names=names)
    try:
        saved = _keep(request, form, participation, input)
    except inputs.Overtaken as fault:
        form.take_over(fault.stored.revision)
        return _show_form(request, form, participation, input, stored=fault.stored)
    except Refused as refusal:
        form.add_error(None, refusal.reasons)
        return _show_form(request, form, participation, input and _own_input(request, input.pk))
    return _leave_form(saved)


def _not_saved(message: str, *, status: int) -> JsonResponse:
    return JsonResponse({"message": _("Not saved: %(why)s") % {"why": message}}, status=status)


def _leave_form(input: Input) -> HttpResponse:
    """A draft stays in the form; what is submitted is shown."""
    return redirect("consultations:input" if input.is_submitted else "consultations:edit_input", input.pk)


def _show_form(
    request: HttpRequest,
    form: InputForm,
    participation: Participation,
    input: Input | None = None,
    *,
    stored: Input | None = None,
    names: Sequence[str] = (),
) -> HttpResponse:
    """Show the form; when no inputs are taken, show when that was or will be, and what was typed, to be copied.

    `stored` is what was saved elsewhere meanwhile, to be shown beside what was typed here. `names` are those that the
    text gives away.
    """
    consultation = participation.consultation
    at = timezone.now()
    return render(
        request,
        "consultations/input_form.html",
        {
            "form": form,
            "input": input,
            "stored": stored,
            "names": names,
            "participation": participation,
            "consultation": consultation,
            "areas": consultation.areas.prefetch_related("guiding_questions"),
            "chosen_area": str(form["area"].value() or ""),
            "window_is_open": participation.may_give_inputs(at=at),
            "window": window_sentence(consultation, at=at, participation=participation),
            "may_come_late": consultation.state in [ConsultationState.ANNOUNCED, ConsultationState.IN_SYNTHESIS],
        },
    )
