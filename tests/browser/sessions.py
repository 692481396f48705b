"""Windows that are signed in from the start, where the sign-in itself is not what is tried."""

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from stakeholders.accounts import ensure_account
from stakeholders.models import Person


def sign_in(page: Page, person: Person, site: str) -> Page:
    """Give the same window, with a session of the person."""
    client = Client()
    client.force_login(ensure_account(person))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    return page
