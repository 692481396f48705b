from django.http import HttpRequest, HttpResponse


def desk_before(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def merge(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def consideration(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def split(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def undo(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()

