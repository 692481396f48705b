"""What is kept for good: rows that are never deleted, and texts that are never changed."""

from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class FrozenError(Exception):
    """Somebody tried to change or delete what is kept for good. A fault of the program, not of a person."""


class KeptQuerySet(models.QuerySet[M]):
    """Rows that are never deleted."""

    def delete(self) -> tuple[int, dict[str, int]]:
        raise FrozenError(f"{self.model._meta.label} is kept for good")


class Kept(models.Model):
    """A row that is never deleted."""

    class Meta:
        abstract = True

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise FrozenError(f"{self._meta.label} is kept for good")
