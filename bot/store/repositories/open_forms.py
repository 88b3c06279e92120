"""Open forms: their initial content, until they are submitted."""

from datetime import datetime

import msgspec

from bot.store.records import StreamId
from bot.store.sql.rows import Repository, Table


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    """Content of a form about a model when it was opened, and the version of the model.

    `shown` is JSON, which this store does not parse.
    """

    token: str
    stream: StreamId
    version: int
    shown: bytes
    at: datetime


FORMS = Table("open_forms", OpenForm, "token")


class OpenForms(Repository):
    """Open forms of one workspace."""

    def save(self, *forms: OpenForm) -> None:
        """Store the content of forms; a stored one stays unchanged."""
        for form in forms:
            self._rows.own(form.stream)
        self._rows.write_each(FORMS.add_missing, [FORMS.row(form) for form in forms])

    def find(self, token: str) -> OpenForm | None:
        """Return the content of a form, if it is stored."""
        return self._rows.find(FORMS, token=token)
