"""Entering the inputs of a spreadsheet: sending it, looking at each row, and entering the good ones."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from consultations import sheets
from consultations.forms import SheetForm
from consultations.models import Consultation, InputSheet
from stakeholders.accounts import person_of
from stakeholders.refusals import Refused
from stakeholders.spreadsheets import write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Take a file, and go on to look at its rows."""
    consultation = _consultation(request, code)
    form = SheetForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            sheet = sheets.upload(consultation, file, name=file.name, by=person_of(request.user), at=timezone.now())
            return redirect(sheet)
        except Refused as refusal:
            form.add_error("file", refusal.reasons)
    return render(
        request,
        "consultations/sheets/upload.html",
        {
            "consultation": consultation,
            "form": form,
            "columns": [(header, field in sheets.NEEDED) for field, (header, _others) in sheets.COLUMNS.items()],
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Show what each row will be; a POST enters the good ones, or gives the sheet up."""
    shown = _sheet(request, code, pk)
    if request.method == "POST" and request.POST.get("act") == "discard":
        shown.delete()
        messages.success(request, _("The sheet is deleted. Inputs that were entered from it stay."))
        return redirect("consultations:input_sheets", code)
    if request.method == "POST":
        try:
            number = sheets.enter(shown, by=person_of(request.user), at=timezone.now())
            told = ngettext(
                "%(number)s input is entered; its author gets a receipt by mail.",
                "%(number)s inputs are entered; their authors get receipts by mail.",
                number,
            )
            messages.success(request, told % {"number": number})
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect(shown)
    rows = sheets.look_at(shown)
    return render(
        request,
        "consultations/sheets/sheet.html",
        {
            "consultation": shown.consultation,
            "sheet": shown,
            "rows": rows,
            "good": sum(row.is_good for row in rows),
            "faulty": sum(bool(row.problems) for row in rows),
            "there": sum(row.entered_as is not None for row in rows),
        },
    )


@require_safe
def left_over(request: HttpRequest, code: str, pk: int) -> StreamingHttpResponse:
    """The rows that have to be mended, as a file to mend them in."""
    shown = _sheet(request, code, pk)
    response = StreamingHttpResponse(write_csv(sheets.left_over(shown)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-inputs-to-mend.csv"'
    return response


@require_safe
def empty(request: HttpRequest, code: str) -> HttpResponse:
    """Our own sheet to fill in."""
    rows = sheets.empty_sheet(_consultation(request, code))
    response = HttpResponse(write_xlsx(rows, title=_("Inputs")), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{code}-inputs.xlsx"'
    return response


def _sheet(request: HttpRequest, code: str, pk: int) -> InputSheet:
    rows = InputSheet.objects.filter(consultation=_consultation(request, code)).select_related("consultation")
    return get_object_or_404(rows, pk=pk)


def _consultation(request: HttpRequest, code: str) -> Consultation:
    consultation = get_object_or_404(Consultation.objects.visible_to(request.user), code=code)
    if not request.user.has_perm("consultations.enter_input", consultation):
        raise PermissionDenied
    return consultation
