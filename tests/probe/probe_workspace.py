"""A workspace to be asked, and a person in it who does as the messages in the thread say."""

import json
import re
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import jsonschema

from bot.cli.operations.probe_operation import ProbeOptions, run_probe
from bot.manifest import build_manifest
from bot.probe.probe_channel import ProbePace
from bot.sandbox.api import Behavior, Sandbox, SandboxPerson, VisibleMessage
from bot.settings import Settings, read_settings
from tests.waiting import PATIENCE

SCHEMA = Path(__file__).with_name("answers-1.schema.json")
HOUSE = "C0HOUSE01"
GENERAL = "C0GENERAL"


class ProbeWorkspace:
    """A workspace, the settings of a bot in it, and what a probe of it said and wrote."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.file = folder / "answers.json"
        self.notes = folder / "threatmodel.db.probe"
        self.environment = {
            "SLACK_API_URL": sandbox.url,
            "SLACK_BOT_TOKEN": sandbox.bot_token,
            "SLACK_APP_TOKEN": sandbox.app_token,
            "DATABASE_URL": f"sqlite:///{folder}/threatmodel.db",
        }
        self.said: list[str] = []

    @property
    def settings(self) -> Settings:
        return read_settings(self.environment)

    def pace(self, person: float = 20.0) -> ProbePace:
        """The waits pass on the workspace's clock, not on the machine's."""
        clock = self.sandbox.clock
        return ProbePace(person=person, sleep=clock.move, now=clock.now)

    def probe(self, pace: ProbePace | None = None, **wanted: Any) -> dict[str, Any]:
        """Probe the workspace; return the points of the file."""
        asked = ProbeOptions(channel=wanted.pop("channel", "#house"), output=self.file, **wanted)
        self.left_nothing = run_probe(self.settings, asked, self.said.append, pace or self.pace())
        # New keys alone belong into the schema; otherwise raise VERSION, keep reading the old version in
        # bot/sandbox, and add a schema beside this one.
        jsonschema.validate(json.loads(self.file.read_text()), json.loads(SCHEMA.read_text()))
        return self.points()

    def points(self) -> dict[str, Any]:
        return json.loads(self.file.read_text())["points"]

    def answer(self, name: str) -> Any:
        point = self.points()[name]
        assert point["status"] == "answered", point
        return point["answer"]

    def remains(self) -> list[str]:
        """What is still in the workspace of what a bot made there."""
        workspace = self.sandbox.workspace
        bots = workspace.person("bot" if workspace.app.name == "Bot" else workspace.app.name).id
        everywhere = [*workspace.channels, *workspace.direct_of(bots)]
        said = [message for channel in everywhere for message in workspace.messages(channel.id, None)]
        return [
            *(one.text for one in said if one.author == bots),
            *(one.name for one in workspace.files.all()),
            *(one.id for one in workspace.canvases.all()),
        ]


@contextmanager
def open_probe_workspace(folder: Path, **more: Any) -> Generator[ProbeWorkspace]:
    """A workspace with the bot's manifest, which waits for acks as long as a busy machine takes."""
    options: dict[str, Any] = {"manifest": build_manifest("socket"), "ack_seconds": PATIENCE}
    with Sandbox(**options | more).start() as sandbox:
        yield ProbeWorkspace(sandbox, folder)


Step = Callable[[SandboxPerson, VisibleMessage], object]


def answer_by_looking(person: SandboxPerson, asked: VisibleMessage) -> None:
    """Answer where an answer is seen, by looking for it."""
    answer = re.findall(r"Answer \w+", asked.plain)[0]

    def shown(messages: list[VisibleMessage]) -> bool:
        return any(message.ephemeral and answer in message.plain for message in messages)

    in_thread = shown(person.thread(asked.channel, asked.thread or ""))
    in_channel = shown(person.sees(asked.channel))
    person.click(asked, "In this thread" if in_thread else "In the channel" if in_channel else "Not at all")


def answer_by_reading(person: SandboxPerson, asked: VisibleMessage) -> None:
    """Answer whether the message of the probe with the first button was replaced."""
    messages = person.thread(asked.channel, asked.thread or "")
    replaced = any(message.plain == "Replaced" and not message.ephemeral for message in messages)
    person.click(asked, "Yes" if replaced else "No")


def answer_by_form(person: SandboxPerson, asked: VisibleMessage) -> None:
    """Open the form, wait until it is updated, submit it as it is."""
    person.click(asked, "Open the form")
    person.workspace.wait_until(lambda: "The second value" in str(person.modal and person.modal.blocks), 60)
    person.submit()


def answer_by_mention(person: SandboxPerson, asked: VisibleMessage) -> None:
    """Mention the bot in the thread."""
    person.say(asked.channel, f"@{person.workspace.app.name} here", thread=asked.thread)


STEPS: dict[str, Step] = {
    "Can you help": lambda person, asked: person.click(asked, "Take part"),
    "Where do you see": answer_by_looking,
    "Does the message": answer_by_reading,
    "Open the form, change": answer_by_form,
    "that mentions me": answer_by_mention,
}


@contextmanager
def participant_in(
    place: ProbeWorkspace, who: str = "ana", where: str = "#house", *, without: str = ""
) -> Generator[None]:
    """A person who does what each message of the probe in a channel asks, once, until the block ends."""
    steps = {words: step for words, step in STEPS.items() if words != without}
    person, over, done = place.sandbox.person(who), threading.Event(), set[str]()

    def asked() -> list[VisibleMessage]:
        found = [one for root in person.sees(where) for one in person.thread(where, root.ts)]
        return [one for one in found if one.ts not in done and any(words in one.plain for words in steps)]

    def run() -> None:
        while not over.is_set():
            person.workspace.wait_until(lambda: over.is_set() or bool(asked()), 0.5)
            for one in asked():
                done.add(one.ts)
                next(step for words, step in steps.items() if words in one.plain)(person, one)

    thread = threading.Thread(target=run, name="person", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(60)


def workspace_behavior(place: ProbeWorkspace, behavior: Behavior) -> None:
    """Let the workspace behave otherwise."""
    place.sandbox.workspace.behavior = behavior
