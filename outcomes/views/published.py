from django.http import HttpRequest, HttpResponse


def outcomes(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def outcome(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()

