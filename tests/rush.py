"""Many participants who press “Submit” in the same moment, as they do before a window closes."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from html import unescape
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from threading import Barrier
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client
from django.utils import timezone

from consultations import inputs
from consultations.models import Answer, Consultation, ConsultationState, Input, Participation
from stakeholders.accounts import ensure_account
from stakeholders.models import Message
from tests.factories import OPENS, bring_to, fields_of_input, make_series, plan, take_part

PATIENCE = 120
"""Seconds that a participant waits for the answer."""
ELSEWHERE = "Written in the other window."


class Way(Enum):
    """How somebody submits."""

    ONCE = "once"
    TWICE = "twice"
    WITHOUT_TITLE = "without a title"
    OVERTAKEN = "after saving it in another window"
    NOT_ACCEPTED = "without having accepted the invitation"


REFUSALS = {
    Way.WITHOUT_TITLE: "Give it a title, so that it can be found again.",
    Way.OVERTAKEN: "This was saved in another window or on another device meanwhile",
    Way.NOT_ACCEPTED: "Accept the invitation first; then you can give inputs.",
}
"""What must be told to those who are refused."""


@dataclass(frozen=True)
class Press:
    """One press of the button: the form as one participant filled it in."""

    participation: Participation
    way: Way
    path: str
    cookies: str
    form: dict[str, str]


@dataclass(frozen=True)
class Told:
    """What one press was answered: the page it led to, or the sentences of the page that it gave."""

    press: Press
    status: int
    location: str
    page: str
    seconds: float

    @property
    def is_accepted(self) -> bool:
        return self.status == 302 and re.fullmatch(r"/inputs/\d+/", self.location) is not None

    @property
    def is_refused_in_words(self) -> bool:
        refusal = REFUSALS.get(self.press.way)
        return self.status == 200 and refusal is not None and refusal in self.page


@dataclass
class Account:
    """What everybody was told; `faults` names where that is not what is stored."""

    told: list[Told]
    faults: list[str]

    @property
    def accepted(self) -> list[Told]:
        return [one for one in self.told if one.is_accepted]

    @property
    def refused(self) -> list[Told]:
        return [one for one in self.told if one.is_refused_in_words]


def gather_people(number: int) -> Consultation:
    """Make a consultation whose window is open by the real clock, with so many participants, each way in turn."""
    closes = timezone.now() + timedelta(days=7)
    consultation = bring_to(
        plan(make_series(), inputs_open_at=OPENS, inputs_close_at=closes), ConsultationState.ANNOUNCED
    )
    for way in islice(cycle(Way), number):
        take_part(consultation, answer=Answer.INVITED if way == Way.NOT_ACCEPTED else Answer.ACCEPTED)
    return consultation


def open_forms(consultation: Consultation, *, site: str) -> list[Press]:
    """Have every participant open the form in a session of their own and fill it in; nothing is submitted yet."""
    presses = []
    people = consultation.participations.select_related("person").order_by("pk")
    for participation, way in zip(people, cycle(Way), strict=False):
        press = _fill_in(participation, way, site=site)
        presses += [press, press] if way == Way.TWICE else [press]
    return presses


def press_all_at_once(presses: Sequence[Press], *, site: str) -> Account:
    """Send all forms in the same moment, each over a connection of its own, and hold the answers against the rows."""
    start = Barrier(len(presses))

    def send(press: Press) -> Told:
        start.wait()
        return _send(press, site=site)

    with ThreadPoolExecutor(len(presses)) as crowd:
        told = list(crowd.map(send, presses))
    return Account(told, _faults(told))


def _fill_in(participation: Participation, way: Way, *, site: str) -> Press:
    consultation = participation.consultation
    fields = fields_of_input(consultation, title=f"Training fund {participation.pk}")
    client = Client()
    client.force_login(ensure_account(participation.person))
    session = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    path = f"/consultations/{consultation.code}/inputs/new/"
    if way == Way.OVERTAKEN:
        draft = inputs.save_draft(participation, fields={**fields, "text": "Begun here."}, at=timezone.now())
        path = f"/inputs/{draft.pk}/edit/"
    # Whoever has not accepted is sent on from the form, but may have kept one; any page of theirs has a token for it.
    page, cookies = _get("/me/" if way == Way.NOT_ACCEPTED else path, session, site=site)
    if way == Way.OVERTAKEN:
        elsewhere: inputs.InputFields = {**fields, "text": ELSEWHERE}
        inputs.save_draft(participation, fields=elsewhere, at=timezone.now(), input=draft, revision=draft.revision)
    hidden = re.findall(r'name="(csrfmiddlewaretoken|form_key|revision)" value="([^"]*)"', page)
    form = {
        "area": str(consultation.areas.all()[0].pk),
        "kind": str(fields["kind"]),
        "title": "" if way == Way.WITHOUT_TITLE else fields["title"],
        "text": fields["text"],
        "attribution": str(fields["attribution"]),
        "language": fields["language"],
        "submit": "",
        **dict(hidden),
    }
    return Press(participation, way, path, f"{session}; {cookies}", form)


def _get(path: str, cookies: str, *, site: str) -> tuple[str, str]:
    """Give a page and the token's cookie that came with it."""
    connection = HTTPConnection(urlsplit(site).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={"Cookie": cookies})
        response = connection.getresponse()
        page = response.read().decode()
    finally:
        connection.close()
    return page, "; ".join(cookie.partition(";")[0] for cookie in response.headers.get_all("Set-Cookie") or [])


