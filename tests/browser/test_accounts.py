"""A second factor in a real browser: set up at the first sign-in, used for the next ones, with a passkey."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page

from stakeholders.accounts import ensure_account
from tests.browser.test_walk import Walk
from tests.factories import bring_to, make_person, make_series, plan, take_part
from tests.processes import web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.worker]


@pytest.fixture
def site():
    """The site by a name: browsers make no passkeys for an address of numbers."""
    with web(SECOND_FACTOR_REQUIRED="1") as address:
        yield address.replace("127.0.0.1", "localhost")


@pytest.fixture
def organiser():
    consultation = bring_to(plan(make_series()), "announced")
    return take_part(consultation, make_person("Otto Organiser (sample)"), role="organiser").person


@pytest.fixture
def page(window) -> Page:
    """A window whose device confirms passkeys by itself, as if a finger lay on it."""
    page = window(width=390)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    about = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    by_itself = {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": about | by_itself})
    return page


class AtTheDoor(Walk):
    """Somebody who signs in where more than a code is asked for."""

    def type_code(self, page: Page, address: str, to: str) -> None:
        page.goto(f"{self.site}/accounts/login/code/?next={to}")
        self.look(page, "Sign in")
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Send me a code").click()
        code = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", self.mail(page, "Your sign-in code"))
        assert code
        page.get_by_label("Code").fill(code[1])
        page.get_by_role("button", name="Sign in").click()

    def look_and_reload(self, page: Page, heading: str) -> None:
        """Looking asks the server for the page once more, and a passkey answers only what was asked last."""
        self.look(page, heading)
        page.reload()

    def sign_out(self, page: Page) -> None:
        page.goto(f"{self.site}/")
        page.get_by_role("button", name="Sign out").click()


def test_a_passkey_is_made_at_the_first_sign_in_and_used_for_the_next(site, organiser, page, window, inspector):
    door = AtTheDoor(site, window, inspector)
    desk = "/consultations/JHB11/participants/"
    door.type_code(page, organiser.email, desk)
    door.look(page, "A second proof that it is you")
    page.get_by_role("link", name="Make a passkey").click()
    door.look_and_reload(page, "Make a passkey")
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Make the passkey").click()
    door.look(page, "Keep these recovery codes")
    code = page.locator("code").first.inner_text()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"{site}{desk}")

    # With the passkey alone.
    door.sign_out(page)
    page.goto(f"{site}/accounts/login/code/?next={desk}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{site}{desk}")

    # With a code by mail and the passkey as the second proof.
    door.sign_out(page)
    door.type_code(page, organiser.email, desk)
    door.look_and_reload(page, "One more proof")
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url(f"{site}{desk}")

    # On a device that has none: with a recovery code.
    other = window()
    door.type_code(other, organiser.email, desk)
    door.look_and_reload(other, "One more proof")
    other.get_by_label("Number from your app, or a recovery code").fill(code)
    other.get_by_role("button", name="Sign in", exact=True).click()
    other.wait_for_url(f"{site}{desk}")

    # After staff have changed the address in the address book: it is proved once, then the passkey is enough again.
    organiser.refresh_from_db()
    organiser.email = "otto@city.example"
    organiser.save()
    ensure_account(organiser)
    door.sign_out(page)
    page.goto(f"{site}/accounts/login/code/?next={desk}")
    page.get_by_role("button", name="Sign in with a passkey").click()
    door.look(page, "Type the code")
    sent = re.search(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b", door.mail(page, "Code to confirm your address"))
    assert sent
    page.get_by_label("Code").fill(sent[1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/me/")

    for path, heading in [
        ("/accounts/", "My account"),
        ("/accounts/second-factor/mine/", "Passkeys and authenticator app"),
        ("/accounts/second-factor/app/add/", "Use an authenticator app"),
        ("/accounts/sessions/", "Where I am signed in"),
        ("/accounts/address/", "Change your e-mail address"),
    ]:
        page.goto(f"{site}{path}")
        if "app/add" in path:  # what changes the ways in asks again
            door.look_and_reload(page, "Prove once more")
            page.get_by_role("button", name="Use my passkey").click()
        door.look(page, heading)
    page.get_by_label("New e-mail address").fill("otto@new.example")
    page.get_by_role("button", name="Send both codes").click()
    door.look(page, "Type both codes")

    # Without any left, the organiser is outside again.
    page.goto(f"{site}/accounts/second-factor/mine/")
    page.get_by_role("link", name="Rename").click()
    door.look(page, "Rename the passkey")
    page.get_by_label("Name").fill("My old phone")
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("link", name="Remove").click()
    door.look(page, "Remove “My old phone”")
    page.get_by_role("button", name="Remove it").click()
    door.look(page, "A second proof that it is you")
    assert not Authenticator.objects.exists()
    assert inspector.validate() == []
