"""Dossiers and event reports: asking for editions, watching them being made, reading and publishing them."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.models import Consultation, ConsultationKind, Series
from jobs.running import JobFailed, retry
from reports import comparing, drafts, editions
from reports.checks import faults_before_publishing
from reports.door import SHEETS, door_pdf
from reports.forms import EditionForm
from reports.models import Document, Edition, EditionFile, EditionJob
from reports.references import addresses_of_outcomes
from reports.schema import FILE
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused

EDITIONS_A_PAGE = 20
SCHEMA_SECONDS = 86400
TEXTS_A_PAGE = 20
OFFICE = "application/vnd.openxmlformats-officedocument"
CONTENT_TYPES = {
    EditionFile.Format.PDF: "application/pdf",
    EditionFile.Format.HTML: "text/html; charset=utf-8",
    EditionFile.Format.DOCX: f"{OFFICE}.wordprocessingml.document",
    EditionFile.Format.XLSX: f"{OFFICE}.spreadsheetml.sheet",
    EditionFile.Format.JSON: "application/json",
}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def document(request: HttpRequest, code: str, document: str) -> HttpResponse:
    """The editions of a hearing's dossier or of a consultation's report; a POST asks for a new one."""
    consultation = _consultation(request, code, document)
    may_make = request.user.has_perm("reports.make_edition", consultation)
    has_themes = may_make and document == Document.DOSSIER and consultation.themes.exists()
    form = EditionForm(request.POST or None, has_themes=has_themes)
    if request.method == "POST":
        if not may_make:
            raise PermissionDenied
        if form.is_valid():
            try:
                editions.ask_for_edition(
                    consultation,
                    document=document,
                    choices=form.chosen(),
                    by=person_of(request.user),
                    at=timezone.now(),
                )
                messages.success(
                    request, _("The edition is being made. You can leave: you get a mail as soon as it is ready.")
                )
            except Refused as refusal:
                messages.error(request, str(refusal))
            return redirect("reports:document", code, document)
    rows = Edition.objects.visible_to(request.user).filter(consultation=consultation, document=document).with_files()
    jobs = consultation.edition_jobs.filter(document=document).select_related("edition")
    job = jobs.first() if may_make else None
    context = {
        "consultation": consultation,
        "document": Document(document),
        "page": Paginator(rows.order_by("-number"), EDITIONS_A_PAGE).get_page(request.GET.get("page")),
        "may_make": may_make,
        "form": form,
        "job": job,
        "may_ask": (job is None or job.is_finished)
        and (document == Document.DOSSIER or consultation.concluded_at is not None),
        "newest_change": drafts.newest_change(consultation) if may_make else None,
    }
    return render(request, "reports/document.html", context)


@require_safe
def job(request: HttpRequest, code: str, document: str, pk: int) -> HttpResponse:
    """How far an edition is, asked for again and again by the page until it is finished."""
    found = _job(request, code, document, pk)
    response = render(request, "reports/job.html", {"consultation": found.consultation, "job": found})
    if found.is_finished:
        # The page that watched it shows what there is to do now: the edition in the list, and the form.
        response["HX-Refresh"] = "true"
    return response


@require_POST
def cancel(request: HttpRequest, code: str, document: str, pk: int) -> HttpResponse:
    """Cancel an edition in the making."""
    found = _job(request, code, document, pk)
    try:
        editions.cancel(found, at=timezone.now())
        messages.success(request, _("It is cancelled. Nothing of it was kept."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("reports:document", code, document)


@require_POST
def try_again(request: HttpRequest, code: str, document: str, pk: int) -> HttpResponse:
    """Put an edition that could not be made back into the queue."""
    retry(_job(request, code, document, pk), at=timezone.now())
    messages.success(request, _("It is tried again. You can leave: you get a mail as soon as it is ready."))
    return redirect("reports:document", code, document)


def _job(request: HttpRequest, code: str, document: str, pk: int) -> EditionJob:
    """Give a job of that document to those who make its editions; else Http404 or PermissionDenied."""
    consultation = _consultation(request, code, document)
    if not request.user.has_perm("reports.make_edition", consultation):
        raise PermissionDenied
    jobs = EditionJob.objects.filter(consultation=consultation, document=document)
    return get_object_or_404(jobs.select_related("edition", "consultation"), pk=pk)


@login_not_required
@require_safe
def edition(request: HttpRequest, code: str, document: str, number: int) -> HttpResponse:
    found = _edition(request, code, document, number)
    is_draft = found.published_at is None
    may_publish = is_draft and not found.is_working_draft and request.user.has_perm("reports.publish_edition", found)
    # To gather everything anew takes a while: the page asks for it once it is there.
    is_checked = is_draft and "checked" in request.GET
    moved = drafts.moved_on(found, at=timezone.now()) if is_checked else None
    context = {
        "consultation": found.consultation,
        "edition": found,
        "may_publish": may_publish,
        "is_checked": is_checked,
        "faults": faults_before_publishing(found) if is_checked and may_publish else [],
        "moved": moved,
        "goes_at": drafts.goes_at(found),
        "draft_days": settings.DRAFT_DAYS,
    }
    if moved:
        comparison = comparing.compare_data(moved.then, moved.now)
        page = Paginator(comparison.texts, TEXTS_A_PAGE).get_page(request.GET.get("page"))
        context |= {"comparison": comparison, "page": page}
        context["addresses"] = addresses_of_outcomes(found.consultation.series)
    return render(request, "reports/edition.html", context)


@login_not_required
@require_safe
def compare(request: HttpRequest, code: str, document: str) -> HttpResponse:
    """What one edition says otherwise than another: `?from=1&to=3`; without them, the newest and the one before."""
    consultation = _consultation(request, code, document)
    visible = Edition.objects.visible_to(request.user).filter(consultation=consultation, document=document)
    rows = list(visible.defer("snapshot").order_by("number"))
    chosen = _two_of(rows, request.GET.get("from", ""), request.GET.get("to", ""))
    context = {"consultation": consultation, "document": Document(document), "editions": rows}
    if chosen:
        earlier, later = chosen
        comparison = comparing.compare(earlier, later)
        page = Paginator(comparison.texts, TEXTS_A_PAGE).get_page(request.GET.get("page"))
        context |= {"earlier": earlier, "later": later, "comparison": comparison, "page": page}
        context["addresses"] = addresses_of_outcomes(consultation.series)
    return render(request, "reports/compare.html", context)


def _two_of(editions: list[Edition], first: str, second: str) -> tuple[Edition, Edition] | None:
    """Give the two that were asked for, the earlier one first. None where there are no two.

    One alone is taken with the one before it, or after the first; without any, it is the last two.
    """
    by_number = {str(edition.number): place for place, edition in enumerate(editions)}
    places = sorted({by_number[number] for number in {first, second} & by_number.keys()}) or [len(editions) - 1]
    if len(places) == 1:
        places = [max(places[0], 1) - 1, max(places[0], 1)]
    return (editions[places[0]], editions[places[1]]) if len(editions) > 1 else None


@require_POST
def publish(request: HttpRequest, code: str, document: str, number: int) -> HttpResponse:
    found = _edition(request, code, document, number)
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
def download(request: HttpRequest, code: str, document: str, number: int, format: str) -> FileResponse:
    """One file of an edition, for those who may see the edition; with `?open` to be read in the browser."""
    found = _edition(request, code, document, number)
    kept = get_object_or_404(EditionFile, edition=found, format=format)
    response = FileResponse(
        kept.file.open("rb"),
        as_attachment="open" not in request.GET,
        filename=editions.file_name(found, format),
        content_type=CONTENT_TYPES[EditionFile.Format(format)],
    )
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_not_required
@require_safe
def published(request: HttpRequest, slug: str) -> HttpResponse:
    """The published editions of a series, newest first."""
    series = get_object_or_404(Series.objects.visible_to(request.user), slug=slug)
    rows = Edition.objects.published().filter(consultation__series=series).with_files()
    page = Paginator(rows.order_by("-published_at"), EDITIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "reports/editions.html", {"series": series, "page": page})


@login_not_required
@cache_control(public=True, max_age=SCHEMA_SECONDS)
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of the frozen data of editions."""
    return HttpResponse(FILE.read_bytes(), content_type="application/schema+json")


def _consultation(request: HttpRequest, code: str, document: str) -> Consultation:
    """Give a consultation that the person may see and that has such a document; else Http404.

    A planned one is there for those who may make its editions.
    """
    rows = Consultation.objects.select_related("series")
    if document == Document.DOSSIER:
        rows = rows.filter(kind=ConsultationKind.HEARING)
    consultation = get_object_or_404(rows, code=code)
    if not request.user.has_perm("reports.make_edition", consultation):
        return get_object_or_404(rows.visible_to(request.user), code=code)
    return consultation


def _edition(request: HttpRequest, code: str, document: str, number: int) -> Edition:
    visible = Edition.objects.visible_to(request.user).select_related("consultation__series", "frozen_by")
    return get_object_or_404(visible.with_files(), consultation__code=code, document=document, number=number)


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
