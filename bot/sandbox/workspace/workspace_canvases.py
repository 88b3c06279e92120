"""Canvases of the workspace."""

import threading
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.workspace.id_generator import IdGenerator
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.seed_data import FIRST_TEAM, Team


class UnknownCanvas(Exception):
    """Error: no canvas has that ID."""


def _documents(team: Team) -> str:
    return f"https://{team.domain}.slack.com/docs/{team.id}/"


class Canvas(Struct, frozen=True, kw_only=True):
    """One canvas in its current state; without a channel if it is not a channel's tab."""

    id: str
    title: str
    markdown: str
    channel: str = ""
    documents: str = _documents(FIRST_TEAM)
    """The address of the workspace's documents."""

    @property
    def permalink(self) -> str:
        """The address of the canvas."""
        return f"{self.documents}{self.id}"


class Canvases:
    """All canvases of a workspace."""

    def __init__(self, numbers: IdGenerator, kept: RecordStorage, team: Team) -> None:
        self._documents = _documents(team)
        self._numbers = numbers
        self._kept = kept
        self._lock = threading.Lock()
        self._canvases = kept.read_all("canvas", Canvas)

    def create(self, *, title: str, markdown: str, channel: str = "") -> Canvas:
        """Create a canvas."""
        with self._lock:
            new = Canvas(
                id=self._numbers.new_id("F"),
                title=title,
                markdown=markdown,
                channel=channel,
                documents=self._documents,
            )
            return self._put(new)

    def write(self, canvas_id: str, markdown: str) -> Canvas:
        """Replace the content of a canvas; raises UnknownCanvas."""
        with self._lock:
            return self._put(replace(self.canvas(canvas_id), markdown=markdown))

    def delete(self, canvas_id: str) -> None:
        """Delete a canvas; raises UnknownCanvas."""
        with self._lock:
            del self._canvases[self.canvas(canvas_id).id]
            self._kept.drop("canvas", canvas_id)

    def canvas(self, canvas_id: str) -> Canvas:
        """Return a canvas; raises UnknownCanvas."""
        found = self._canvases.get(canvas_id)
        if found is None:
            raise UnknownCanvas(canvas_id)
        return found

    def all(self) -> tuple[Canvas, ...]:
        """Return all canvases, the oldest first."""
        return tuple(self._canvases.values())

    def linked(self, address: str) -> Canvas | None:
        """Return the canvas at an address, if there is one."""
        return self._canvases.get(urlsplit(address).path.removeprefix(urlsplit(self._documents).path))

    def _put(self, canvas: Canvas) -> Canvas:
        self._canvases[canvas.id] = canvas
        self._kept.save("canvas", canvas.id, canvas)
        return canvas
