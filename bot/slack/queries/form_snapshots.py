"""Snapshots of the values that forms showed when opened, kept until they are submitted."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

import msgspec
import structlog

from bot.slack.ui.forms.form_fields import ShownValue
from bot.store import StoreUnavailable, StreamId
from bot.store.repositories.open_forms import OpenForm, OpenForms

KEPT_FOR = timedelta(days=7)
"""Age up to which a form's snapshot is kept; an older form is shown again before it is saved."""

log = structlog.get_logger()


class LeftForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form on top of which another one was opened: its name, target and what was entered until then."""

    callback_id: str
    private_metadata: str
    state: dict[str, Any]

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self:
        """Return a form as it was left, from the view of a button on it; raises msgspec.ValidationError."""
        return msgspec.convert(view, cls)

    @property
    def view(self) -> dict[str, Any]:
        """The view, as far as it is kept."""
        return msgspec.structs.asdict(self)


class FormSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Values that a form showed, and the model's version at that time.

    `left` is the form as its reader left it for another one on top of it; None if it is on top.
    """

    token: str
    stream: StreamId
    version: int
    shown: dict[str, ShownValue]
    at: datetime
    left: LeftForm | None = None


class FormSnapshots(msgspec.Struct, frozen=True, eq=False):
    """Snapshots of the forms that were opened in one workspace.

    Rows are written asynchronously, so that opening a form does not wait for the disk; until then they are
    read from memory. If a row is lost, its form is shown again before it is saved.
    """

    forms: OpenForms
    run_later: Callable[[Callable[[], object]], object]
    token: Callable[[], str] = lambda: secrets.token_urlsafe(9)
    _unwritten: dict[str, FormSnapshot] = {}

    def save(self, opened: FormSnapshot) -> None:
        """Store the values that a form shows."""
        self._unwritten[opened.token] = opened
        self.run_later(lambda: self._write(opened))

    def find(self, token: str, stream: StreamId) -> FormSnapshot | None:
        """Return a form's snapshot; None if there is none."""
        found = self._unwritten.get(token) or self._read(token)
        return found if found and found.stream == stream else None

    def _write(self, opened: FormSnapshot) -> None:
        try:
            self.forms.save(stored_form(opened))
        except StoreUnavailable as fault:
            log.warning("form snapshot not stored", fault=str(fault))
        finally:
            self._unwritten.pop(opened.token, None)

    def _read(self, token: str) -> FormSnapshot | None:
        found = self.forms.find(token) if token else None
        if found is None:
            return None
        try:
            kept = msgspec.json.decode(found.shown, type=_Kept)
        except msgspec.ValidationError as fault:
            log.warning("form snapshot of another release", fault=str(fault))
            return None
        return FormSnapshot(
            token=token,
            stream=found.stream,
            version=found.version,
            shown=kept.shown,
            at=found.at,
            left=kept.left,
        )


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    shown: dict[str, ShownValue]
    left: LeftForm | None = None


def stored_form(opened: FormSnapshot) -> OpenForm:
    """Return a snapshot in the store's format."""
    kept = msgspec.json.encode(_Kept(shown=opened.shown, left=opened.left))
    return OpenForm(
        token=opened.token, stream=opened.stream, version=opened.version, shown=kept, at=opened.at
    )
