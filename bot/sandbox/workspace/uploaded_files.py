"""Uploaded files and canvases of the workspace."""

import mimetypes
import secrets
import threading
from collections.abc import Iterable
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from bot.sandbox.slack_json import ApiError
from bot.sandbox.workspace.record_storage import RecordStorage
from bot.sandbox.workspace.seed_data import Team
from bot.sandbox.workspace.workspace_clock import IdGenerator, WorkspaceClock

PREVIEW_LINES = 5
PREVIEW_CHARACTERS = 2_000
LARGEST = 1_000_000_000
"""Maximum bytes of a file in Slack."""


class UploadedFile(Struct, frozen=True, kw_only=True):
    """One file; an announcement until it is complete."""

    id: str
    name: str
    title: str
    size: int
    owner: str
    created: int
    alt_text: str = ""
    snippet_type: str = ""
    complete: bool = False
    in_form: bool = False
    """Whether it was uploaded in a form of the app, and is in no conversation."""

    @property
    def mimetype(self) -> str:
        """The MIME type, derived from the name."""
        if self.snippet_type:
            return "text/plain"
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def is_text(self) -> bool:
        """Whether it is readable text."""
        return self.mimetype.startswith("text/") or self.mimetype in ("application/json", "application/yaml")

    @property
    def is_image(self) -> bool:
        """Whether it is displayed as a picture."""
        return self.mimetype.startswith("image/")


class UploadedFiles:
    """All files of a workspace with their content."""

    def __init__(self, clock: WorkspaceClock, numbers: IdGenerator, kept: RecordStorage, team: str) -> None:
        """`team` is the ID of the workspace."""
        self.base_url = ""
        """The address at which their content is served."""
        self._team, self._clock, self._numbers, self._kept = team, clock, numbers, kept
        self._lock = threading.Lock()
        self._uploads: dict[str, str] = {}
        self._files = kept.read_all("file", UploadedFile)
        self._contents = kept.read_all("content", bytes)

    def announce(
        self, *, name: str, size: int, owner: str, alt_text: str = "", snippet_type: str = ""
    ) -> tuple[UploadedFile, str]:
        """Return a new file without content, and its upload address."""
        file = UploadedFile(
            id=self._numbers.new_id("F"),
            name=name,
            title=name,
            size=size,
            owner=owner,
            created=int(self._clock.now()),
            alt_text=alt_text,
            snippet_type=snippet_type,
        )
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._files[file.id] = file
            self._uploads[ticket] = file.id
        return file, f"{self.base_url}/upload/v1/{ticket}"

    def upload(self, ticket: str, content: bytes) -> UploadedFile:
        """Store a file's content; raises ApiError for an unknown or used ticket."""
        with self._lock:
            file_id = self._uploads.pop(ticket, None)
            if file_id is None:
                raise ApiError("file_not_found")
            self._contents[file_id] = content
            self._kept.save("content", file_id, content)
            return self._put(replace(self._files[file_id], size=len(content)))

    def complete(self, file_id: str, title: str | None) -> UploadedFile:
        """Mark a file as complete; raises ApiError if its content was never uploaded."""
        with self._lock:
            file = self._files.get(file_id)
            if file is None or file_id not in self._contents:
                raise ApiError("file_not_found")
            return self._put(replace(file, title=title or file.title, complete=True))

    def add(self, *, name: str, content: bytes, owner: str, in_form: bool = False) -> UploadedFile:
        """Return a file that a person shares, or uploads in a form."""
        announced, address = self.announce(name=name, size=len(content), owner=owner)
        self.upload(address.rpartition("/")[2], content)
        with self._lock:
            return self._put(replace(self._files[announced.id], complete=True, in_form=in_form))

    def delete(self, file_id: str) -> None:
        """Delete a file; raises ApiError."""
        with self._lock:
            if self._files.pop(file_id, None) is None:
                raise ApiError("file_not_found")
            self._contents.pop(file_id, None)
            self._kept.drop("file", file_id)
            self._kept.drop("content", file_id)

    def file(self, file_id: str) -> UploadedFile:
        """Return a complete file; raises ApiError."""
        file = self._files.get(file_id)
        if file is None or not file.complete:
            raise ApiError("file_not_found")
        return file

    def all(self) -> tuple[UploadedFile, ...]:
        """Return every complete file."""
        with self._lock:
            return tuple(file for file in self._files.values() if file.complete)

    def there(self, file_ids: Iterable[str]) -> tuple[UploadedFile, ...]:
        """Return the complete files among some; others were deleted."""
        files = (self._files.get(one) for one in file_ids)
        return tuple(file for file in files if file is not None and file.complete)

    def content(self, file_id: str) -> bytes:
        """Return the content of a complete file; raises ApiError."""
        return self._contents[self.file(file_id).id]

    def text(self, file_id: str) -> str:
        """Return a text file's content, with invalid UTF-8 replaced; raises ApiError."""
        return self.content(file_id).decode(errors="replace")

    def preview(self, file_id: str) -> tuple[str, int]:
        """Return a text file's first lines, and the number of remaining ones; raises ApiError."""
        lines = self.text(file_id).splitlines()
        # A line may be as long as the file, but a preview must stay short.
        return "\n".join(lines[:PREVIEW_LINES])[:PREVIEW_CHARACTERS], max(0, len(lines) - PREVIEW_LINES)

    def address(self, file: UploadedFile) -> str:
        """Return the address at which a file's content is served."""
        return f"{self.base_url}/files-pri/{self._team}-{file.id}/{_in_a_path(file.name)}"

    def _put(self, file: UploadedFile) -> UploadedFile:
        self._files[file.id] = file
        self._kept.save("file", file.id, file)
        return file


def _in_a_path(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name.lower())


class Canvas(Struct, frozen=True, kw_only=True):
    """One canvas in its current state; without a channel if it is not a channel's tab."""

    id: str
    title: str
    markdown: str
    channel: str = ""
    permalink: str = ""
    """The address of the canvas."""


class Canvases:
    """All canvases of a workspace."""

    def __init__(self, numbers: IdGenerator, kept: RecordStorage, team: Team) -> None:
        self._documents = f"https://{team.domain}.slack.com/docs/{team.id}/"
        self._numbers, self._kept = numbers, kept
        self._lock = threading.Lock()
        self._canvases = kept.read_all("canvas", Canvas)

    def create(self, *, title: str, markdown: str, channel: str = "") -> Canvas:
        """Create a canvas."""
        with self._lock:
            canvas_id = self._numbers.new_id("F")
            permalink = f"{self._documents}{canvas_id}"
            return self._put(
                Canvas(id=canvas_id, title=title, markdown=markdown, channel=channel, permalink=permalink)
            )

    def write(self, canvas_id: str, markdown: str) -> Canvas:
        """Replace the content of a canvas; raises ApiError."""
        with self._lock:
            return self._put(replace(self.canvas(canvas_id), markdown=markdown))

    def delete(self, canvas_id: str) -> None:
        """Delete a canvas; raises ApiError."""
        with self._lock:
            del self._canvases[self.canvas(canvas_id).id]
            self._kept.drop("canvas", canvas_id)

    def canvas(self, canvas_id: str) -> Canvas:
        """Return a canvas; raises ApiError."""
        found = self._canvases.get(canvas_id)
        if found is None:
            raise ApiError("canvas_not_found")
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
