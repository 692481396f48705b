from django.http import HttpRequest, HttpResponse


def my_page(request: HttpRequest, **kwargs: str) -> HttpResponse:
    return HttpResponse()
