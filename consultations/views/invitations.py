from django.http import HttpRequest, HttpResponse


def open_link(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def invitation(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()
