from django.http import HttpRequest, HttpResponse


def desk(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def begin_synthesis(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def open_validation(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()

