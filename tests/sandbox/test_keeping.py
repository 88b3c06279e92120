"""A workspace with a data directory resumes its state, also after a kill."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import json
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from slack_sdk import WebClient

from bot.sandbox.api import Sandbox, StorageUnusable
from bot.sandbox.workspace.record_storage import FILE
from tests.sandbox.small_bot import MANIFEST, form, plain, small_bot

HOUSE = "C0HOUSE01"
HOUR = 3_600


@contextmanager
def opened(data: Path) -> Generator[Sandbox]:
    """Open the workspace of a directory."""
    with Sandbox(manifest=MANIFEST, data=data, event_retries=()).start() as started:
        yield started


def client_of(sandbox: Sandbox) -> WebClient:
    """Return a client with the bot's token."""
    return WebClient(token=sandbox.bot_token, base_url=sandbox.url)


def test_tokens_survive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        before = first.tokens
    with opened(tmp_path) as again:
        assert again.tokens == before
        assert client_of(again).auth_test()["ok"]


def test_messages_edits_and_deletions_survive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        client = client_of(first)
        card = str(client.chat_postMessage(channel=HOUSE, text="card")["ts"])
        gone = str(client.chat_postMessage(channel=HOUSE, text="gone")["ts"])
        client.chat_postMessage(channel=HOUSE, text="detail", thread_ts=card)
        client.chat_update(channel=HOUSE, ts=card, text="card, edited")
        client.chat_delete(channel=HOUSE, ts=gone)
        first.person("ana").say("@ben", "psst")
        before = first.person("ana").sees("#house")
    with opened(tmp_path) as again:
        ana, ben = again.person("ana"), again.person("ben")
        assert ana.sees("#house") == before
        assert [one.plain for one in before] == ["card, edited"]
        assert [one.plain for one in ana.thread("#house", card)] == ["card, edited", "detail"]
        assert [message.plain for message in ben.sees("@ana")] == ["psst"]
        client_of(again).chat_update(channel=HOUSE, ts=card, text="card, edited again")


def test_changes_of_people_and_channels_survive_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        first.deactivate("chi")
        first.change_person("ben", name="Benedict")
        first.change_channel("#house", name="home", is_ext_shared=True)
        first.invite_bot("#house-keys")
        first.delete_channel("#general")
        first.revoke_token()
        before = (first.workspace.people, first.workspace.channels)
    with opened(tmp_path) as again:
        assert (again.workspace.people, again.workspace.channels) == before
        assert again.workspace.app.refusing == "token_revoked"


def test_home_tabs_and_open_forms_survive_with_their_input(tmp_path: Path) -> None:
    with opened(tmp_path) as first, small_bot(first):
        ana = first.person("ana")
        ana.command("#house", "/small form")
        ana.fill("Name", "Lamp")
        home = {"type": "home", "blocks": [{"type": "header", "text": plain("Your things")}]}
        client_of(first).views_publish(user_id=ana.id, view=home)
    with opened(tmp_path) as again, small_bot(again) as bot:
        ana = again.person("ana")
        modal, home_tab = ana.modal, ana.home()
        assert modal is not None
        assert modal.values["Name"] == "Lamp"
        assert home_tab is not None
        assert home_tab.plain == "Your things"
        ana.submit()
        assert bot.bodies[-1]["view"]["state"]["values"]["name"]["entry"]["value"] == "Lamp"
        assert ana.modal is None
    with opened(tmp_path) as later:
        assert later.person("ana").modal is None


def test_views_on_top_of_each_other_stay_in_order(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        views = first.client.parts.views
        for number in range(3):
            (views.push if number else views.open)("U0ANA0001", form(f"Form {number}"))
    with opened(tmp_path) as again:
        stack = again.client.parts.views.stack("U0ANA0001")
        assert [view.body["title"]["text"] for view in stack] == ["Form 0", "Form 1", "Form 2"]


def test_a_response_url_keeps_its_remaining_uses(tmp_path: Path) -> None:
    def answer(sandbox: Sandbox, url: str) -> int:
        path = url.split("/respond/")[1]
        address = sandbox.url.replace("/api/", f"/respond/{path}")
        sent = urllib.request.Request(address, data=json.dumps({"text": "later"}).encode())
        try:
            with urllib.request.urlopen(sent, timeout=30) as taken:
                return taken.status
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code

    with opened(tmp_path) as first:
        url = str(first.person("ana").command("#house", "/small later").payload["response_url"])
        assert [answer(first, url) for _ in range(3)] == [200] * 3
    with opened(tmp_path) as again:
        assert [answer(again, url) for _ in range(3)] == [200, 200, 404]


def test_unread_marks_and_a_moved_clock_stay(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        first.clock.move(2 * HOUR)
        first.person("ana").say("#house", "hello")
        first.workspace.mark_read("U0BEN0002", HOUSE)
    with opened(tmp_path) as again:
        assert again.clock.moved == 2 * HOUR
        assert again.workspace.unread("U0BEN0002", HOUSE) == 0
        assert again.workspace.unread("U0CHI0003", HOUSE) == 1


def test_ids_and_timestamps_are_never_reused(tmp_path: Path) -> None:
    seen: set[str] = set()
    for _ in range(3):
        with opened(tmp_path) as sandbox:
            sandbox.clock.move(-HOUR)
            handed = [sandbox.workspace.new_id("V") for _ in range(5)]
            handed += [sandbox.workspace.new_ts() for _ in range(5)]
            assert not seen & set(handed)
            assert max(handed[5:]) > max([one for one in seen if "." in one], default="")
            seen |= set(handed)


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.sandbox.api import Sandbox
sandbox = Sandbox(data=Path(sys.argv[1])).start()
said = sandbox.person("ana").say("#house", "one last word")
print(said.ts, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_visible_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, timeout=30, check=False
    )
    with opened(tmp_path) as again:
        seen = again.person("ben").sees("#house")
        assert [(one.ts, one.plain) for one in seen] == [(killed.stdout.strip(), "one last word")]


def test_a_directory_has_one_workspace_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(StorageUnusable, match="in use"):
        Sandbox(data=tmp_path)


def test_an_unreadable_file_is_reported_with_its_fix(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        "no database, for all its length, and not one either on a second look\n" * 20
    )
    with pytest.raises(StorageUnusable, match="cannot be used"):
        Sandbox(data=tmp_path)


def test_the_file_with_the_tokens_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with opened(tmp_path):
        assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
