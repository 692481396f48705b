"""References in a text as links to the pages of their outcomes on the site."""

import re
from typing import Any

REFERENCE = re.compile(r"(?<![\w-])[A-Z0-9]+-[A-Z]+-[0-9]+(?![\w-])")


class Links:
    """Knows the addresses of the outcomes of one snapshot, which are public."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.addresses: dict[str, str] = {
            row["reference"]: f"{data['site']}/outcomes/{row['reference']}/" for row in data["outcomes"]
        }

    def parts(self, text: str) -> list[tuple[str, str]]:
        """Split a text into parts, each with the address that it leads to; empty where it leads nowhere.

        >>> Links({"site": "https://thp", "outcomes": [{"reference": "A-KT-01"}]}).parts("See A-KT-01.")
        [('See ', ''), ('A-KT-01', 'https://thp/outcomes/A-KT-01/'), ('.', '')]
        """
        found, done = [], 0
        for match in REFERENCE.finditer(text):
            if address := self.addresses.get(match[0]):
                found += [(text[done : match.start()], ""), (match[0], address)]
                done = match.end()
        return [part for part in [*found, (text[done:], "")] if part[0]]
