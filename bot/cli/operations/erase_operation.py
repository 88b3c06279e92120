"""Permanent erasure of a model's content, of what a person wrote, and of whole workspaces."""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path

import msgspec
from rich.table import Table

from bot.cli.local_moments import format_moment
from bot.cli.model_queries.model_lookup import find_model
from bot.cli.output.text_grid import text_grid
from bot.cli.terminal_text import terminal_text
from bot.commands.person_erasure import ErasedPerson, PersonEraser
from bot.operator_error import OperatorError
from bot.serving_lock import serving_process
from bot.store import EventStore, Store, StreamId, key_of
from bot.store.repositories.workspace_directory import FORMER_PARTICIPANT
from bot.store.timestamps import utc_now
from domain.events import ThreatModelImported
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import count_phrase

START = 1
"""The entry with which a model begins: without it there is no model."""


NOT_YET_GONE = (
    "the text is erased but still in the write-ahead log (-wal), because another process is reading the "
    "file. Stop that process (a backup tool, a shell). The bot, or the next command, then empties the log."
)
"""The message to the operator if erasing could not be finished."""


class ErasureRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Content to erase: entries of a stream, or the whole stream if none are named."""

    stream: StreamId
    entries: tuple[int, ...]
    description: str


def plan_erasure(
    store: EventStore, model: str, entries: tuple[int, ...], *, workspace: str | None
) -> ErasureRequest:
    """Find the data to erase, and describe it; raises OperatorError."""
    stream = find_model(store, model, workspace)
    state = store.state(stream)
    last = state.version if state else 0
    beyond = [entry for entry in entries if entry > last]
    if beyond:
        raise OperatorError(
            f"--entry: {key_of(stream)} has {last} entries, and none with number {beyond[0]}."
        )
    if START in entries:
        raise OperatorError(
            f"--entry: entry {START} started {key_of(stream)} and cannot be erased alone. Erase the "
            f"whole model instead."
        )
    marks = [one.version for one in store.read(stream) if isinstance(one.event, ThreatModelImported)]
    if entries and (kept := set(entries).intersection(marks)):
        raise OperatorError(
            f"--entry: entry {min(kept)} states that {key_of(stream)} was imported: without it, approvals of "
            "the file would count. Erase the whole model instead."
        )
    name = next(one.name for one in store.streams(workspace) if one.stream == stream)
    what = _listed(entries) if entries else f"all {last} entries"
    words = f"{what} of {key_of(stream)} ({terminal_text(name)})"
    return ErasureRequest(stream=stream, entries=tuple(sorted(set(entries))), description=words)


def erase(store: EventStore, meant: ErasureRequest) -> str:
    """Forget it, and say so."""
    if meant.entries:
        count = store.erase(meant.stream, meant.entries)
        return f"{count} erased. A running bot updates its messages."
    count = store.erase_stream(meant.stream)
    return f"{count} erased; {key_of(meant.stream)} no longer exists. A running bot deletes its card."


def _listed(entries: tuple[int, ...]) -> str:
    numbers = [str(entry) for entry in sorted(set(entries))]
    return f"entr{'y' if len(numbers) == 1 else 'ies'} {', '.join(numbers)}"


_SLACK_ID = re.compile(r"[UW][A-Z0-9]{1,20}")


class PersonToForget(msgspec.Struct, frozen=True, kw_only=True):
    """A person in a workspace, and what would be erased of them now."""

    workspace: str
    person: PersonId
    found: ErasedPerson
    notice: str


def plan_forgetting(store: Store, person: str, *, workspace: str | None) -> PersonToForget:
    """Find a person's data, and describe its erasure; raises OperatorError."""
    tenant, who = _workspace(store, workspace), PersonId(person.strip().upper())
    if not _SLACK_ID.fullmatch(who):
        raise OperatorError(
            f"{terminal_text(person[:80])} is not the Slack ID of a person. In Slack, open the person's "
            f"profile and choose More > Copy member ID."
        )
    found = PersonEraser(store, tenant, who, now=utc_now()).preview()
    known = store.unit(tenant).directory.person(who) is not None
    if not (
        known or found.refreshed or found.preferences or found.requests or found.tokens or found.accounts
    ):
        raise OperatorError(f"There is no person {who} in workspace {tenant}. Check the ID and --workspace.")
    return PersonToForget(workspace=tenant, person=who, found=found, notice=_notice(tenant, who, found))


def forget(store: Store, meant: PersonToForget) -> str:
    """Erase the person, and say what was erased."""
    done = PersonEraser(store, meant.workspace, meant.person, now=utc_now()).erase()
    if not done.anything:
        return f"{meant.person} was erased before. Nothing was left to erase."
    return _REPORT.format(
        person=meant.person,
        workspace=meant.workspace,
        entries=_entries(done.entries),
        models=count_phrase(done.models, "model"),
        restated=_entries(done.restated),
        ballots=count_phrase(done.ballots, "ballot"),
        dropped=count_phrase(done.ballots_dropped, "other ballot"),
        rounds=count_phrase(done.rounds, "open round"),
        preferences=count_phrase(done.preferences, "preference"),
        requests=count_phrase(done.requests, "pending request"),
        tokens=count_phrase(done.tokens, "access token"),
        drafts=count_phrase(done.drafts, "draft"),
        accounts=count_phrase(done.accounts, "account"),
        refreshed=count_phrase(done.refreshed, "model"),
    )


def _notice(tenant: str, person: PersonId, found: ErasedPerson) -> str:
    return _NOTICE.format(
        person=person,
        workspace=tenant,
        entries=_entries(found.entries),
        models=count_phrase(found.models, "model"),
        restated=_entries(found.restated).capitalize(),
        ballots=count_phrase(found.ballots, "ballot"),
        dropped=count_phrase(found.ballots_dropped, "ballot"),
        shown_as=FORMER_PARTICIPANT,
    )


