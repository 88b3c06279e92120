"""Outcomes of requests to trackers, in words for the person who made them.

Refused connections are kept without their secrets, so that the form that tries again shows their fields.
"""

from collections.abc import Sequence
from typing import Final

from bot.store.repositories.tracker_connections import TrackerCheck, TrackerConnections
from bot.trackers.tracker import Account, Project, TrackerRefused
from domain.kernel.elements import PersonId
from domain.kernel.text_formatting import join_list
from domain.kernel.tracked_issue import TrackerId

_NAMED: Final = 5
_REFUSED: Final = "⚠"


def named_tracker(check: TrackerCheck) -> str:
    """Return the tracker of a request in words."""
    return f"{check.kind.label}, {check.project}"


def is_refused(check: TrackerCheck) -> bool:
    """Return whether a request has the outcome that nothing was changed."""
    return check.outcome.startswith(_REFUSED)


def refusal(check: TrackerCheck, why: object) -> str:
    """Return the outcome of a request that changed nothing."""
    return f"{_REFUSED} {named_tracker(check)}: {why}"


def refusal_of_project(project: Project) -> str:
    """Return why a project cannot be connected; empty if it can."""
    if project.public:
        return (
            f"The {project.noun} is public. People outside of your organization can read its issues, and "
            f"they must not learn of a vulnerability that is not fixed. Connect a private {project.noun}."
        )
    if project.problems:
        return f"The account {project.account.name} is accepted, but cannot be used. " + " ".join(
            project.problems
        )
    return ""


def connected_outcome(
    tracker: TrackerId, check: TrackerCheck, project: Project, *, is_default: bool, was_connected: bool
) -> str:
    """Return what follows from an accepted token, for the person who entered it.

    A project that `was_connected` before has its ID again.
    """
    account = f"as the account {project.account.name}"
    if check.tracker:
        return f"✓ {tracker} ({named_tracker(check)}) has a new token and is called {account}."
    said = f"✓ {named_tracker(check)} is connected as {tracker}, {account}."
    if was_connected:
        said = f"{said} It was connected before: issues that are linked there can be kept up to date again."
    if is_default:
        return f"{said} Mitigations of all models get an issue there, unless a model has its own choice."
    return f"{said} No model uses it yet: make it the default, or choose it for a model."


def refused_outcome(check: TrackerCheck, fault: TrackerRefused) -> str:
    """Return what a tracker refused, and what to do."""
    if fault.unauthorized:
        why = f"The token is not accepted. Copy it again, and check that it has not expired. ({fault})"
        return refusal(check, why)
    return refusal(check, fault)


def meant_account(found: Sequence[Account], text: str) -> Account | None:
    """Return the only account that a text can mean."""
    wanted = text.strip().casefold()
    exact = [one for one in found if wanted in (one.id.casefold(), one.name.casefold(), one.email.casefold())]
    if len(exact) == 1:
        return exact[0]
    return found[0] if len(found) == 1 and not exact else None


def chosen_outcome(check: TrackerCheck, account: Account, *, confirmed: bool) -> str:
    """Return whose account it is now, for that person."""
    chosen = f"✓ {named_tracker(check)}: your account is {account.name}."
    if confirmed:
        return chosen
    return f"{chosen} No email address confirms it, so others see that you stated it."


def unclear_account(found: Sequence[Account], text: str) -> str:
    """Return why a text names no account."""
    if not found:
        return f"No account matches “{text}”. Enter your login, or the email address of your account there."
    named = join_list([one.name for one in found[:_NAMED]])
    return f"Several accounts match “{text}”: {named}. Enter your login or email address."


def refused_connections(connections: TrackerConnections, person: PersonId) -> tuple[TrackerCheck, ...]:
    """Return the refused connections of a person, the last one of each kind of tracker."""
    refused = (one for one in connections.checks() if one.person == person and _is_refused_connection(one))
    return tuple({one.kind: one for one in refused}.values())


def finish_check(connections: TrackerConnections, check: TrackerCheck) -> None:
    """Delete a request whose outcome the person knows.

    A refused connection is kept until the person connects a tracker of this kind, or is refused again.
    """
    kept = _is_refused_connection(check)
    if _connects(check):
        for one in connections.checks():
            alike = (one.person, one.kind) == (check.person, check.kind) and _is_refused_connection(one)
            if alike and one.id != check.id:
                connections.delete_check(one.id)
    if not kept:
        connections.delete_check(check.id)


def _is_refused_connection(check: TrackerCheck) -> bool:
    return _connects(check) and is_refused(check)


def _connects(check: TrackerCheck) -> bool:
    """Return whether a request connects a new tracker."""
    return not check.tracker and not check.account
