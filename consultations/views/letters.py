"""Letters to many: writing one, choosing to whom, seeing each message, and sending it now or at a time."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consultations import letters
from consultations.letter_forms import LATER, LetterForm, PeopleFilter, SendForm
from consultations.lifecycle import local_moment
from consultations.models import Consultation, ConsultationState, Letter, LetterKind
from consultations.wording import MEANINGS, words_for
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused

LETTERS_A_PAGE = 20
PEOPLE_A_PAGE = 200
NAMED_AT_MOST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, code: str) -> HttpResponse:
    """List the letters of a consultation; a POST begins one of the `kind` that it names."""
    consultation = _consultation(request, code)
    if request.method == "POST":
        if request.POST.get("kind") not in LetterKind.values:
            raise Http404
        kind = LetterKind(request.POST["kind"])
        try:
            letter = letters.write_letter(consultation, kind=kind, by=person_of(request.user), at=timezone.now())
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("consultations:letters", code)
        return redirect(letter)
    page = Paginator(Letter.objects.of(consultation), LETTERS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "consultations/letters/index.html",
        {
            "consultation": consultation,
            "page": page,
            "may_write": consultation.state == ConsultationState.ANNOUNCED,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Write a draft; of one that is sent or waits to be sent, show what it says and what became of it."""
    shown = _letter(request, code, pk)
    act = request.POST.get("act", "")
    if request.method == "POST" and act in {"take_back", "discard"}:
        return _end(request, shown, act)
    if hasattr(shown, "dispatch"):
        return _show_sent(request, shown)
    form = LetterForm(request.POST or None, letter=shown, chosen=shown.recipients.count())
    if form.is_valid():
        try:
            letters.set_words(shown, form.texts(), to_everybody=form.cleaned_data["to_everybody"])
        except Refused as refusal:
            form.add_error(None, refusal.reasons)
        else:
            messages.success(request, _("Saved as a draft. Nothing has been sent yet."))
            return redirect(
                "consultations:letter_people" if act == "choose" else "consultations:letter_preview", code, pk
            )
    return render(
        request,
        "consultations/letters/letter.html",
        {
            "consultation": shown.consultation,
            "letter": shown,
            "form": form,
            "placeholders": [(f"{{{name}}}", meaning) for name, (meaning, _value) in MEANINGS.items()],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Choose to whom a draft goes, among those on the list to whom it applies."""
    shown = _letter(request, code, pk)
    found = PeopleFilter(request.GET, consultation=shown.consultation, sees_others=request.user.is_staff)
    rows = (
        shown.consultation.participations.filter(answer=shown.kind_of.answer)
        .filter(found.of_people(person="person__", as_whom=""))
        .select_related("person", "organisation", "stakeholder_type")
        .order_by("stakeholder_type__order", "stakeholder_type", "person__name", "pk")
    )
    page = Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    if request.method == "POST":
        on_page = {participation.pk for participation in page}
        ticked = {int(value) for value in request.POST.getlist("person") if value.isdigit()} & on_page
        add = rows.values_list("pk", flat=True) if request.POST.get("act") == "all" else ticked
        remove = () if request.POST.get("act") == "all" else on_page - ticked
        try:
            letters.choose(shown, add=add, remove=remove)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(shown)
        number = shown.recipients.count()
        told = ngettext("%(number)s person is chosen.", "%(number)s people are chosen.", number) % {"number": number}
        messages.success(request, told)
        return redirect(shown) if request.POST.get("act") == "done" else redirect(request.get_full_path())
    return render(
        request,
        "consultations/letters/people.html",
        {
            "consultation": shown.consultation,
            "letter": shown,
            "filter": found,
            "page": page,
            "chosen": set(shown.recipients.values_list("pk", flat=True)),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show the messages one by one as they would go now; a POST lets them go, now or at a time."""
    shown = _letter(request, code, pk)
    if hasattr(shown, "dispatch"):
        return redirect(shown)
    form = SendForm(request.POST or None, consultation=shown.consultation)
    if form.is_valid():
        at = timezone.now()
        try:
            dispatch = letters.send(shown, due_at=form.moment(at=at), by=person_of(request.user), at=at)
        except Refused as refusal:
            form.add_error(None, refusal.reasons)
        else:
            if form.cleaned_data["when"] == LATER:
                told = {"moment": local_moment(dispatch.due_at, shown.consultation)}
                messages.success(request, _("The letter goes on %(moment)s.") % told)
            else:
                messages.success(request, _("The letter is on its way."))
            return redirect(shown)
    page = Paginator(letters.recipients_of(shown), 1).get_page(request.GET.get("page"))
    left_out = letters.left_out_of(shown)
    participation = next(iter(page), None)
    return render(
        request,
        "consultations/letters/preview.html",
        {
            "consultation": shown.consultation,
            "letter": shown,
            "form": form,
            "page": page,
            "participation": participation,
            "mail": _message(shown, participation) if participation else None,
            "left_out": left_out[:NAMED_AT_MOST],
            "number_left_out": left_out.count(),
        },
    )


def _message(shown: Letter, participation: object) -> dict[str, str]:
    """Give subject and text as one person would read them; the link itself is made when the letter goes."""
    words = words_for(participation, shown, kind=shown.kind_of)  # type: ignore[arg-type]
    context = {
        "words": words,
        "participation": participation,
        "consultation": shown.consultation,
        "url": _("(here stands the link of this person alone)"),
        "site_url": _("(the address of this site)"),
        "stop_url": _("(a link)") if shown.kind == LetterKind.REMINDER else "",
    }
    return {"subject": words.subject, "text": render_to_string("stakeholders/mail/invitation.txt", context)}


def _show_sent(request: HttpRequest, shown: Letter) -> HttpResponse:
    return render(
        request,
        "consultations/letters/sent.html",
        {"consultation": shown.consultation, "letter": shown, "dispatch": shown.dispatch},
    )


def _end(request: HttpRequest, shown: Letter, act: str) -> HttpResponse:
    try:
        if act == "discard":
            letters.discard(shown)
            messages.success(request, _("The draft is deleted."))
            return redirect("consultations:letters", shown.consultation.code)
        letters.take_back(shown)
        messages.success(request, _("The letter is a draft again. Nothing is sent."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(shown)


def _letter(request: HttpRequest, code: str, pk: int) -> Letter:
    return get_object_or_404(Letter.objects.of(_consultation(request, code)), pk=pk)


def _consultation(request: HttpRequest, code: str) -> Consultation:
    visible = Consultation.objects.visible_to(request.user).select_related("series", "host")
    consultation = get_object_or_404(visible, code=code)
    if not request.user.has_perm("consultations.invite", consultation):
        raise PermissionDenied
    return consultation
