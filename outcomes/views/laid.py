"""The list of the outcomes that were laid before a consultation, and what is done with several of them at once."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consultations.models import Consultation
from outcomes import dispositions
from outcomes.forms.deciding import ReasonForm
from outcomes.models import Consideration, Disposition
from outcomes.queries import ConsiderationQuerySet
from outcomes.views.access import add_kin, consultation_for, may_work, page_of, told
from outcomes.views.before import PUBLISHED_REASON, acts_at
from stakeholders.accounts import person_of

UNDO = "undo"
MERGE = "merge"


@require_http_methods(["GET", "HEAD", "POST"])
def desk_before(request: HttpRequest, code: str) -> HttpResponse:
    """The list; a POST does one act with the outcomes that were ticked in it, or with all that are to be decided."""
    consultation = consultation_for(
        request, code, "outcomes.synthesise" if request.method == "POST" else "outcomes.view_desk"
    )
    in_bulk = {act.name: act.in_bulk for act in acts_at(consultation) if act.in_bulk}
    act = request.POST.get("act", "")
    if act and act not in {*in_bulk, UNDO, MERGE}:
        return HttpResponseBadRequest()
    references = request.POST.getlist("outcome")
    if act == MERGE:
        target = reverse("outcomes:merge", args=[consultation.code])
        return redirect(f"{target}?{urlencode({'outcome': references}, doseq=True)}")
    laid = Consideration.objects.before(consultation)
    withdrawn_meanwhile = Q(disposition=Disposition.NONE, outcome__withdrawn_at__isnull=False)
    ticked = laid.filter(outcome__reference__in=references).exclude(withdrawn_meanwhile)
    form = ReasonForm(request.POST or None, prefix="bulk", needed=False, hint=str(PUBLISHED_REASON))
    chosen = laid.undisposed() if act in in_bulk and "all" in request.POST else ticked
    number = chosen.count() if act else 0
    if request.method == "POST" and not act:
        messages.info(request, _("Nothing is done yet: press what is to become of the ticked outcomes."))
    elif act and not number:
        messages.error(request, _("Choose at least one outcome: tick the box beside it."))
    elif act and chosen is not ticked and request.POST["all"] != str(number):
        text = ngettext(
            "Meanwhile %(number)s outcome has no disposition, not as many as when you looked. Nothing is done yet: "
            "look again.",
            "Meanwhile %(number)s outcomes have no disposition, not as many as when you looked. Nothing is done yet: "
            "look again.",
            number,
        )
        messages.error(request, text % {"number": number})
    elif act and form.is_valid():
        with told(request):
            if act == UNDO:
                _undo(request, consultation, chosen)
            else:
                _dispose(request, consultation, chosen, number, in_bulk[act], reason=form.cleaned_data["reason"])
        query = request.GET.urlencode()
        return redirect(f"{reverse('outcomes:desk_before', args=[code])}{'?' if query else ''}{query}")
    return _show(request, consultation, form, set(references))


def _dispose(
    request: HttpRequest,
    consultation: Consultation,
    chosen: ConsiderationQuerySet,
    number: int,
    disposition: Disposition,
    *,
    reason: str,
) -> None:
    """Give all of these one disposition, and say of how many that was not done because somebody was faster."""
    given = dispositions.dispose_many(
        chosen,
        consultation=consultation,
        disposition=disposition,
        reason=reason,
        by=person_of(request.user),
        at=timezone.now(),
    )
    done = ngettext("%(count)s outcome is %(disposition)s.", "%(count)s outcomes are %(disposition)s.", given)
    left = ngettext(
        "%(count)s had a disposition already and stays as it is.",
        "%(count)s had a disposition already and stay as they are.",
        number - given,
    ) % {"count": number - given}
    said = [done % {"count": given, "disposition": disposition.label}] if given else [_("Nothing is changed.")]
    if given < number:
        said.append(left)
    messages.add_message(request, messages.SUCCESS if given else messages.WARNING, " ".join(said))


def _undo(request: HttpRequest, consultation: Consultation, chosen: ConsiderationQuerySet) -> None:
    """Take back what was given in bulk or could have been, and name what is to be undone one by one."""
    kept = chosen.exclude(disposition__in=["", *sorted(Disposition.in_bulk())]).in_order()
    others = [
        f"{reference} ({Disposition(disposition).label})"
        for reference, disposition in kept.values_list("outcome__reference", "disposition")
    ]
    freed = dispositions.undo_many(chosen, consultation=consultation)
    done = ngettext(
        "%(count)s outcome is open again: it has no disposition.",
        "%(count)s outcomes are open again: they have no disposition.",
        freed,
    )
    said = [done % {"count": freed}] if freed else [_("Nothing is taken back.")]
    if others:
        said.append(_("These are undone one by one, on their own pages: %(which)s.") % {"which": ", ".join(others)})
    messages.add_message(request, messages.SUCCESS if freed else messages.WARNING, " ".join(said))


def _show(request: HttpRequest, consultation: Consultation, form: ReasonForm, chosen: set[str]) -> HttpResponse:
    laid = Consideration.objects.before(consultation)
    rows = laid.undisposed() if request.GET.get("open") else laid
    counts = laid.aggregate(all=Count("pk"), open=Count("pk", filter=Q(pk__in=laid.undisposed())))
    page = page_of(request, rows.with_origin().in_order())
    add_kin(page.object_list, consultation)
    at_work = may_work(request, consultation)
    acts = [act for act in acts_at(consultation) if act.in_bulk]
    return render(
        request,
        "outcomes/desk/before.html",
        {
            "consultation": consultation,
            "tab": "before",
            "page": page,
            "counts": counts,
            "only_open": bool(request.GET.get("open")),
            "acts": acts,
            "bulk_labels": ", ".join(f"“{act.in_bulk.label}”" for act in acts if act.in_bulk),
            "form": form,
            "chosen": chosen,
            "may_work": at_work,
            "may_merge": at_work and not consultation.is_hearing and counts["open"] > 1,
            "query": request.GET.urlencode(),
        },
    )