def _send(press: Press, *, site: str) -> Told:
    began = perf_counter()
    headers = {"Cookie": press.cookies, "Content-Type": "application/x-www-form-urlencoded", "Origin": site}
    connection = HTTPConnection(urlsplit(site).netloc, timeout=PATIENCE)
    try:
        connection.request("POST", press.path, body=urlencode(press.form), headers=headers)
        response = connection.getresponse()
        page = unescape(response.read().decode())
        status, location = response.status, response.headers.get("Location", "")
    except (OSError, HTTPException) as fault:
        status, location, page = 0, "", repr(fault)
    finally:
        connection.close()
    return Told(press, status, location, page, perf_counter() - began)


def _faults(told: Sequence[Told]) -> list[str]:
    """Name everything in which what people were told and what is stored do not agree."""
    faults = [
        f"{one.press.way.value}: answered {one.status} {one.location or one.page[:200]}"
        for one in told
        if one.is_accepted == (one.press.way in REFUSALS) or not (one.is_accepted or one.is_refused_in_words)
    ]
    stored = {input.get_absolute_url(): input for input in Input.objects.submitted().select_related("consultation")}
    promised = {one.location: one.press for one in told if one.is_accepted}
    faults += [f"{path}: promised and not stored" for path in promised.keys() - stored.keys()]
    faults += [f"{path}: stored and not promised" for path in stored.keys() - promised.keys()]
    for path in promised.keys() & stored.keys():
        form, input = promised[path].form, stored[path]
        if (input.participation_id, input.title, input.text) != (
            promised[path].participation.pk, form["title"], form["text"],
        ):  # fmt: skip
            faults.append(f"{path}: not as its author sent it")
    numbers = sorted(input.number or 0 for input in stored.values())
    if numbers != list(range(1, len(stored) + 1)):
        faults.append(f"the numbers of the inputs are {numbers}")
    authors = sorted(input.participation_id for input in stored.values())
    if len(set(authors)) != len(authors):
        faults.append("an author's input is stored more than once")
    receipts = Message.objects.filter(occasion="input_receipt")
    if sorted(receipts.values_list("person", flat=True)) != sorted(
        press.participation.person_id for press in promised.values()
    ):
        faults.append(f"{receipts.count()} receipts for {len(promised)} inputs")
    untouched = Input.objects.exclude(state="submitted").values_list("text", flat=True)
    if set(untouched) - {ELSEWHERE}:
        faults.append("a refused form has changed something")
    return faults
