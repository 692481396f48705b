"""What is like an input, beside it in the list of the desk and on a page of its own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from consultations.models import Input
from outcomes.fates import fate_kind
from outcomes.likeness import inputs_like, outcomes_for
from outcomes.views.access import add_sources, consultation_for, may_work


@require_safe
@vary_on_headers("HX-Request")
def like(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Inputs like one of them, and outcomes it may belong to; the list of inputs asks for the part without the page."""
    consultation = consultation_for(request, code, "outcomes.view_desk")
    visible = Input.objects.visible_to(request.user).submitted().with_author().with_area()
    input = get_object_or_404(visible, consultation=consultation, number=number)
    alike = inputs_like(input, among=visible.annotate(fate_kind=fate_kind()))
    add_sources(request, [input, *alike], consultation)
    numbers = [input.number, *(row.number for row in alike)]
    context = {
        "consultation": consultation,
        "tab": "inputs",
        "input": input,
        "alike": alike,
        "outcomes": outcomes_for(input),
        "may_work": may_work(request, consultation),
        "these": "&".join(f"number={number}" for number in numbers),
        "these_ticked": "&".join(f"number={number}&input={number}" for number in numbers),
    }
    name = "like_beside" if request.htmx else "like"  # type: ignore[attr-defined]
    return render(request, f"outcomes/desk/{name}.html", context)
