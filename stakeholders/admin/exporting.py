"""Lists of the admin as files for spreadsheet programs."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from stakeholders.exporting import Table
from stakeholders.spreadsheets import write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportingAdmin(ModelAdmin):
    """A list whose chosen rows can be taken along as a file; `table` makes the cells of a query."""

    table: Callable[[QuerySet[Any]], Table]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("stakeholders.export_addresses"))

    @admin.action(description=_("Download as CSV"), permissions=["export"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        rows = list(type(self).table(queryset))
        return self._file(StreamingHttpResponse(write_csv(rows), content_type="text/csv; charset=utf-8"), "csv")

    @admin.action(description=_("Download as Excel workbook (XLSX)"), permissions=["export"])
    def export_xlsx(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponseBase:
        content = write_xlsx(type(self).table(queryset), title=str(self.opts.verbose_name_plural))
        return self._file(HttpResponse(content, content_type=XLSX), "xlsx")

    def _file(self, response: HttpResponseBase, kind: str) -> HttpResponseBase:
        name = f"{self.opts.model_name}-{timezone.localdate():%Y-%m-%d}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
