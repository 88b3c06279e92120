"""Open forms in memory."""

from collections.abc import Iterable
from datetime import datetime

from bot.store.memory.database import MemoryDatabase, Table
from bot.store.ownership import check_ownership
from bot.store.records import StreamId
from bot.store.repositories.open_forms import OpenForm


class MemoryOpenForms:
    """Open forms in memory."""

    def __init__(self, database: MemoryDatabase, tenant: str) -> None:
        self._database = database
        self._forms = Table(database, tenant, "open forms", OpenForm)

    def save(self, forms: Iterable[OpenForm]) -> None:
        """Store what forms show; a known one stays unchanged."""
        with self._database.writing():
            for one in forms:
                check_ownership(one.stream, self._forms.tenant)
                self._forms.add(one, one.token)

    def find(self, token: str) -> OpenForm | None:
        """Return what a form showed, if it is known."""
        return self._forms.get(token)

    def forget_before(self, moment: datetime) -> None:
        """Delete the forms that are older than a moment."""
        with self._database.writing():
            for one in self._forms.all():
                if one.at < moment:
                    self._forms.delete(one.token)

    def forget_model(self, stream: StreamId) -> None:
        """Delete the forms of a model: they show erased text."""
        with self._database.writing():
            for one in self._forms.all():
                if one.stream == stream:
                    self._forms.delete(one.token)
