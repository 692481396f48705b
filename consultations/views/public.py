from django.http import HttpRequest, HttpResponse


def home(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def series(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def consultation(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def calendar(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()
