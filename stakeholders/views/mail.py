"""The mails that this machine's own try-out has sent: it writes them to files instead of sending them."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

FILES_A_PAGE = 20
AFTER_A_MAIL = re.compile(rb"\n-{79}\n(?=Content-Type: |\Z)")
"""What Django's backend for mail in files writes after each mail: the same line inside a mail is text."""


@dataclass(frozen=True)
class SentMail:
    to: str
    subject: str
    text: str
    sent_at: datetime | None


@login_not_required
@never_cache
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """Show the mails, newest first, to whoever sits at this machine: that is who tries the product out here."""
    if not ip_address(request.META["REMOTE_ADDR"]).is_loopback:
        raise PermissionDenied(_("This page is for the machine itself on which the site was started."))
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    page = Paginator(files, FILES_A_PAGE).get_page(request.GET.get("page"))
    mails = [mail for file in page for mail in reversed(mails_in(file))]
    return render(request, "stakeholders/mail.html", {"page": page, "mails": mails})


def mails_in(file: Path) -> list[SentMail]:
    """Read one file of Django's backend for mail in files, oldest mail first; a mail half written is left out."""
    parts = AFTER_A_MAIL.split(file.read_bytes())[:-1]
    return [_read(message_from_bytes(part, policy=default)) for part in parts]


def _read(message: EmailMessage) -> SentMail:
    body = message.get_body(("plain",))
    date = message["Date"]
    return SentMail(
        to=message["To"] or "",
        subject=message["Subject"] or "",
        text=body.get_content().strip() if body else "",
        sent_at=parsedate_to_datetime(date) if date else None,
    )
