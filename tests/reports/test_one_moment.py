"""What is gathered is of one moment, and nobody waits for it."""

from threading import Thread

import pytest
from django.db import connection, transaction

from consultations.models import Series
from reports.snapshot import _one_moment
from tests.factories import make_series


def in_another_connection(act) -> None:
    def run() -> None:
        try:
            with transaction.atomic():
                act()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join(timeout=20)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_others_write_meanwhile_and_it_does_not_see_that():
    make_series()
    with _one_moment():
        assert Series.objects.get().title == "Cities and business"
        in_another_connection(lambda: Series.objects.update(title="After"))
        assert Series.objects.get().title == "Cities and business"
    assert Series.objects.get().title == "After"
    with transaction.atomic():
        Series.objects.update(title="Later")
    assert Series.objects.get().title == "Later"
