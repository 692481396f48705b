"""The balance of a consultation at the desk, for its organisers: who is there, who is missing, who could be asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from outcomes.balance import balance_of, missing_with_unasked, unasked_organisations
from outcomes.views.access import consultation_for, page_of
from stakeholders.models import StakeholderType


@require_safe
def balance(request: HttpRequest, code: str) -> HttpResponse:
    consultation = consultation_for(request, code, "consultations.view_participants")
    shown = balance_of(consultation)
    context = {
        "consultation": consultation,
        "tab": "balance",
        "balance": shown,
        "missing": missing_with_unasked(consultation, shown),
        "areas": consultation.areas.all(),
    }
    return render(request, "outcomes/desk/balance.html", context)


@require_safe
def unasked(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    """The organisations of one stakeholder type from which nobody has been invited."""
    consultation = consultation_for(request, code, "consultations.view_participants")
    type = get_object_or_404(StakeholderType, slug=slug)
    rows = unasked_organisations(consultation).filter(stakeholder_type=type)
    page = page_of(request, rows.order_by("country", "city", "name", "pk"))
    return render(
        request,
        "outcomes/desk/unasked.html",
        {"consultation": consultation, "tab": "balance", "type": type, "page": page},
    )
