from django.http import HttpRequest, HttpResponse


def desk_inputs(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def take_back(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def untag(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()

