from django.http import HttpRequest, HttpResponse


def sign(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def conclude(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def roll_forward(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()

