from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from stakeholders.accounts import ensure_account, follow_address_book
from stakeholders.languages import language_choices
from stakeholders.models import Person


class SignInForm(RequestLoginCodeForm):
    """Ask for a sign-in code. Whoever is in the address book can: the account is made at the first time.

    The page says the same for an address that nobody here has, so that nobody finds out who is invited.
    """

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["email"].help_text = _("The one at which you got the invitation.")
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def clean_email(self) -> str:
        person = Person.objects.filter(email__iexact=self.cleaned_data["email"]).select_related("user").first()
        if person is not None:
            ensure_account(person)
        else:
            follow_address_book()
        email: str = super().clean_email()
        return email


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey that signs in by itself: the only kind there is here, so that nobody is asked which."""

    passwordless = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].label = _("Passkey")
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("So that you know it again: “Office laptop”, “My phone”.")


class ActivateAppForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Number that the app shows")
        self.fields["code"].widget.attrs |= {"placeholder": "", "inputmode": "numeric"}


class OwnRecordForm(forms.Form):
    """What people correct about themselves; the address is changed on its own page."""

    name = forms.CharField(label=_("Name, as it is to stand on a badge"), max_length=200)
    country = forms.CharField(label=_("Country"), max_length=100, required=False)
    language = forms.ChoiceField(
        label=_("Language in which you are written to"),
        choices=lambda: [("", _("that of the event")), *language_choices()],
        required=False,
    )


class ErasureForm(forms.Form):
    removes_texts = forms.TypedChoiceField(
        label=_("What is to become of your inputs"),
        widget=forms.RadioSelect,
        coerce=lambda value: value == "yes",
        choices=[
            ("no", _("They stay, under your stakeholder type alone")),
            ("yes", _("Their words are removed as well; that you gave them is still counted")),
        ],
    )


class NewAddressForm(forms.Form):
    email = forms.EmailField(label=_("New e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class AddressCodesForm(forms.Form):
    """The two codes that prove that somebody reads the old address and the new one."""

    old = forms.CharField()
    new = forms.CharField()

    def __init__(self, *args: Any, old: str, new: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, address in [("old", old), ("new", new)]:
            field = self.fields[name]
            field.label = _("Code from the mail to %(address)s") % {"address": address}
            field.widget.attrs |= {
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
