"""Files are uploaded in Slack's three steps, attached to messages, and served to permitted readers."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import struct
import urllib.request
from pathlib import Path

from slack_sdk import WebClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.api import Sandbox
from tests.sandbox.consent import refused, told
from tests.sandbox.small_bot import HOUSE, MANIFEST, Json

CSV = "door,lock\nfront,yes\nback,no\n" + "window,no\n" * 10
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 40, 30)
Headers = dict[str, str]


def fetched(address: str, headers: Headers) -> tuple[bytes, str]:
    """Return what is served at an address, and its type."""
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
        return answer.read(), str(answer.headers["Content-Type"])


def test_an_uploaded_file_is_attached_to_a_message_with_a_preview(
    workspace: Sandbox, client: WebClient
) -> None:
    client.files_upload_v2(
        filename="doors.csv", content=CSV, title="All doors", channel=HOUSE, initial_comment="As of today"
    )
    seen = workspace.person("ana").sees("#house")[0]
    assert (seen.plain, [file.title for file in seen.files]) == ("As of today", ["All doors"])
    file = told(client.conversations_history(channel=HOUSE))["messages"][0]["files"][0]
    assert list(file["shares"]["public"]) == [HOUSE]
    assert (file["filetype"], file["size"]) == ("csv", len(CSV))
    assert (file["preview"].splitlines()[0], file["lines_more"]) == ("door,lock", 8)


def test_several_files_share_one_message_in_a_thread(workspace: Sandbox, client: WebClient) -> None:
    ts = str(client.chat_postMessage(channel=HOUSE, text="card")["ts"])
    uploads: list[Json] = [
        {"filename": "a.md", "content": "# A"},
        {"filename": "b.png", "content": PNG, "alt_txt": "the plan"},
    ]
    client.files_upload_v2(file_uploads=uploads, channel=HOUSE, thread_ts=ts)
    reply = workspace.person("ana").thread("#house", ts)[-1]
    assert [file.name for file in reply.files] == ["a.md", "b.png"]
    picture = told(client.files_info(file=reply.files[1].id))["file"]
    assert (picture["original_w"], picture["original_h"], picture["alt_txt"]) == (40, 30, "the plan")
    assert client.files_info(file=reply.files[0].id)["content"] == "# A"


def test_the_asynchronous_client_uploads_too(workspace: Sandbox) -> None:
    async def upload() -> None:
        client = AsyncWebClient(token=workspace.bot_token, base_url=workspace.url)
        await client.files_upload_v2(filename="notes.txt", content="a note", channel=HOUSE)

    asyncio.run(upload())
    assert [file.name for file in workspace.person("ana").sees("#house")[0].files] == ["notes.txt"]


def test_file_content_is_served_to_the_token_and_to_browsers(workspace: Sandbox, client: WebClient) -> None:
    uploaded = told(client.files_upload_v2(filename="doors.csv", content=CSV))["file"]
    address = str(told(client.files_info(file=uploaded["id"]))["file"]["url_private"])
    assert fetched(address, {"Authorization": f"Bearer {workspace.bot_token}"})[0].decode() == CSV
    assert fetched(address, {"Sec-Fetch-Site": "same-origin"})[0].decode() == CSV
    strangers: list[Headers] = [
        {},
        {"Authorization": "Bearer xoxb-another"},
        {"Sec-Fetch-Site": "cross-site"},
    ]
    for stranger in strangers:
        assert "Sign in" in fetched(address, stranger)[0].decode()


def test_a_deleted_file_is_no_longer_attached(workspace: Sandbox, client: WebClient) -> None:
    client.files_upload_v2(filename="doors.csv", content=CSV, channel=HOUSE, initial_comment="As of today")
    file = workspace.person("ana").sees("#house")[0].files[0]
    client.files_delete(file=file.id)
    assert workspace.person("ana").sees("#house")[0].plain == "As of today"
    hanging = told(client.conversations_history(channel=HOUSE))["messages"][0]["files"]
    assert hanging == [{"id": file.id, "mode": "tombstone"}]
    assert refused(lambda: client.files_delete(file=file.id)) == "file_not_found"


def test_no_one_deletes_the_file_of_someone_else(workspace: Sandbox, client: WebClient) -> None:
    file = workspace.person("ana").upload("#house", "model.json", "{}").files[0]
    assert refused(lambda: client.files_delete(file=file.id)) == "cant_delete_file"


def test_an_upload_of_a_person_sends_an_event_and_can_be_fetched(
    workspace: Sandbox, client: WebClient
) -> None:
    shared = workspace.person("ana").upload("#house", "model.json", '{"doors": 2}', text="the model")
    workspace.wait_until(lambda: len(workspace.deliveries) == 2)
    events = [delivery.payload["event"] for delivery in workspace.deliveries]
    assert [(event["type"], event.get("subtype")) for event in events] == [
        ("message", "file_share"),
        ("file_shared", None),
    ]
    file = told(client.files_info(file=events[1]["file_id"]))["file"]
    content = fetched(str(file["url_private"]), {"Authorization": f"Bearer {workspace.bot_token}"})
    assert content == (b'{"doors": 2}', "text/plain; charset=utf-8")
    assert shared.files[0].owner == "U0ANA0001"


def test_a_file_shared_without_the_bot_is_not_found(workspace: Sandbox, client: WebClient) -> None:
    file = workspace.person("ana").upload("#house-keys", "keys.txt", "under the mat").files[0]
    assert refused(lambda: client.files_info(file=file.id)) == "file_not_found"


def test_a_file_that_was_never_uploaded_is_not_found(client: WebClient) -> None:
    announced = client.files_getUploadURLExternal(filename="a.txt", length=3)
    done: list[Json] = [{"id": announced["file_id"], "title": "a"}]
    assert refused(lambda: client.files_completeUploadExternal(files=done)) == "file_not_found"


def test_a_channel_without_the_bot_takes_no_file(workspace: Sandbox, client: WebClient) -> None:
    workspace.remove_bot("#house")
    announced = client.files_getUploadURLExternal(filename="a.txt", length=3)
    urllib.request.urlopen(str(announced["upload_url"]), data=b"abc", timeout=30).close()
    done: list[Json] = [{"id": announced["file_id"], "title": "a"}]
    assert (
        refused(lambda: client.files_completeUploadExternal(files=done, channel_id=HOUSE)) == "not_in_channel"
    )


def test_without_the_scope_nothing_is_uploaded() -> None:
    with Sandbox(manifest=MANIFEST).start() as started:
        client = WebClient(token=started.bot_token, base_url=started.url)

        assert refused(lambda: client.files_getUploadURLExternal(filename="a", length=3)) == "missing_scope"


def test_files_survive_a_restart(tmp_path: Path) -> None:
    with Sandbox(data=tmp_path).start() as first:
        client = WebClient(token=first.bot_token, base_url=first.url)
        client.files_upload_v2(filename="doors.csv", content=CSV, channel=HOUSE)
    with Sandbox(data=tmp_path).start() as again:
        file = again.person("ana").sees("#house")[0].files[0]
        assert again.workspace.files.text(file.id) == CSV
        assert again.workspace.files.address(file).startswith(again.url.removesuffix("/api/"))
