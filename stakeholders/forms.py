from allauth.account.forms import RequestLoginCodeForm
from django.utils.translation import gettext_lazy as _

from stakeholders.accounts import ensure_account, follow_address_book
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
