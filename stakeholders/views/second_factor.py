"""The friendly way to a second factor, for those who must have one and for those who want one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from stakeholders.second_factor import has_second_factor, must_have_second_factor


@never_cache
@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Say why, and offer the two kinds. Where the person was going is kept for after it."""
    if has_second_factor(request.user):
        return redirect("mfa_index")
    to = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(to, {request.get_host()}, require_https=request.is_secure()):
        request.session["after_second_factor"] = to
    must = must_have_second_factor(request.user)
    return render(request, "stakeholders/second_factor.html", {"must_have_second_factor": must})
