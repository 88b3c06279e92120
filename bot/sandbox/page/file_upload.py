"""File uploads from the page: chosen with a button or dropped."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from nicegui.events import UploadEventArguments

from bot.sandbox.page.html_elements import button
from bot.sandbox.page.icons import icon

LARGEST = 20_000_000
"""Maximum bytes, because files are held in memory."""

DROPS = """
// Files that are dropped anywhere onto a conversation or thread are shared in it.
const attachingAt = (target) => target.closest?.('.pane, .panel')?.querySelector('.attaching');
document.addEventListener('dragover', (event) => {
    if (attachingAt(event.target)) event.preventDefault();
});
document.addEventListener('drop', (event) => {
    const attaching = attachingAt(event.target), files = [...event.dataTransfer.files];
    if (!attaching || !files.length) return;
    event.preventDefault();
    getElement(Number(attaching.id.slice(1))).$refs.qRef.addFiles(files);
});
"""
"""Script of the page."""

Share = Callable[[str, bytes], Awaitable[None]]
"""Shares a file, given its name and content."""


class FileUploader:
    """Upload button, and the pane onto which files can be dropped: see `DROPS`."""

    def __init__(self, share: Share, *, testid: str) -> None:
        self._share = share
        # Moved out of sight instead of hidden: a hidden element accepts no files.
        self._uploader: Any = ui.upload(
            multiple=True, auto_upload=True, max_file_size=LARGEST, on_upload=self._arrived
        ).classes("attaching")
        self._uploader.on("rejected", lambda: ui.notify("This file is too large.", type="negative"))
        picker = button(icon("clip", 18), css="composer-tool", label="Attach a file", testid=testid)
        picker.on("click", js_handler=f"() => getElement({self._uploader.id}).$refs.qRef.pickFiles()")

    async def _arrived(self, event: UploadEventArguments) -> None:
        await self._share(event.file.name, await event.file.read())
        self._uploader.reset()
