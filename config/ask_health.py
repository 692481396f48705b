"""Asks the health page from inside the web server's container: `python -m config.ask_health`, 0 if all is well.

It calls this machine by the name of the site, for the site answers to no other.
"""

import os
import sys
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener


def main() -> None:
    here = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/?format=text"
    site = urlsplit(os.environ.get("SITE_URL", here)).netloc
    direct = build_opener(ProxyHandler({}))
    try:
        with direct.open(Request(here, headers={"Host": site}), timeout=8) as answer:
            sys.stdout.write(answer.read().decode())
    except HTTPError as fault:
        sys.exit(f"{fault}\n{fault.read().decode()}")
    except OSError as fault:
        sys.exit(f"The web server does not answer: {fault}")


if __name__ == "__main__":
    main()
