from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from jobs.admin import KeptAdmin
from stakeholders.accounts import close_account, open_account, person_of, remove_staff
from stakeholders.models import SecondFactorReset, User
from stakeholders.refusals import Refused
from stakeholders.second_factor import has_second_factor, reset_second_factor

# Accounts follow the address book, and second factors are their owners': neither is edited here.
for model in [Group, EmailAddress, Authenticator, UserSession]:
    admin.site.unregister(model)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("How you made sure who asks"), widget=UnfoldAdminTextareaWidget)


class SecondFactorResetInline(TabularInline):
    model = SecondFactorReset
    fields = readonly_fields = ("reset_at", "reset_by", "reason")
    extra = 0
    can_delete = False


@admin.register(User)
class UserAdmin(KeptAdmin):
    list_display = ("email", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ("is_staff", "is_active")
    search_fields = ("email",)
    fields = ("email", "is_staff", "is_active", "date_joined", "last_login", "second_factor")
    readonly_fields = ("second_factor",)
    inlines = (SecondFactorResetInline,)
    actions = ("close", "open", "remove_staff")
    actions_detail = ("reset_second_factor",)

    @admin.display(description=_("has a second factor"), boolean=True)
    def second_factor(self, user: User) -> bool:
        return has_second_factor(user)

    def get_actions_detail(self, request: HttpRequest, object_id: int | str | None = None) -> list[UnfoldAction]:
        """Offer the reset where there is something to reset."""
        user = self.get_object(request, unquote(str(object_id)))
        offered = user is not None and user != request.user and has_second_factor(user)
        return super().get_actions_detail(request, object_id) if offered else []

    @action(description=_("Reset the second factor"), url_path="reset-second-factor")
    def reset_second_factor(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then take away what was lost."""
        user = self.get_object(request, unquote(object_id))
        if user is None:
            raise Http404
        if not request.user.has_perm("stakeholders.reset_second_factor", user):
            raise PermissionDenied
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            try:
                reset_second_factor(user, by=person_of(request.user), at=timezone.now(), **form.cleaned_data)
                told: Any = _("The second factor of %(email)s is reset. They were told by mail.")
                self.message_user(request, told % {"email": user.email}, messages.SUCCESS)
            except Refused as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:stakeholders_user_change", user.pk)
        shown = {
            "title": _("Reset the second factor"),
            "account": user,
            "original": user,
            "opts": self.opts,
            "form": form,
        }
        return render(
            request, "admin/stakeholders/reset_second_factor.html", self.admin_site.each_context(request) | shown
        )

    @admin.action(description=_("Close these accounts: nobody signs in with them any more"))
    def close(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._do(request, queryset, close_account, _("Closed: %(emails)s."))

    @admin.action(description=_("Open these accounts again"))
    def open(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._do(request, queryset, open_account, _("Open again: %(emails)s."))

    @admin.action(description=_("Take the rights of programme staff away"))
    def remove_staff(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._do(request, queryset, remove_staff, _("No programme staff any more: %(emails)s."))

    def _do(self, request: HttpRequest, queryset: QuerySet[User], act: Callable[[User], None], told: Any) -> None:
        """Act on accounts; on one's own somebody else does, so that nobody is locked out by a slip."""
        chosen = list(queryset.exclude(email=request.user.get_username()))
        for user in chosen:
            act(user)
        if chosen:
            self.message_user(request, told % {"emails": ", ".join(user.email for user in chosen)}, messages.SUCCESS)
        else:
            self.message_user(request, _("Your own account is another's to change."), messages.WARNING)
