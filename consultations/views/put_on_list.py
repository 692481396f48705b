"""Choosing people of the address book for the list of a consultation; for programme staff, who keep that book."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consultations import listing
from consultations.letter_forms import AddressesForm, PeopleFilter
from consultations.models import Consultation
from stakeholders.accounts import person_of
from stakeholders.models import Person
from stakeholders.refusals import Refused

PEOPLE_A_PAGE = 100
NAMED_AT_MOST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest, code: str) -> HttpResponse:
    """Show who of the address book is not on the list; a POST puts the ticked, all that match, or those named there."""
    if not request.user.has_perm("consultations.put_on_list"):
        raise PermissionDenied
    consultation = get_object_or_404(Consultation.objects.select_related("series"), code=code)
    found = PeopleFilter(request.GET, consultation=consultation, sees_others=True)
    rows = (
        listing.not_on_list(consultation)
        .filter(found.of_people(person="", as_whom=""))
        .select_related("organisation__stakeholder_type", "stakeholder_type")
        .order_by("name", "pk")
    )
    act = request.POST.get("act")
    addresses = AddressesForm(request.POST if act == "addresses" else None)
    if request.method == "POST":
        unknown: list[str] = []
        if act == "addresses":
            if addresses.is_valid():
                by_address = listing.people_by_address(addresses.cleaned_data["addresses"])
                rows, unknown = (
                    Person.objects.filter(pk__in=[person.pk for person in by_address.people]),
                    by_address.unknown,
                )
        elif act != "all":
            rows = rows.filter(pk__in=[value for value in request.POST.getlist("person") if value.isdigit()])
        if addresses.is_valid() or act != "addresses":
            try:
                number = listing.put_on_list(consultation, rows, by=person_of(request.user), at=timezone.now())
            except Refused as refusal:
                messages.error(request, str(refusal))
            else:
                _tell(request, number, unknown)
                return redirect(request.get_full_path())
    return render(
        request,
        "consultations/put_on_list.html",
        {
            "consultation": consultation,
            "filter": found,
            "addresses": addresses,
            "page": Paginator(rows, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
        },
    )


def _tell(request: HttpRequest, number: int, unknown: list[str]) -> None:
    told = ngettext("%(number)s person is put on the list.", "%(number)s people are put on the list.", number)
    if number:
        messages.success(request, told % {"number": number} + " " + _("Nobody is invited by that yet."))
    else:
        messages.warning(request, _("Nobody was put on the list: choose people who are not on it yet."))
    if unknown:
        some = ", ".join(unknown[:NAMED_AT_MOST]) + ("…" if len(unknown) > NAMED_AT_MOST else "")
        messages.warning(
            request, _("Nobody in the address book has these addresses: %(addresses)s.") % {"addresses": some}
        )
