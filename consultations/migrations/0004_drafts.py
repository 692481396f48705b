import django.db.models.deletion
from django.db import migrations, models

import consultations.models.inputs


def name_each_form(apps, schema_editor):
    """Every input that is there gets a key of its own, as if each had come from another copy of the form."""
    inputs = apps.get_model("consultations", "Input").objects.filter(form_key=None)
    for input in inputs.only("pk").iterator():
        inputs.model.objects.filter(pk=input.pk).update(form_key=consultations.models.inputs.new_form_key())


class Migration(migrations.Migration):
    dependencies = [("consultations", "0003_regions")]

    operations = [
        migrations.AlterField(
            model_name="input",
            name="area",
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="inputs", to="consultations.cooperationarea", verbose_name="cooperation area"),
        ),
        *(
            operation
            for model in ["historicalinput", "input"]
            for operation in [
                migrations.AlterField(
                    model_name=model,
                    name="kind",
                    field=models.CharField(blank=True, choices=[("challenge", "challenge"), ("opportunity", "opportunity"), ("good_practice", "good practice"), ("proposal", "proposal"), ("commitment", "commitment"), ("question", "question")], max_length=13, verbose_name="kind"),
                ),
                migrations.AlterField(
                    model_name=model,
                    name="title",
                    field=models.CharField(blank=True, max_length=120, verbose_name="title"),
                ),
                migrations.AlterField(model_name=model, name="text", field=models.TextField(blank=True, verbose_name="text")),
            ]
        ),
        migrations.AddField(
            model_name="input",
            name="revision",
            field=models.PositiveIntegerField(default=1, editable=False, verbose_name="revision"),
        ),
        migrations.AddField(model_name="input", name="form_key", field=models.CharField(editable=False, max_length=32, null=True)),
        migrations.RunPython(name_each_form, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="input",
            name="form_key",
            field=models.CharField(default=consultations.models.inputs.new_form_key, editable=False, max_length=32),
        ),
        migrations.AddConstraint(
            model_name="input",
            constraint=models.UniqueConstraint(fields=("participation", "form_key"), name="consultations_input_once_per_form"),
        ),
        migrations.AddConstraint(
            model_name="input",
            constraint=models.CheckConstraint(
                condition=models.Q(("submitted_at__isnull", True), models.Q(("area__isnull", False), models.Q(("kind", ""), _negated=True), models.Q(("title", ""), _negated=True), models.Q(("text", ""), _negated=True)), _connector="OR"),
                name="consultations_input_submitted_is_complete",
                violation_error_message="An input that was submitted has an area, a kind, a title and a text.",
            ),
        ),
    ]