_NOTICE = """\
This erases {person} from workspace {workspace}:
- The name, the preferences, the access tokens, the drafts, the accounts in trackers, and
  {entries} in {models}. Elements, threats and decisions stay without this person's text,
  recorded again by the system.
- {restated} of others that repeat this person's text, or list this voter of a closed round. They are
  recorded again without it.
- {dropped} in open rounds, or replaced by a later one. {ballots} of closed rounds stay without a name,
  so that published results do not change.
What stays:
- The Slack ID in entries of others and in duties, such as the owner of a mitigation. It is shown as
  “{shown_as}”.
- Text of this person that someone else entered in another place.
- Issues in trackers. An issue that is still assigned to this person shows their name there, and here again.
- Erased text in backups, replicas and archived logs until these expire.
This account can no longer use the bot. This cannot be undone."""

_REPORT = """\
{person} is erased from workspace {workspace}:
- {entries} in {models} erased
- {restated} of others recorded again without this person's text or name as a voter
- {ballots} of closed rounds kept without a name, {dropped} erased
- {rounds} no longer waiting for this person
- {preferences}, {requests}, {drafts}, {tokens} and {accounts} in trackers erased
A running bot updates its messages about {refreshed}."""


def _entries(count: int) -> str:
    return f"{count} entr{'y' if count == 1 else 'ies'}"


def _workspace(store: Store, workspace: str | None) -> str:
    known = sorted({head.tenant for head in store.heads()})
    if workspace is None and len(known) > 1:
        raise OperatorError(
            f"The database has several workspaces ({', '.join(known)}). Choose one with --workspace."
        )
    tenant = workspace or (known[0] if known else "")
    if not tenant:
        raise OperatorError("The database has no workspace.")
    if tenant not in known:
        raise no_such_workspace(tenant)
    return tenant


def plan_workspace_erasure(store: Store, workspace: str, file: Path | None) -> str:
    """Describe the erasure of a workspace; raises OperatorError if it does not exist or may be served.

    `file` is the file of the database, None on a server.
    """
    found = next((one for one in list_workspaces(store) if one.workspace == workspace), None)
    if found is None:
        raise no_such_workspace(workspace)
    with _not_served(store, workspace, file):
        pass
    models, events = count_phrase(found.models, "model"), count_phrase(found.events, "event")
    return (
        f"This erases workspace {workspace} with {models} and {events}: the events, the directory, the "
        f"installation of the app, and everything pending. Messages in Slack and issues in trackers stay. "
        f"Erased text remains in backups until these expire. This cannot be undone."
    )


def erase_workspace(store: Store, workspace: str, file: Path | None) -> str:
    """Erase a workspace, and say what is left of it; raises OperatorError if it may be served."""
    with _not_served(store, workspace, file):
        removed = store.remove_workspace(workspace)
    if removed is None:
        return f"{workspace}: erased; it had no events"
    return (
        f"{workspace}: erased; its chain ended at {removed.sequence} with {removed.hash.hex()}\n"
        f"If the app is installed there again, it starts without models, with a new chain, and continues the "
        f"numbers of the models."
    )


def _not_served(store: Store, workspace: str, file: Path | None) -> AbstractContextManager[None]:
    """Return a block in which no bot stores data of a workspace.

    A running bot does not serve a workspace in which the app was uninstalled. Without an installation on
    record, the workspace may be the one whose token the settings have.
    """
    installed = workspace in store.installations.installed()
    if store.installations.of_tenant(workspace) and not installed:
        return nullcontext()
    if process := serving_process(file):
        advice = "Uninstall the app in Slack, or stop the bot" if installed else "Stop it first"
        raise OperatorError(
            f"{process} runs `threatmodel serve` on this database. {advice}: a running bot would store data "
            f"of {workspace} again."
        )
    return store.alone()


NOT_INSTALLED = "-"
"""The state of a workspace without an installation on record, such as one that the settings name."""


class ListedWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace: its models and events, its last change, and the state of the app in it."""

    workspace: str
    models: int
    events: int
    updated_at: datetime | None
    app: str


def list_workspaces(store: Store) -> list[ListedWorkspace]:
    """Return every workspace that has events or an installation, by ID."""
    events = {head.tenant: head.sequence for head in store.heads()}
    models: dict[str, list[datetime]] = {}
    for stream in store.streams():
        models.setdefault(stream.tenant, []).append(stream.updated_at)
    states: dict[str, set[str]] = {}
    for installation in store.installations.all():
        states.setdefault(installation.tenant, set()).add(installation.state)
    return [
        ListedWorkspace(
            workspace=tenant,
            models=len(models.get(tenant, ())),
            events=events.get(tenant, 0),
            updated_at=max(models.get(tenant, ()), default=None),
            app=", ".join(sorted(states.get(tenant, ()))) or NOT_INSTALLED,
        )
        for tenant in sorted(events.keys() | states.keys())
    ]


def no_such_workspace(workspace: str) -> OperatorError:
    """Return the error about an unknown workspace."""
    name = terminal_text(workspace[:80])
    return OperatorError(
        f"There is no workspace {name}. Run `threatmodel workspace list` to list the workspaces."
    )


def workspaces_table(workspaces: Iterable[ListedWorkspace]) -> Table:
    """Return the workspaces of a database, one a line."""
    return text_grid(
        ("Workspace", "Models", "Events", "Last change", "App"),
        (
            (
                *(workspace.workspace, str(workspace.models), str(workspace.events)),
                *(format_moment(workspace.updated_at) if workspace.updated_at else "", workspace.app),
            )
            for workspace in workspaces
        ),
    )
