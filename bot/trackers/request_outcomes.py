"""Outcomes of requests to trackers, in words for the person who made them."""

from collections.abc import Sequence
from typing import Final

from bot.store.repositories.tracker_connections import TrackerCheck
from bot.trackers.tracker import Account, Project, TrackerRefused
from domain.kernel.text_formatting import join_list
from domain.kernel.tracked_issue import TrackerId, TrackerKind

_NAMED: Final = 5
_REFUSED: Final = "⚠"
_NOUNS: Final = {TrackerKind.GITHUB: "repository", TrackerKind.LINEAR: "team"}
"""What the kinds of trackers call a project."""


def named_tracker(check: TrackerCheck) -> str:
    """Return the tracker of a request in words."""
    return f"{check.kind.label}, {check.project}"


def is_refused(check: TrackerCheck) -> bool:
    """Return whether a request has the outcome that nothing was changed."""
    return check.outcome.startswith(_REFUSED)


def refusal(check: TrackerCheck, why: object) -> str:
    """Return the outcome of a request that changed nothing."""
    return f"{_REFUSED} {named_tracker(check)}: {why}"


def refusal_of_project(project: Project, check: TrackerCheck) -> str:
    """Return why a project cannot be connected; empty if it can."""
    noun = _NOUNS.get(check.kind, "project")
    if project.public:
        return (
            f"The {noun} is public. People outside of your organization can read its issues, and they must "
            f"not learn of a vulnerability that is not fixed. Connect a private {noun}."
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
