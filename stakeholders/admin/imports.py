"""Importing people and organisations: upload, columns, preview, confirmation and result, each a page of its own."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from jobs.admin import JobAdmin
from jobs.models import JobState
from stakeholders.accounts import person_of
from stakeholders.importing import steps, tables
from stakeholders.importing.columns import FIELDS
from stakeholders.importing.forms import ColumnsForm, DecisionForm, ReadingForm, UploadForm
from stakeholders.importing.left_over import left_over_file
from stakeholders.models import AddressImport, Decision, ImportRow, RowAction
from stakeholders.refusals import Refused

ROWS_A_PAGE = 50
Stage = AddressImport.Stage


@admin.register(AddressImport)
class AddressImportAdmin(JobAdmin):
    list_display = ("file_name", "stage", "state_label", "asked_by", "queued_at", "written_at")
    list_filter = ("stage", "state")
    list_select_related = ("asked_by",)
    search_fields = ("file_name",)

    def has_add_permission(self, request: HttpRequest, *args: object) -> bool:
        return bool(request.user.has_perm("stakeholders.import_addresses"))

    def get_urls(self) -> list[URLPattern]:
        acts: dict[str, Callable[..., HttpResponseBase]] = {
            "columns": self.columns_view,
            "read-again": require_POST(self.read_again_view),
            "decide": require_POST(self.decide_view),
            "confirm": require_POST(self.confirm_view),
            "discard": require_POST(self.discard_view),
            "left-over": self.left_over_view,
            "progress": self.progress_view,
        }
        own = [
            path(
                f"<path:object_id>/{act}/",
                self.admin_site.admin_view(view),
                name=f"stakeholders_addressimport_{act.replace('-', '_')}",
            )
            for act, view in acts.items()
        ]
        return [*own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Choose a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                made = steps.upload(file, name=file.name, by=person_of(request.user), at=timezone.now())
                return redirect("admin:stakeholders_addressimport_columns", made.pk)
            except Refused as refusal:
                for reason in refusal.reasons:
                    form.add_error("file", reason)
        most = {"megabytes": tables.MOST_BYTES // 1024 // 1024, "rows": tables.MOST_ROWS, "days": settings.IMPORT_DAYS}
        return self._page(request, "upload", None, title=_("Import people and organisations"), form=form, **most)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of the step at which an import is."""
        found = self._import(request, object_id)
        if not found.is_finished:
            return self._page(request, "progress_page", found, title=found.file_name)
        match found.stage:
            case Stage.COLUMNS:
                return redirect("admin:stakeholders_addressimport_columns", found.pk)
            case Stage.PREVIEW if found.state == JobState.FAILED:
                messages.error(request, found.error)
                return redirect("admin:stakeholders_addressimport_columns", found.pk)
            case Stage.PREVIEW | Stage.WRITING:
                return self._preview(request, found)
            case _:
                return self._result(request, found)

    def columns_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Look at what the columns are about, correct it, and ask for the preview."""
        found = self._import(request, object_id)
        if found.stage not in steps.OPEN_STAGES or not found.is_finished:
            return redirect(found)
        form = ColumnsForm(request.POST or None, address_import=found)
        if request.method == "POST" and form.is_valid():
            gathered = {name: form.cleaned_data[name] for name in ["matched", "usual_type"]}
            if self._do(request, steps.match, found, **gathered, at=timezone.now()):
                return redirect(found)
        reading = ReadingForm(address_import=found)
        return self._page(request, "columns", found, title=_("What the columns hold"), form=form, reading=reading)

    def read_again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = self._import(request, object_id)
        form = ReadingForm(request.POST, address_import=found)
        if form.is_valid():
            self._do(request, steps.read_again, found, **form.cleaned_data)
        return redirect("admin:stakeholders_addressimport_columns", found.pk)

    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = self._import(request, object_id)
        form = DecisionForm(request.POST)
        if form.is_valid():
            rows = [int(number) for number in request.POST.getlist("row") if number.isdecimal()]
            numbers = None if form.cleaned_data["all"] else rows
            decision = Decision(form.cleaned_data["decision"])
            decided = self._do(request, steps.decide, found, numbers=numbers, decision=decision, at=timezone.now())
            if decided is not None:
                text = ngettext("%(number)s row is decided.", "%(number)s rows are decided.", decided)
                self.message_user(request, text % {"number": decided}, messages.SUCCESS)
        else:
            self.message_user(request, _("Say who the chosen rows are."), messages.WARNING)
        response = redirect(found)
        response["Location"] += f"?{request.GET.urlencode()}" if request.GET else ""
        return response

    def confirm_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = self._import(request, object_id)
        self._do(request, steps.confirm, found, by=person_of(request.user), at=timezone.now())
        return redirect(found)

    def discard_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        found = self._import(request, object_id)
        if self._do(request, steps.discard, found, at=timezone.now()):
            self.message_user(request, _("The import is discarded: file and rows are deleted."), messages.SUCCESS)
        return redirect("admin:stakeholders_addressimport_changelist")

    def left_over_view(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """The rows that were not imported, to be mended."""
        found = self._import(request, object_id)
        if found.forgotten_at:
            raise Http404
        response = StreamingHttpResponse(left_over_file(found), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{found.pk}-to-mend.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """How far the worker is; asks the browser to load the page anew when it is done."""
        found = self._import(request, object_id)
        response = render(request, "admin/stakeholders/import/progress.html", {"import": found})
        if found.is_finished:
            response["HX-Refresh"] = "true"
        return response

    def _preview(self, request: HttpRequest, found: AddressImport) -> HttpResponse:
        counts = steps.count_rows(found.rows.order_by().values_list("action").annotate(Count("pk")))
        moved = found.rows.filter(moved_at__isnull=False)
        chosen = request.GET.get("do", "")
        rows = found.rows.order_by("number")
        if chosen == "moved":
            rows = rows.filter(moved_at__isnull=False)
        elif chosen in counts:
            rows = rows.filter(action=chosen)
        page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
        return self._page(
            request, "preview", found, title=_("What the import will do"), page=page, chosen=chosen,
            rows=[{"row": row, "lines": lines_of(row)} for row in page], counts=_labelled(counts),
            total=sum(counts.values()), moved=moved.count(), to_decide=counts[RowAction.DECIDE],
            left_over=counts[RowAction.FAULTY] + counts[RowAction.DECIDE],
            to_write=counts[RowAction.ADD] + counts[RowAction.UPDATE], decisions=Decision.choices[1:],
            can_decide=any(row.is_decidable for row in page),
        )  # fmt: skip

    def _result(self, request: HttpRequest, found: AddressImport) -> HttpResponse:
        left_over = found.rows.filter(action__in=RowAction.left_over()).count()
        counts = _labelled({name: number for name, number in found.counts.items() if number})
        return self._page(
            request,
            "result",
            found,
            title=found.file_name,
            counts=counts,
            left_over=left_over,
            days=settings.IMPORT_DAYS,
        )

    def _import(self, request: HttpRequest, object_id: str) -> AddressImport:
        """Give an import to those who may import. Raises PermissionDenied for others, Http404 where there is none."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        found: AddressImport | None = self.get_object(request, unquote(object_id))
        if found is None:
            raise Http404
        return found

    def _do(self, request: HttpRequest, step: Callable[..., Any], found: AddressImport, **gathered: Any) -> Any:
        """Take a step. Gives what it returns, True for nothing, and None where it was refused in words."""
        try:
            returned = step(found, **gathered)
        except Refused as refusal:
            for reason in refusal.reasons:
                self.message_user(request, reason, messages.ERROR)
            return None
        return True if returned is None else returned

    def _page(self, request: HttpRequest, name: str, found: AddressImport | None, **context: Any) -> HttpResponse:
        context |= {"import": found, "original": found, "opts": self.opts}
        return render(
            request, f"admin/stakeholders/import/{name}.html", {**self.admin_site.each_context(request), **context}
        )


def lines_of(row: ImportRow) -> list[dict[str, Any]]:
    """Tell field by field what a row says, with what stands in the book now where that would change."""
    return [
        {
            "label": str(FIELDS[name]),
            "before": row.changes.get(name, ["", ""])[0],
            "after": row.changes[name][1] if name in row.changes else value,
            "changes": name in row.changes,
        }
        for name, value in row.values.items()
        if value or name in row.changes
    ]


def _labelled(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"action": name, "label": RowAction(name).label, "number": number} for name, number in counts.items()]
