"""What every template may show of the site itself."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """Give templates `embedded` (bool: this is the try-out of `./run`) and `site_url` (str, no slash at the end)."""
    return {"embedded": settings.EMBEDDED, "site_url": settings.SITE_URL}
