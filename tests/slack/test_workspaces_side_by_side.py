"""Two workspaces with the same channel and people in one process: no row, message, metric or line crosses."""

import io
import json
import logging
import re
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import structlog

from bot.logs import set_up_logging
from bot.sandbox.api import SECOND_TEAM, TEAM_ID, SandboxWorkspace
from bot.store.work_queue import MODEL
from tests.queue_rows import are_waiting, claims_of
from tests.slack.app_in_sandbox import AppInSandbox, app_in_sandbox
from tests.slack.installing import FIRST_KEY, SECOND_KEY, Clock, InstallingReplica
from tests.slack.oauth_stand_in import OAuthStandIn
from tests.slack.slack_team import run_at_the_same_time

FIRST, SECOND = TEAM_ID, SECOND_TEAM.id
NAMES = {FIRST: "Walrus", SECOND: "Ocelot"}
"""What people type in each workspace; each word occurs nowhere else."""


@contextmanager
def logged() -> Generator[Callable[[], list[dict[str, Any]]]]:
    """All that is logged meanwhile, at the level that says most."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logging(level="debug", format="json")
    heard = io.StringIO()
    cast("logging.StreamHandler[io.StringIO]", root.handlers[0]).setStream(heard)
    try:
        yield lambda: [
            entry
            for line in heard.getvalue().splitlines()
            if not (entry := json.loads(line)).get("logger", "").startswith("uvicorn")
        ]
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()


def rows_of(path: Path, tenant: str) -> str:
    """Every row of a workspace in every table."""
    with closing(sqlite3.connect(path)) as file:
        tables = [name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        owned = [
            table
            for table in tables
            if any(column[1] == "tenant" for column in file.execute(f"PRAGMA table_info({table})"))
        ]
        return "".join(
            repr(row)
            for one in owned
            for row in file.execute(f"SELECT * FROM {one} WHERE tenant = ?", (tenant,))
        )


def use(app: AppInSandbox, there: SandboxWorkspace) -> None:
    """Start a model, add an asset, look at the list, and open the Home tab."""
    ana, word = there.person("ana"), NAMES[there.workspace.team.id]
    app.start(there, f"The {word}")
    ana.command("#house", f"/threatmodel add asset {word} food")
    ana.command("#house", "/threatmodel status")
    ana.open_home()
    app.wait(lambda: (home := ana.home()) is not None and word in json.dumps(home.blocks))


def test_nothing_crosses_between_workspaces_that_are_used_at_the_same_time(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app, logged() as entries:
        there = {FIRST: app.sandbox, SECOND: app.second}
        for team in there:
            app.install(team, "#house")
        run_at_the_same_time(*(lambda one=one: use(app, one) for one in there.values()))
        work = app.store.work
        app.wait(
            lambda: not any(claims_of(work, team) or are_waiting(work, team, (MODEL,)) for team in there)
        )

        for team, other in ((FIRST, SECOND), (SECOND, FIRST)):
            calls = [one for one in app.sandbox._shared.calls() if one.team == team]  # pyright: ignore[reportPrivateUsage]  those of all workspaces
            sent = json.dumps([(call.method, call.arguments) for call in calls], default=str)
            assert NAMES[team] in sent
            assert NAMES[other] not in sent
            shown = repr([message.message for message in there[team].person("ben").sees("#house")])
            assert NAMES[other] not in shown + repr(there[team].person("ana").home())
            rows = rows_of(tmp_path / "bot.db", team)
            assert NAMES[team] in rows
            assert NAMES[other] not in rows
            lines = [entry for entry in entries() if entry.get("workspace") == team]
            assert {"request_id", "work_id"} <= {key for line in lines for key in line}
            assert not [line for line in lines if other in json.dumps(line)]
        everything = json.dumps(entries())
        metrics = app.bot.metrics.text().decode()
        for word in NAMES.values():
            assert word not in everything + metrics
        assert "\nthreatmodel_reminders_overdue 0.0\n" in metrics
        assert FIRST not in metrics
        assert SECOND not in metrics


def test_a_revoked_token_silences_its_workspace_alone_and_the_process_stays_ready(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app:
        app.install(FIRST, "#house")
        app.install(SECOND, "#house")
        app.start(app.sandbox, "Front door")
        app.start(app.second, "Back door")
        app.second.revoke_token()
        app.wait(lambda: app.store.installations.installed() == [FIRST])
        calls = len(app.second.api_calls)
        asked = app.second.person("ana").command("#house", "/threatmodel status")
        assert "not installed in this workspace" in json.dumps(asked.response)
        app.start(app.sandbox, "Cellar window")
        assert app.bot.readiness_problem() == ""
        assert [call for call in app.second.api_calls[calls:] if call.team == SECOND] == []


def test_parts_that_were_dropped_are_made_again_and_nothing_is_lost(tmp_path: Path) -> None:
    with app_in_sandbox(tmp_path) as app:
        app.install(FIRST, "#house")
        app.start(app.sandbox, "Front door")
        opened = app.bot.process.workspaces
        for number in range(3):
            opened.installation_changed(FIRST)
            assert opened.sending() == []
            app.start(app.sandbox, f"Window {number}")
        cards = app.cards(app.sandbox)
        assert len([card for card in cards if "Front door" in card]) == 1, "nothing is posted again"
        assert all(any(f"Window {number}" in card for card in cards) for number in range(3))


GUIDES = Path(__file__).resolve().parents[2] / "deploy" / "docs" / "guide"
SECTION = "### Replace a token key"

Keys = tuple[str, ...]


def keys_of_the_guide() -> list[Keys]:
    """The keys before the first step of the guide, and after each."""
    section = (GUIDES / "operations.md").read_text().partition(SECTION)[2].partition("\n## ")[0]
    keys: list[Keys] = [(FIRST_KEY,)]
    for word in re.findall(r"^\d\. .*?\*\*(\w+)\*\*", section, re.MULTILINE):
        match word:
            case "end":
                keys.append((*keys[-1], SECOND_KEY))
            case "front":
                keys.append((SECOND_KEY, *(key for key in keys[-1] if key != SECOND_KEY)))
            case _:
                assert word == "remove"
                keys.append(tuple(key for key in keys[-1] if key != FIRST_KEY))
    return keys


def unreadable(slack: OAuthStandIn, steps: Sequence[Keys]) -> list[tuple[Keys, str]]:
    """Whose token a replica could not read, with its keys, while replicas were restarted one by one."""
    clock = Clock()
    store = InstallingReplica(slack, clock=clock, keys=steps[0]).store
    missed: list[tuple[Keys, str]] = []
    teams: list[str] = []
    for number, keys in enumerate(pairwise(steps)):
        replicas = [InstallingReplica(slack, store, clock=clock, keys=key) for key in keys]
        for place, replica in enumerate(replicas):
            teams.append(f"T{number}{place}")
            slack.permit(f"code-{teams[-1]}", team=teams[-1])
            replica.install(f"code-{teams[-1]}")
            # Each encrypts the tokens of the other again, in turns.
            replica.work.start()
            replica.run_due()
            missed += [
                (one, team)
                for one, by in zip(keys, replicas, strict=True)
                for team in teams
                if by.token(team) is None
            ]
        # The last replica with the earlier keys has ended.
        replicas[1].work.start()
        replicas[1].run_due()
    return missed


def test_replicas_read_each_other_in_every_step_of_the_guide(slack: OAuthStandIn) -> None:
    steps = keys_of_the_guide()
    assert (steps[0], steps[-1], len(steps)) == ((FIRST_KEY,), (SECOND_KEY,), 4)
    assert unreadable(slack, steps) == []


def test_a_new_key_in_front_at_once_cannot_be_read_by_the_others(slack: OAuthStandIn) -> None:
    at_once = [(FIRST_KEY,), (SECOND_KEY, FIRST_KEY), (SECOND_KEY,)]
    assert {keys for keys, _ in unreadable(slack, at_once)} == {(FIRST_KEY,)}


def test_no_other_guide_names_an_order_of_its_own() -> None:
    for guide in sorted(GUIDES.glob("*.md")):
        text = guide.read_text()
        if guide.name == "operations.md":
            text = text.replace(text.partition(SECTION)[2].partition("\n## ")[0], "")
        for item in re.split(r"\n(?=[-|#\n])", text):
            order = re.search(r"\bkey\b.*\b(front|before the others|at the end)\b", item, re.DOTALL)
            assert not order, f"{guide.name}: {item}"
