"""Accounts of a tracker by what a person typed: the best match first."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.trackers.tracker import Account

MOST_ACCOUNTS: Final = 20


def best_matches(candidates: Iterable[tuple[Account, str]], text: str, *, found: bool) -> Sequence[Account]:
    """Return the accounts that match an email address, a login or a name, the best match first.

    Each candidate is an account and its login. Those that the tracker `found` by the text match in any case,
    if only at the end. An email address that no account shows matches none: a login that looks like it may be
    that of someone else.
    """
    wanted = text.strip().removeprefix("@").casefold()
    if not wanted:
        return []
    last = 9 if found else None
    ranked = [
        (rank, number, account)
        for number, (account, login) in enumerate(candidates)
        if (rank := _rank(account, login, wanted, last)) is not None
    ]
    return [account for _, _, account in sorted(ranked, key=lambda one: one[:2])[:MOST_ACCOUNTS]]


def _rank(account: Account, login: str, wanted: str, last: int | None) -> int | None:
    names = [account.name.casefold(), login.casefold()]
    ranks = (
        account.email.casefold() == wanted,
        wanted in names,
        any(name.startswith(wanted) for name in names),
        any(wanted in name for name in names),
    )
    return next((number for number, matches in enumerate(ranks) if matches), last)
