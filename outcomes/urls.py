from django.urls import path

from consultations import converters  # noqa: F401  it registers what the addresses below name
from outcomes.views import (
    balance,
    before,
    codebook,
    conclusion,
    corrections,
    desk,
    drafts,
    inputs,
    positions,
    published,
    validation,
)

app_name = "outcomes"

ON_THE_DESK = "consultations/<code:code>/desk/"

urlpatterns = [
    path("series/<slug:slug>/outcomes/", published.outcomes, name="outcomes"),
    path("series/<slug:slug>/outcomes/<code:code>/lineage/", published.area_lineage, name="area_lineage"),
    path("outcomes/<reference:reference>/", published.outcome, name="outcome"),
    path("consultations/<code:code>/drafts/", drafts.drafts, name="drafts"),
    path("consultations/<code:code>/validation/", validation.validation, name="validation"),
    path("consultations/<code:code>/validation/<str:area>/", validation.validation_area, name="validation_area"),
    path(
        "consultations/<code:code>/validation/<str:area>/for/<int:person>/",
        validation.validation_area,
        name="validation_for",
    ),
    path("positions/<int:pk>/withdraw/", validation.withdraw_position, name="withdraw_position"),
    path(ON_THE_DESK, desk.desk, name="desk"),
    path(f"{ON_THE_DESK}synthesis/", desk.begin_synthesis, name="begin_synthesis"),
    path(f"{ON_THE_DESK}validation/", desk.open_validation, name="open_validation"),
    path(f"{ON_THE_DESK}inputs/", inputs.desk_inputs, name="desk_inputs"),
    path(f"{ON_THE_DESK}inputs/<int:number>/take-back/", inputs.take_back, name="take_back"),
    path(f"{ON_THE_DESK}inputs/<int:number>/tags/<int:tag>/remove/", inputs.untag, name="untag"),
    path(f"{ON_THE_DESK}codebook/", codebook.desk_codebook, name="codebook"),
    path(f"{ON_THE_DESK}codebook/<int:pk>/", codebook.desk_tag, name="codebook_tag"),
    path(f"{ON_THE_DESK}before/", before.desk_before, name="desk_before"),
    path(f"{ON_THE_DESK}before/merge/", before.merge, name="merge"),
    path(f"{ON_THE_DESK}before/<reference:reference>/", before.consideration, name="consideration"),
    path(f"{ON_THE_DESK}before/<reference:reference>/split/", before.split, name="split"),
    path(f"{ON_THE_DESK}before/<reference:reference>/undo/", before.undo, name="undo"),
    path(f"{ON_THE_DESK}outcomes/", drafts.desk_drafts, name="desk_drafts"),
    path(f"{ON_THE_DESK}outcomes/new/", drafts.draft_new, name="draft_new"),
    path(f"{ON_THE_DESK}outcomes/<reference:reference>/", drafts.draft_edit, name="draft_edit"),
    path(f"{ON_THE_DESK}outcomes/<reference:reference>/drop/", drafts.drop, name="drop_draft"),
    path(f"{ON_THE_DESK}outcomes/<reference:reference>/evidence/", drafts.link_evidence, name="link_evidence"),
    path(f"{ON_THE_DESK}evidence/<int:pk>/withdraw/", drafts.withdraw_evidence, name="withdraw_evidence"),
    path(f"{ON_THE_DESK}positions/", positions.desk_positions, name="desk_positions"),
    path(f"{ON_THE_DESK}positions/on-behalf/", positions.on_behalf, name="positions_on_behalf"),
    path(f"{ON_THE_DESK}positions/more-time/", desk.extend_validation, name="extend_validation"),
    path(f"{ON_THE_DESK}positions/corrections/<int:pk>/", positions.answer_correction, name="answer_correction"),
    path(f"{ON_THE_DESK}corrections/", corrections.desk_corrections, name="desk_corrections"),
    path(f"{ON_THE_DESK}corrections/<reference:reference>/", corrections.correct, name="correct"),
    path(f"{ON_THE_DESK}corrections/<reference:reference>/sign/", corrections.sign_correction, name="sign_correction"),
    path(f"{ON_THE_DESK}corrections/<reference:reference>/drop/", corrections.drop_correction, name="drop_correction"),
    path(
        f"{ON_THE_DESK}corrections/<reference:reference>/withdraw/",
        corrections.withdraw_outcome,
        name="withdraw_outcome",
    ),
    path(f"{ON_THE_DESK}flags/<int:pk>/", corrections.resolve_flag, name="resolve_flag"),
    path(f"{ON_THE_DESK}balance/", balance.balance, name="balance"),
    path(f"{ON_THE_DESK}balance/<slug:slug>/", balance.unasked, name="unasked"),
    path(f"{ON_THE_DESK}sign/", conclusion.sign, name="sign"),
    path(f"{ON_THE_DESK}conclude/", conclusion.conclude, name="conclude"),
    path(f"{ON_THE_DESK}roll-forwards/<int:pk>/", conclusion.roll_forward, name="roll_forward"),
]
