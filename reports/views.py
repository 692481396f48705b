"""The dossier of a hearing: asking for editions, watching them being made, reading and publishing them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.models import Consultation, ConsultationKind, Series
from jobs.running import JobFailed
from reports import editions
from reports.door import SHEETS, door_pdf
from reports.models import Edition, EditionFile, EditionJob
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused

EDITIONS_A_PAGE = 20


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def dossier(request: HttpRequest, code: str) -> HttpResponse:
    """The editions of a hearing's dossier; a POST asks for a new one."""
    hearing = _hearing(request, code)
    may_make = request.user.has_perm("reports.make_edition", hearing)
    if request.method == "POST":
        if not may_make:
            raise PermissionDenied
        editions.ask_for_edition(hearing, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("The edition is being made. You can stay here and watch, or come back later."))
        return redirect("reports:dossier", code)
    rows = Edition.objects.visible_to(request.user).filter(consultation=hearing).with_files()
    context = {
        "hearing": hearing,
        "page": Paginator(rows.order_by("-number"), EDITIONS_A_PAGE).get_page(request.GET.get("page")),
        "may_make": may_make,
        "job": hearing.edition_jobs.select_related("edition").first() if may_make else None,
    }
    return render(request, "reports/dossier.html", context)


@require_safe
def job(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """How far an edition is, asked for again and again by the page until it is finished."""
    hearing = _hearing(request, code)
    if not request.user.has_perm("reports.make_edition", hearing):
        raise PermissionDenied
    found = get_object_or_404(EditionJob.objects.select_related("edition"), consultation=hearing, pk=pk)
    return render(request, "reports/job.html", {"hearing": hearing, "job": found})


@login_not_required
@require_safe
def edition(request: HttpRequest, code: str, number: int) -> HttpResponse:
    found = _edition(request, code, number)
    context = {
        "hearing": found.consultation,
        "edition": found,
        "may_publish": request.user.has_perm("reports.publish_edition", found) and found.published_at is None,
    }
    return render(request, "reports/edition.html", context)


@require_POST
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    found = _edition(request, code, number)
    if not request.user.has_perm("reports.publish_edition", found):
        raise PermissionDenied
    try:
        editions.publish(found, by=person_of(request.user), at=timezone.now())
        messages.success(request, _("Edition %(number)s is published: everybody can read it now.") % {"number": number})
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@login_not_required
@require_safe
def download(request: HttpRequest, code: str, number: int) -> FileResponse:
    """The PDF of an edition, for those who may see the edition."""
    found = _edition(request, code, number)
    pdf = get_object_or_404(EditionFile, edition=found, format=EditionFile.Format.PDF)
    name = f"{found.consultation.series.slug}-dossier-{number}.pdf"
    response = FileResponse(pdf.file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@login_not_required
@require_safe
def published(request: HttpRequest, slug: str) -> HttpResponse:
    """The published editions of a series, newest first."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    rows = Edition.objects.published().filter(consultation__series=series).with_files()
    page = Paginator(rows.order_by("-published_at"), EDITIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/editions.html", {"series": series, "page": page})


def _hearing(request: HttpRequest, code: str) -> Consultation:
    """Give a hearing that the person may see, also a planned one to those who may make its dossier; else Http404."""
    hearings = Consultation.objects.filter(kind=ConsultationKind.HEARING).select_related("series")
    hearing = get_object_or_404(hearings, code=code)
    if not request.user.has_perm("reports.make_edition", hearing):
        return get_object_or_404(hearings.visible_to(request.user), code=code)
    return hearing


def _edition(request: HttpRequest, code: str, number: int) -> Edition:
    visible = Edition.objects.visible_to(request.user).select_related("consultation__series", "frozen_by")
    return get_object_or_404(visible.with_files(), consultation__code=code, number=number)


@never_cache
@require_safe
def door_print(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """What is printed for the day: the list by type, the sheets to sign, or the badges, as PDF."""
    visible = Consultation.objects.visible_to(request.user).select_related("series", "host")
    consultation = get_object_or_404(visible, code=code)
    if not request.user.has_perm("consultations.check_in", consultation):
        raise PermissionDenied
    if what not in SHEETS:
        raise Http404
    try:
        pdf = door_pdf(consultation, what)
    except JobFailed as fault:
        messages.error(request, str(fault))
        return redirect("consultations:participants", code)
    headers = {"Content-Disposition": f'attachment; filename="{consultation.code}-{what}.pdf"'}
    return HttpResponse(pdf.content, content_type="application/pdf", headers=headers)
