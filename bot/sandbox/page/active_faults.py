"""Active faults of the workspace, and their removal."""

from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct

from bot.sandbox.users.sandbox_workspace import SandboxWorkspace
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import CHANNELS, SlackChannel

_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


class ActiveFault(Struct, frozen=True, kw_only=True):
    """One deviation from a fresh workspace."""

    sentence: str
    mend: Callable[[], object]


def active_faults(sandbox: SandboxWorkspace) -> list[ActiveFault]:
    """Return every active fault, in the order of the faults panel."""
    found = [ActiveFault(sentence=one, mend=sandbox.faults.clear) for one in sandbox.faults.active]
    if not sandbox.publishing:
        found.append(
            ActiveFault(sentence="Changes send no events to the bot.", mend=partial(_tell_again, sandbox))
        )
    app = sandbox.workspace.app
    if app.refusing and app.installed:
        found.append(ActiveFault(sentence="The bot's token is revoked.", mend=sandbox.restore_token))
    for channel in sandbox.workspace.channels:
        found += _of_channel(sandbox, channel)
    found += [
        ActiveFault(
            sentence=f"{one.name}'s account is deactivated.", mend=partial(sandbox.reactivate, one.id)
        )
        for one in sandbox.workspace.people
        if one.deleted
    ]
    if round(sandbox.clock.moved):
        back = partial(reset_clock, sandbox)
        found.append(ActiveFault(sentence=f"The clock is {_ahead(sandbox.clock.moved)}.", mend=back))
    return found


def clear_faults(sandbox: SandboxWorkspace) -> None:
    """Remove all faults, and notify the bot."""
    for trouble in active_faults(sandbox):
        trouble.mend()
    sandbox.workspace.notify_changed()


def reset_clock(sandbox: SandboxWorkspace) -> None:
    """Reset the workspace's clock to the machine's time."""
    sandbox.clock.move(-sandbox.clock.moved)


def _tell_again(sandbox: SandboxWorkspace) -> None:
    sandbox.publishing = True


def _of_channel(sandbox: SandboxWorkspace, channel: SlackChannel) -> Iterator[ActiveFault]:
    change = partial(sandbox.change_channel, channel.id)
    if channel.is_archived:
        yield ActiveFault(sentence=f"#{channel.name} is archived.", mend=partial(change, is_archived=False))
    if channel.is_ext_shared:
        yield ActiveFault(
            sentence=f"#{channel.name} is shared with another organization.",
            mend=partial(change, is_ext_shared=False),
        )
    fresh = next((one for one in CHANNELS if one.id == channel.id), None)
    if fresh is None:
        return
    if channel.is_private != fresh.is_private:
        kind = "private" if channel.is_private else "public"
        yield ActiveFault(
            sentence=f"#{channel.name} was made {kind}.", mend=partial(change, is_private=fresh.is_private)
        )
    if channel.name != fresh.name:
        yield ActiveFault(
            sentence=f"#{fresh.name} is called #{channel.name}.", mend=partial(change, name=fresh.name)
        )
    # Where people install the app, the bot is in no channel until they invite it.
    is_placed = sandbox.workspace.app.installed and not sandbox.install_url
    if is_placed and BOT_USER_ID in fresh.members - channel.members:
        yield ActiveFault(
            sentence=f"The bot is not in #{channel.name}.", mend=partial(sandbox.invite_bot, channel.id)
        )


def _ahead(seconds: float) -> str:
    left, words = abs(round(seconds)), list[str]()
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return f"{' '.join(words[:2])} {'ahead' if seconds > 0 else 'behind'}"
