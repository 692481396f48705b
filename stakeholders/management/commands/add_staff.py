from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from stakeholders.accounts import add_staff


class Command(BaseCommand):
    help = "Let somebody into the admin as programme staff. They sign in with a code sent to the address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="their e-mail address")
        parser.add_argument("--name", default="", help="their name, for an address that is not in the address book yet")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as fault:
            raise CommandError(f"{email} is not an e-mail address.") from fault
        person = add_staff(email, name=name)
        self.stdout.write(f"{person.name} <{person.email}> is programme staff now.")
