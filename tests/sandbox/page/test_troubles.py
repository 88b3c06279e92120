"""Active faults are derived from the workspace, and cleared completely."""

from msgspec.structs import replace

from bot.sandbox.api import Sandbox
from bot.sandbox.page.fault_panel import active_faults, clear_faults
from bot.sandbox.page.sidebar import create_channel
from bot.sandbox.workspace.seed_data import SlackAccount


def test_a_new_workspace_has_no_faults(quiet: Sandbox) -> None:
    assert active_faults(quiet) == []


def people(quiet: Sandbox) -> list[SlackAccount]:
    """The people, but for when Slack last changed something of them."""
    return [replace(person, updated=0) for person in quiet.workspace.people]


def test_every_fault_is_listed_and_cleared(quiet: Sandbox) -> None:
    before = (quiet.workspace.channels, people(quiet))
    quiet.faults.latency = 2
    quiet.publishing = False
    quiet.revoke_token()
    quiet.change_channel("house", is_archived=True, is_ext_shared=True, is_private=True, name="attic")
    quiet.remove_bot("general")
    quiet.deactivate("eve")
    quiet.clock.move(-90_000)
    assert [fault.sentence for fault in active_faults(quiet)] == [
        "Every call to Slack takes 2 s longer.",
        "Changes send no events to the bot.",
        "The bot's token is revoked.",
        "#attic is archived.",
        "#attic is shared with another organization.",
        "#attic was made private.",
        "#house is called #attic.",
        "The bot is not in #general.",
        "Eve's account is deactivated.",
        "The clock is 1 day 1 hour behind.",
    ]
    clear_faults(quiet)
    assert active_faults(quiet) == []
    assert (quiet.workspace.channels, people(quiet)) == before


def test_a_created_channel_is_no_fault_but_its_changes_are(quiet: Sandbox) -> None:
    ana = quiet.person("ana")
    create_channel(ana, "garage", is_private=True)
    assert active_faults(quiet) == []
    quiet.change_channel("garage", is_archived=True)
    assert [fault.sentence for fault in active_faults(quiet)] == ["#garage is archived."]
