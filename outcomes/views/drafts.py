from django.http import HttpRequest, HttpResponse


def drafts(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def desk_drafts(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def draft_new(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def draft_edit(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def drop(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def link_evidence(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()


def withdraw_evidence(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()

