"""Accounts of a tracker by what a person typed: the best match first."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.trackers.tracker import Account

MOST_ACCOUNTS: Final = 20


def best_matches(accounts: Iterable[Account], text: str, *, logins: bool = True) -> Sequence[Account]:
    """Return the accounts that match an email address, a login or a name, the best match first.

    `logins` says that the IDs of accounts are their logins. Of an email address that no account shows, the
    part before the `@` counts as a login or a name.
    """
    wanted = text.strip().removeprefix("@").casefold()
    if not wanted:
        return []
    ranked = [(_rank(one, wanted, logins=logins), number, one) for number, one in enumerate(accounts)]
    found = sorted(one for one in ranked if one[0] is not None)
    return [account for _, _, account in found[:MOST_ACCOUNTS]]


def _rank(account: Account, wanted: str, *, logins: bool) -> int | None:
    names = [account.name.casefold(), *([account.id.casefold()] if logins else [])]
    local = wanted.partition("@")[0] if "@" in wanted else ""
    ranks = (
        account.email.casefold() == wanted,
        wanted in names,
        bool(local) and local in names,
        any(name.startswith(wanted) for name in names),
        any(wanted in name for name in names),
    )
    return next((number for number, matches in enumerate(ranks) if matches), None)
