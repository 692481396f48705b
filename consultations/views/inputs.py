from django.http import HttpRequest, HttpResponse


def new(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def detail(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def edit(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def withdraw(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()
