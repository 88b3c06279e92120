"""Erasure of a person, described beforehand and reported afterwards in numbers, never in words."""

import re

import msgspec

from bot.cli.operations.workspace_list import no_such_workspace
from bot.cli.terminal_text import terminal_text
from bot.commands.person_erasure import ErasedPerson, PersonEraser
from bot.operator_error import OperatorError
from bot.store import Store
from bot.store.repositories.workspace_directory import FORMER_PARTICIPANT
from bot.store.timestamps import utc_now
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import count_phrase

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
    known = sorted({one.tenant for one in store.heads()})
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
