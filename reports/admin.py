from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action

from jobs.admin import JobAdmin, KeptAdmin
from reports import erasure
from reports.models import Edition, EditionJob
from stakeholders.accounts import person_of
from stakeholders.erasure import refuse
from stakeholders.models import ErasureRequest
from stakeholders.refusals import Refused


@admin.register(Edition)
class EditionAdmin(KeptAdmin):
    """Editions are made and published on the page of the hearing's dossier."""

    list_display = ("consultation", "document", "number", "language", "frozen_at", "frozen_by", "published_at", "page")
    list_filter = ("document", "consultation", "published_at")
    list_select_related = ("consultation", "frozen_by")
    fields = (
        "consultation", "document", "number", "language", "frozen_at", "frozen_by", "sha256", "published_at",
        "published_by", "page",
    )  # fmt: skip

    @admin.display(description=_("page"))
    def page(self, edition: Edition) -> str:
        return format_html('<a href="{}">{}</a>', edition.get_absolute_url(), _("read, download or publish it"))


@admin.register(EditionJob)
class EditionJobAdmin(JobAdmin):
    list_display = (
        "consultation",
        "document",
        "asked_by",
        "state_label",
        "progress",
        "progress_text",
        "edition",
        "queued_at",
    )
    list_select_related = ("consultation", "asked_by", "edition__consultation")
    fields = (
        "consultation",
        "document",
        "choices",
        "asked_by",
        "state",
        "progress",
        "progress_text",
        "attempts",
        "error",
        "edition",
        "queued_at",
    )


@admin.register(ErasureRequest)
class ErasureRequestAdmin(KeptAdmin):
    """Wishes to be erased, with what granting them will do."""

    list_display = ("person", "asked_at", "removes_texts", "is_granted", "answered_at", "answered_by")
    list_filter = ("is_granted",)
    list_select_related = ("person", "answered_by")
    fields = ("person", "asked_at", "removes_texts", "is_granted", "answered_at", "answered_by", "reason")
    actions_detail = ("answer",)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[UnfoldAction]:
        wish = self.get_object(request, unquote(str(object_id)))
        return super().get_actions_detail(request, object_id) if wish and wish.answered_at is None else []

    @action(description=_("Answer"), url_path="answer")
    def answer(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what it will do, and grant or refuse it."""
        wish = self.get_object(request, unquote(object_id))
        if wish is None or wish.answered_at is not None:
            raise Http404
        if not request.user.has_perm("stakeholders.answer_erasure", wish):
            raise PermissionDenied
        if request.method == "POST":
            return self._answer(request, wish)
        shown = {
            "title": _("Answer a wish to be erased"),
            "wish": wish,
            "original": wish,
            "opts": self.opts,
            "consequences": erasure.consequences(wish.person),
        }
        return render(request, "admin/reports/erasure.html", self.admin_site.each_context(request) | shown)

    def _answer(self, request: HttpRequest, wish: ErasureRequest) -> HttpResponse:
        by, at, act = person_of(request.user), timezone.now(), request.POST.get("act")
        try:
            if act == "refuse":
                refuse(wish, reason=request.POST.get("reason", ""), by=by, at=at)
                self.message_user(request, _("Refused. The person reads why."), messages.SUCCESS)
            elif act in {"keep_texts", "remove_texts"}:
                erasure.grant(wish, removes_texts=act == "remove_texts", by=by, at=at)
                self.message_user(request, _("Erased. What is left says nothing of who it was."), messages.SUCCESS)
            else:
                raise Http404
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:stakeholders_erasurerequest_answer", wish.pk)
        return redirect("admin:stakeholders_erasurerequest_change", wish.pk)
