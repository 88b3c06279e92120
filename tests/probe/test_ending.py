"""However the probe ends, its messages are deleted: immediately, or at the next run."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from bot.operator_error import OperatorError
from bot.probe.probe_channel import EVENT_TYPE, ArtifactLog, ArtifactLogUnusable, ProbeChannel, Redactor
from bot.probe.probe_run import clean_up
from bot.slack.protocol.web_api_client import SlackApi
from tests.depth import deep_also, deep_only
from tests.forked_popen import ForkedPopen
from tests.probe.probe_workspace import HOUSE, ProbeWorkspace, open_probe_workspace


def started(place: ProbeWorkspace, *words: str) -> "subprocess.Popen[str]":
    """The command in a process of its own, at the pace that it has with Slack."""
    command = [sys.executable, "-m", "tests.probe.interruptible_command_line", "doctor", *words]
    return ForkedPopen(
        command,
        env={**os.environ, **place.environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def in_the_middle(place: ProbeWorkspace, running: "subprocess.Popen[str]", calls: int) -> None:
    """Wait until a process has written in the workspace, and has noted that down."""
    sent = place.sandbox.calls_of
    place.sandbox.wait_until(lambda: len(sent("chat.postMessage")) >= calls, 120)
    ts = str(sent("chat.postMessage")[calls - 1].answer["ts"])
    place.sandbox.wait_until(lambda: ts in place.notes.read_text(), 120)
    assert running.poll() is None


@deep_only
@pytest.mark.parametrize("end", [signal.SIGTERM, *deep_also((signal.SIGINT,))])
def test_an_interruption_deletes_everything_and_writes_the_answers_so_far(
    place: ProbeWorkspace, end: signal.Signals
) -> None:
    running = started(place, "--probe", "#house", "--alone", "-o", str(place.file))
    in_the_middle(place, running, 2)
    running.send_signal(end)
    said, _ = running.communicate(timeout=90)
    assert running.returncode != 0
    assert place.remains() == []
    assert not place.notes.exists()
    assert "Everything that the probe created is deleted" in said
    assert place.points()["fields"]["status"] == "answered"
    assert place.points()["canvas"] == {"status": "skipped", "reason": "not_reached"}


@pytest.mark.parametrize("calls", [3, *deep_also((1,))])
def test_after_a_kill_the_next_run_deletes_the_rest(place: ProbeWorkspace, calls: int) -> None:
    running = started(place, "--probe", "#house", "--alone", "-o", str(place.file))
    in_the_middle(place, running, calls)
    running.kill()
    running.communicate(timeout=90)
    assert place.remains() != []
    cleaning = started(place, "--clean-up")
    said, wrong = cleaning.communicate(timeout=90)
    assert (cleaning.returncode, wrong) == (0, "")
    assert "deleted" in said
    assert place.remains() == []
    assert not place.notes.exists()


def test_a_file_that_cannot_be_written_is_found_before_anything_is_posted(place: ProbeWorkspace) -> None:
    place.file = place.file.parent / "missing" / "answers.json"
    with pytest.raises(OperatorError, match="cannot be written"):
        place.probe(alone=True)
    assert not any(exchange.title == "chat.postMessage" for exchange in place.sandbox.exchanges)


def test_everything_is_deleted_though_the_answers_cannot_be_written(place: ProbeWorkspace) -> None:
    folder = place.file.parent / "removed"
    folder.mkdir()
    place.file = folder / "answers.json"
    place.said = Telling(lambda: rmtree(folder, ignore_errors=True))
    with pytest.raises(OperatorError, match="cannot be written"):
        place.probe(alone=True, only=frozenset({"largest_card"}))
    assert place.remains() == []
    assert not place.notes.exists()


class Telling(list[str]):
    """The lines that are told; something happens with each of them."""

    def __init__(self, happens: Callable[[], object]) -> None:
        super().__init__()
        self._happens = happens

    def append(self, line: str, /) -> None:
        super().append(line)
        self._happens()


def test_a_second_probe_deletes_the_messages_of_the_first(place: ProbeWorkspace) -> None:
    notes = ArtifactLog(place.notes)
    posted = place.sandbox.person("ana")
    api = SlackApi(token=place.sandbox.bot_token, base_url=place.sandbox.url)
    one = notes.record_intent("message", channel=HOUSE)
    notes.record_created(one, str(api.call("chat.postMessage", channel=HOUSE, text="Left behind")["ts"]))
    notes.close()
    assert [message.text for message in posted.sees("#house")] == ["Left behind"]
    place.probe(alone=True)
    assert place.remains() == []


def site(place: ProbeWorkspace) -> ProbeChannel:
    api = SlackApi(token=place.sandbox.bot_token, base_url=place.sandbox.url)
    return ProbeChannel(api, ArtifactLog(place.notes), place.pace(), Redactor())


def test_an_interruption_during_a_post_waits_for_its_record(
    place: ProbeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, before = SlackApi.call, signal.signal(signal.SIGINT, signal.default_int_handler)

    def call(self: SlackApi, name: str, **arguments: object) -> Any:
        told = real(self, name, **arguments)
        signal.raise_signal(signal.SIGINT)
        return told

    there = site(place)
    monkeypatch.setattr(SlackApi, "call", call)
    with pytest.raises(KeyboardInterrupt):
        there.post(HOUSE, "Interrupted")
    monkeypatch.undo()
    signal.signal(signal.SIGINT, before)
    assert [one.id for one in there.leftovers.remaining()] != [""]
    assert clean_up(there) == []
    assert place.remains() == []


def not_reached(_: ProbeChannel) -> list[str]:
    return ["a process that is gone deletes nothing"]


class Killed(BaseException):
    """The process is gone: nothing after it is carried out."""


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(
    ("method", "which"),
    [
        ("chat.postMessage", 1),
        ("files.completeUploadExternal", 8),
        *deep_also(
            ("chat.postMessage", 2),
            ("chat.update", 2),
            ("files.getUploadURLExternal", 2),
            ("files.completeUploadExternal", 1),
            ("canvases.edit", 1),
            ("conversations.history", 1),
        ),
    ],
)
def test_nothing_remains_after_a_kill_at_any_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, which: int, *, answered: bool
) -> None:
    counted = 0
    real = SlackApi.call

    def call(self: SlackApi, name: str, **arguments: object) -> Any:
        nonlocal counted
        counted += name == method
        last = name == method and counted == which
        if last and not answered:
            raise Killed
        told = real(self, name, **arguments)
        if last:
            raise Killed
        return told

    # Every scope is granted here: what was posted and not noted is found by the history.
    with open_probe_workspace(tmp_path, manifest=None) as place:
        monkeypatch.setattr(SlackApi, "call", call)
        monkeypatch.setattr("bot.cli.operations.probe_operation.clean_up", not_reached)
        with pytest.raises(Killed):
            place.probe(alone=True, person="@ana")
        monkeypatch.undo()
        assert clean_up(site(place)) == []
        assert place.remains() == []


def test_a_message_posted_at_the_end_of_the_process_is_found_by_its_metadata(place: ProbeWorkspace) -> None:
    there = site(place)
    direct = place.sandbox.workspace.direct(place.sandbox.person("ana").id).id
    one = there.leftovers.record_intent("message", channel=direct)
    metadata = {"event_type": EVENT_TYPE, "event_payload": {"number": one.number}}
    there.api.call("chat.postMessage", channel=direct, text="Lost", metadata=metadata)
    assert clean_up(there) == []
    assert place.remains() == []
    assert there.leftovers.remaining() == []


def test_messages_that_cannot_be_found_are_listed_for_manual_deletion(place: ProbeWorkspace) -> None:
    there = site(place)
    there.leftovers.record_intent("message", channel=HOUSE)
    there.leftovers.record_intent("canvas", channel=HOUSE)
    of_the_canvas, of_the_message = clean_up(there)
    assert of_the_message.endswith("If one is left in the channel, delete it there.")
    assert of_the_canvas.endswith("If one called “Slack probe” is left in the channel, delete it there.")
    assert there.leftovers.remaining() == []


def test_failed_deletions_stay_recorded_for_later(place: ProbeWorkspace) -> None:
    there = site(place)
    there.post(HOUSE, "Sticky")
    place.sandbox.faults.fail_next("chat.delete", "compliance_exports_prevent_deletion")
    (sentence,) = clean_up(there)
    assert "could not be deleted (compliance_exports_prevent_deletion)" in sentence
    there.leftovers.close()
    assert place.notes.exists()
    again = site(place)
    assert clean_up(again) == []
    again.leftovers.close()
    assert place.remains() == []
    assert not place.notes.exists()


def test_replies_are_deleted_before_their_parent(place: ProbeWorkspace) -> None:
    there = site(place)
    root = there.post(HOUSE, "First")
    there.post(HOUSE, "Second", thread=root.id)
    assert clean_up(there) == []
    assert place.sandbox.workspace.messages(HOUSE, None) == []


def test_concurrent_probes_do_not_share_their_records(place: ProbeWorkspace) -> None:
    first = ArtifactLog(place.notes)
    with pytest.raises(ArtifactLogUnusable, match="another probe is running"):
        ArtifactLog(place.notes)
    first.close()


def test_a_truncated_record_is_skipped(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    notes = ArtifactLog(file)
    notes.record_created(notes.record_intent("file"), "F1")
    notes.close()
    with file.open("ab") as more:
        more.write(b'{"number":2,"kin')
    assert [one.id for one in ArtifactLog(file).remaining()] == ["F1"]
