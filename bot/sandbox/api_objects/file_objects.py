"""File objects."""

import struct

from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.uploaded_files import FileNotFound, UploadedFile
from bot.sandbox.workspace.workspace_state import Workspace

_PNG = b"\x89PNG\r\n\x1a\n"
_PRETTY = {
    "csv": "CSV",
    "json": "JSON",
    "md": "Markdown (raw)",
    "pdf": "PDF",
    "png": "PNG",
    "txt": "Plain Text",
}


def attached_file_object(workspace: Workspace, file_id: str) -> Json:
    """Return a file attached to a message, or its placeholder after deletion."""
    try:
        return file_object(workspace, workspace.files.file(file_id))
    except FileNotFound:
        return {"id": file_id, "mode": "tombstone"}


def file_object(workspace: Workspace, file: UploadedFile) -> Json:
    """Return a file object."""
    files = workspace.files
    address = files.address(file)
    ending = file.name.rpartition(".")[2].lower() if "." in file.name else ""
    kind = file.snippet_type or {"txt": "text", "md": "markdown", "jpeg": "jpg"}.get(
        ending, ending or "binary"
    )
    shape: Json = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": kind,
        "pretty_type": _PRETTY.get(ending, ending.upper() or "Binary"),
        "user": file.owner,
        "user_team": workspace.team.id,
        "editable": bool(file.snippet_type),
        "size": file.size,
        "mode": "snippet" if file.is_text else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": not file.in_form,
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": address,
        "url_private_download": f"{address}?download=1",
        "permalink": f"https://{workspace.team.domain}.slack.com/files/{file.owner}/{file.id}",
        "comments_count": 0,
        "is_starred": False,
        "file_access": "visible",
        "has_rich_preview": False,
        **_shared(workspace, file),
    }
    if file.alt_text:
        shape["alt_txt"] = file.alt_text
    if file.is_text:
        preview, more = files.preview(file.id)
        shape |= {"preview": preview, "lines": preview.count("\n") + 1 + more, "lines_more": more}
    if file.is_image:
        shape |= {"thumb_360": address, **_measured(files.content(file.id))}
    return shape


def _shared(workspace: Workspace, file: UploadedFile) -> Json:
    """Return the messages with a file, by kind of conversation."""
    fields: Json = {"channels": [], "groups": [], "ims": [], "shares": {"public": {}, "private": {}}}
    for channel in workspace.where_shared(file.id):
        kind = "ims" if channel.is_im else "groups" if channel.is_private else "channels"
        fields[kind].append(channel.id)
        messages = [one for one in workspace.messages(channel.id, None) if file.id in one.files]
        shares = [{"ts": one.ts, "thread_ts": one.thread, "channel_name": channel.name} for one in messages]
        fields["shares"]["public" if kind == "channels" else "private"][channel.id] = shares
    return fields


def _measured(content: bytes) -> Json:
    """Return the size of a picture, if its format is known."""
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return {"original_w": width, "original_h": height}
    return {}
