"""The files of an input: adding, taking away, and giving them to those who may read the input."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations import attachments
from consultations.forms import AttachmentForm
from consultations.models import Attachment, Input
from stakeholders.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def files(request: HttpRequest, pk: int) -> HttpResponse:
    """The page on which an author adds files to an input and takes them away."""
    input = _own_input(request, pk)
    is_sent = request.method == "POST"
    form = AttachmentForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if form.is_valid():
        try:
            attachments.attach(input, file=form.cleaned_data["file"], at=timezone.now())
            messages.success(request, _("The file is added."))
            return redirect("consultations:files", pk)
        except Refused as refusal:
            form.add_error("file", refusal.reasons)
    elif getattr(request, "upload_was_cut", False):
        form.errors["file"] = form.error_class([str(attachments.too_large())])
    context = {
        "input": input,
        "consultation": input.consultation,
        "form": form,
        "attachments": input.attachments.all(),
        "can_change": input.participation.may_give_inputs(at=timezone.now()),
        "most": attachments.MOST,
    }
    return render(request, "consultations/input_files.html", context)


@require_POST
def remove(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Take one file away."""
    input = _own_input(request, pk)
    attachment = get_object_or_404(
        Attachment.objects.select_related("input__participation__consultation"), input=input, number=number
    )
    try:
        attachments.remove(attachment, at=timezone.now())
        messages.success(request, _("The file is deleted."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("consultations:files", pk)


@require_safe
def download(request: HttpRequest, pk: int, number: int) -> FileResponse:
    """Give a file to somebody who may read the input, to be kept and never to be run in the browser."""
    visible = Input.objects.visible_to(request.user)
    found = get_object_or_404(
        Attachment.objects.select_related("input__consultation"), input__in=visible, input=pk, number=number
    )
    is_own = request.user.has_perm("consultations.change_input", found.input)
    name = found.name if is_own else found.public_name
    response = FileResponse(
        found.file.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream"
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _own_input(request: HttpRequest, pk: int) -> Input:
    """Give the input to its author. Raises Http404 where it is not to be seen, PermissionDenied where only seen."""
    loaded = Input.objects.visible_to(request.user).select_related(
        "participation__person", "participation__consultation", "consultation__series"
    )
    input = get_object_or_404(loaded, pk=pk)
    if not request.user.has_perm("consultations.change_input", input):
        raise PermissionDenied(_("Only its author can change an input."))
    return input
