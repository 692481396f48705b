"""The Celery application. Rows are the truth, the broker is only a bell: see `jobs/`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("consultations")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
