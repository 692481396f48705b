"""The signed link of an invitation, and the answer to it.

Opening the link changes nothing: programs that scan mail open links too. It only leaves in the session which link
was opened, and the invitation can then be read and answered there without signing in. Whoever accepts is signed in
as the invited person, unless that person may enter a desk or the planning screens: a forwarded mail must not open
more than one participant's own inputs, so these sign in with a code.
"""

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from consultations import colleagues, consents, invitations
from consultations.forms import ConsentsForm, DeclineForm, NeedsForm
from consultations.models import Answer, ConsentKind, Consultation, ConsultationState, Participation
from consultations.window import window_sentence
from stakeholders.accounts import ensure_account, sign_in_by_link
from stakeholders.models import Person
from stakeholders.refusals import Refused
from stakeholders.second_factor import has_second_factor

OPENED = "opened_invitations"
"""In the session: the signed link that was opened last for each consultation, {code: token}."""
FAILED_LINKS = 20
"""How many links that are not valid one client may try in FAILED_LINKS_SECONDS."""
FAILED_LINKS_SECONDS = 10 * 60


@login_not_required
@never_cache
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take note of a valid link and go to its invitation, at an address without the token."""
    try:
        participation = invitations.participation_of_link(token)
    except invitations.InvalidLink as refusal:
        # Only links that are not valid are counted, so that nobody's guessing keeps others out.
        period = int(timezone.now().timestamp()) // FAILED_LINKS_SECONDS
        tries = f"invitation-links:{get_adapter(request).get_client_ip(request)}:{period}"
        if cache.get(tries, 0) >= FAILED_LINKS:
            return render(request, "consultations/invitation_invalid.html", {"too_many": True}, status=429)
        cache.add(tries, 0, FAILED_LINKS_SECONDS)
        cache.incr(tries)
        return render(request, "consultations/invitation_invalid.html", {"refusal": refusal}, status=403)
    code = participation.consultation.code
    request.session[OPENED] = request.session.get(OPENED, {}) | {code: token}
    return redirect("consultations:invitation", code)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    """Show one's own invitation, by link or signed in, and take the answer."""
    participation = _own(request, code) if request.POST.get("act") != "forget" else None
    if participation is None:
        _forget_link(request, code)
        return redirect_to_login(request.path) if request.user.is_anonymous else redirect("consultations:my_page")
    acts = {"accept": ConsentsForm, "decline": DeclineForm, "consents": ConsentsForm, "needs": NeedsForm}
    act = request.POST.get("act", "")
    forms = {
        "accept": ConsentsForm.of(participation),
        "consents": ConsentsForm.of(participation),
        "needs": NeedsForm.of(participation),
        "decline": DeclineForm(initial={"reason": participation.decline_reason}),
    }
    if request.method == "POST":
        if act == "continue":
            return _go_on(request, participation, "consultations:new_input")
        if act not in acts:
            raise Http404
        form = forms[act] = acts[act](request.POST)
        if form.is_valid() and _answer(request, participation, act, form):
            if act in {"decline", "consents", "needs"}:
                return redirect("consultations:invitation", code)
            return _go_on(request, participation, "consultations:invitation")
    consultation = participation.consultation
    at = timezone.now()
    return render(
        request,
        "consultations/invitation.html",
        {
            "participation": participation,
            "consultation": consultation,
            "forms": forms,
            "is_own": request.user.pk is not None and participation.person.user_id == request.user.pk,
            "needs_days": settings.NEEDS_DAYS,
            "has_ended": consultation.state in ConsultationState.ended(),
            "window_is_open": participation.may_give_inputs(at=at),
            "window": window_sentence(consultation, at=at, participation=participation),
        },
    )


def _own(request: HttpRequest, code: str) -> Participation | None:
    """Give the participation of the link that was opened, else the signed-in person's own; None if nobody is known.

    Raises Http404 when the signed-in person has no invitation there.
    """
    loaded = Participation.objects.select_related(
        "person", "organisation", "stakeholder_type", "consultation__series", "consultation__host"
    )
    token = request.session.get(OPENED, {}).get(code)
    if token:
        try:
            return loaded.get(pk=invitations.participation_of_link(token).pk)
        except invitations.InvalidLink:
            _forget_link(request, code)
    if request.user.is_anonymous:
        return None
    participation = loaded.of(request.user).invited().filter(consultation__code=code).first()
    if participation is None:
        raise Http404(_("There is no invitation for you to this consultation."))
    if not request.user.has_perm("consultations.answer_invitation", participation):
        raise PermissionDenied
    return participation


def _answer(request: HttpRequest, participation: Participation, act: str, form: Form) -> bool:
    """Call the operation and tell what came of it; False when it was refused."""
    at = timezone.now()
    try:
        if act == "accept":
            invitations.accept(participation, **form.cleaned_data, at=at)
            if participation.answer == Answer.WAITING:
                messages.success(request, _("Thank you. All places are taken, so you are on the waiting list."))
            else:
                messages.success(request, _("Thank you. The organisers know that you will come."))
        elif act == "needs":
            consents.tell_needs(participation, **form.cleaned_data, at=at)
            messages.success(request, _("That is kept for the organisers of this event, and for nobody else."))
        elif act == "consents":
            consents.set_consents(
                participation, {ConsentKind(name): is_given for name, is_given in form.cleaned_data.items()}, at=at
            )
            messages.success(request, _("That is kept. Documents that are published already stay as they are."))
        else:
            typed = form.cleaned_data
            colleagues.decline_for(
                participation,
                reason=typed["reason"],
                name=typed["colleague_name"],
                email=typed["colleague_email"],
                at=at,
            )
            messages.success(request, _("Thank you for telling the organisers. You can change your mind here."))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def _go_on(request: HttpRequest, participation: Participation, to: str) -> HttpResponse:
    """Go to a page of the consultation as the invited person, signing them in if they are not yet.

    Those who may do more than give inputs of their own, or who have a second factor, prove who they are with a code.
    """
    page = redirect(to, participation.consultation.code)
    if request.user.pk is not None and participation.person.user_id == request.user.pk:
        return page
    person: Person = participation.person
    if not person.email:
        messages.error(request, _("There is no e-mail address for you in the address book. Ask the organisers."))
        return redirect("consultations:invitation", participation.consultation.code)
    user = ensure_account(person)
    if not user.is_active or Consultation.objects.desk_of(user).exists() or has_second_factor(user):
        if participation.answer == Answer.ACCEPTED:
            messages.info(request, _("To go on, sign in with a code. We send it to the address of the invitation."))
        return redirect_to_login(page.url)
    sign_in_by_link(request, user)
    return page


def _forget_link(request: HttpRequest, code: str) -> None:
    opened = request.session.get(OPENED, {})
    if opened.pop(code, None):
        request.session[OPENED] = opened
