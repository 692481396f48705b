"""Changing one's own e-mail address: a code goes to the old address and one to the new, and both are typed here.

What is asked for lies in the session alone; the address book changes when both codes are right.
"""

from datetime import datetime, timedelta
from typing import Any, TypedDict

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import compare_user_code
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from stakeholders.accounts import change_address, is_taken, person_of
from stakeholders.forms import AddressCodesForm, NewAddressForm
from stakeholders.models import Person
from stakeholders.refusals import Refused

ASKED = "address_change"
"""In the session: the Change that was asked for."""
MINUTES = 15
TRIES = 5


class Change(TypedDict):
    """A change of address that waits for its codes; `new_code` is empty where the new address is somebody else's."""

    address: str
    old_code: str
    new_code: str
    tries: int
    asked_at: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Ask for the new address, then for the two codes."""
    person = person_of(request.user)
    change = _change_asked_for(request)
    act = request.POST.get("act", "")
    if act == "cancel" or (act == "confirm" and change is None):
        request.session.pop(ASKED, None)
        messages.info(request, _("Your address stays as it is."))
        return redirect("stakeholders:address")
    if change is None:
        return _ask(request, person)
    return _confirm(request, person, change)


def _ask(request: HttpRequest, person: Person) -> HttpResponse:
    form = NewAddressForm(request.POST or None)
    if form.is_valid():
        new = form.cleaned_data["email"].lower()
        if new == (person.email or "").lower():
            form.add_error("email", _("This is your address already."))
        elif not person.email:
            form.add_error(None, _("There is no address to prove yourself by. Ask the organisers to add one."))
        elif not ratelimit.consume(request, action="change_address", key=new):
            form.add_error(None, _("You have asked for several changes just now. Try again in an hour."))
        else:
            request.session[ASKED] = _send_codes(person, new)
            return redirect("stakeholders:address")
    return render(request, "stakeholders/address.html", {"form": form, "address": person.email})


def _send_codes(person: Person, new: str) -> Change:
    """Mail both codes. To an address that is somebody else's goes a word about that, and no code: the page tells nobody
    who is in the address book."""
    mails, taken = get_adapter(), is_taken(new, besides=person)
    old_code, new_code = mails.generate_email_verification_code(), mails.generate_email_verification_code()
    mails.send_mail("account/email/old_address", str(person.email), {"code": old_code, "new": new})
    kind = "account/email/address_taken" if taken else "account/email/new_address"
    mails.send_mail(kind, new, {} if taken else {"code": new_code})
    return Change(
        address=new,
        old_code=old_code,
        new_code="" if taken else new_code,
        tries=0,
        asked_at=timezone.now().isoformat(),
    )


def _change_asked_for(request: HttpRequest) -> Change | None:
    change: Change | None = request.session.get(ASKED)
    if change is None or timezone.now() - datetime.fromisoformat(change["asked_at"]) > timedelta(minutes=MINUTES):
        return None
    return change


def _confirm(request: HttpRequest, person: Person, change: Change) -> HttpResponse:
    old, new = str(person.email), change["address"]
    form = AddressCodesForm(request.POST if request.POST.get("act") == "confirm" else None, old=old, new=new)
    if form.is_valid() and _are_right(request, change, form) and _change(request, person, new, old):
        return redirect("stakeholders:account")
    if change["tries"] >= TRIES:
        request.session.pop(ASKED, None)
        messages.error(request, _("The codes were not right too often, so they are worthless now. Start again."))
        return redirect("stakeholders:address")
    context: dict[str, Any] = {"form": form, "address": old, "new": new, "minutes": MINUTES}
    return render(request, "stakeholders/address_codes.html", context)


def _are_right(request: HttpRequest, change: Change, form: Form) -> bool:
    """Compare both codes; which of them is wrong is told at its field, and the try is counted."""
    expected = {"old": change["old_code"], "new": change["new_code"]}
    wrong = [
        name for name, code in expected.items() if not compare_user_code(actual=form.cleaned_data[name], expected=code)
    ]
    for name in wrong:
        form.add_error(name, _("This is not the code from that mail."))
    if wrong:
        change["tries"] += 1
        request.session[ASKED] = change
    return not wrong


def _change(request: HttpRequest, person: Person, new: str, old: str) -> bool:
    """Change the address, and tell the old one that it is done."""
    try:
        change_address(person, to=new)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return False
    request.session.pop(ASKED, None)
    get_adapter().send_mail("account/email/address_changed", old, {"new": new})
    messages.success(request, _("Your address is %(address)s now. You sign in with it from now on.") % {"address": new})
    return True
