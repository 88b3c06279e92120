"""Endpoints for file uploads and downloads."""

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.workspace.installed_places import InstalledPlaces
from bot.sandbox.workspace.issued_tokens import TokenRefused
from bot.sandbox.workspace.uploaded_files import LARGEST, FileNotFound
from bot.sandbox.workspace.workspace_state import Workspace

_SHOWN = ("image/", "text/plain", "application/pdf")
"""Types that a browser may display; other files can only be saved."""


class FileEndpoints:
    """Endpoints at the addresses in file objects."""

    def __init__(self, installations: InstalledPlaces) -> None:
        self._installations = installations

    def routes(self) -> list[Route]:
        """Return the routes of the endpoints."""
        return [
            Route("/upload/v1/{ticket}", self._upload, methods=["POST", "PUT"]),
            Route("/files-pri/{team}-{file}/{name}", self._content, methods=["GET"]),
        ]

    async def _upload(self, request: Request) -> Response:
        content = await _body(request)
        if not content or len(content) > LARGEST:
            return PlainTextResponse("invalid content", status_code=400)
        for workspace in self._installations.workspaces:
            try:
                file = workspace.files.upload(str(request.path_params["ticket"]), content)
            except FileNotFound:
                continue
            return PlainTextResponse(f"OK - {file.size}")
        return PlainTextResponse("no such upload", status_code=404)

    async def _content(self, request: Request) -> Response:
        team = str(request.path_params["team"])
        workspace = next((one for one in self._installations.workspaces if one.team.id == team), None)
        if workspace is None or not self._may_read(request, workspace):
            # Slack answers unauthenticated requests with its sign-in page, and with 200.
            return HTMLResponse("<!DOCTYPE html><title>Slack</title><h1>Sign in to your workspace</h1>")
        files = workspace.files
        try:
            file = files.file(str(request.path_params["file"]))
            content = files.content(file.id)
        except FileNotFound:
            return PlainTextResponse("file not found", status_code=404)
        media = "text/plain" if file.is_text else file.mimetype
        shown = media.startswith(_SHOWN) and "download" not in request.query_params
        how = "inline" if shown else "attachment"
        return Response(
            content,
            media_type=media,
            headers={
                "Content-Disposition": f'{how}; filename="{_plain(file.name)}"',
                # A file is untrusted content: it must not run as part of the page.
                "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _may_read(self, request: Request, workspace: Workspace) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token:
            try:
                _, valid = self._installations.check(token)
            except TokenRefused:
                return False
            return workspace in valid and workspace.app.may("files:read")
        # A browser sends the origin of a request; other programs need the token.
        return request.headers.get("sec-fetch-site") in ("same-origin", "none")


async def _body(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for part in form.values():
            return await part.read() if isinstance(part, UploadFile) else part.encode()
    return b""


def _plain(name: str) -> str:
    return "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_"
        for letter in name
    )
