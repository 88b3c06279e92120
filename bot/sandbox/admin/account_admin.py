"""Administrator actions on accounts."""

from typing import TypedDict, Unpack

from msgspec.structs import replace

from bot.sandbox.admin.channel_admin import ChannelAdmin
from bot.sandbox.api_objects import event_objects
from bot.sandbox.workspace.seed_data import SlackAccount
from bot.sandbox.workspace.workspace_state import UnknownPerson


class AccountChanges(TypedDict, total=False):
    """The fields of an account that an administrator can change."""

    name: str
    tz: str
    is_admin: bool
    is_restricted: bool
    is_bot: bool
    deleted: bool


class AccountAdmin(ChannelAdmin):
    """Administrator actions on accounts: addition, renaming, time zone, deactivation, reactivation."""

    def change_person(self, who: str, **changes: Unpack[AccountChanges]) -> SlackAccount:
        """Change a person's account; raises UnknownPerson."""
        workspace = self.client.workspace
        changed = replace(workspace.person(who), **changes, updated=int(workspace.clock.now()))
        workspace.change_person(changed)
        self.publish("user_change", event_objects.person_changed(workspace, changed))
        return changed

    def deactivate(self, who: str) -> None:
        """Deactivate a person's account; raises UnknownPerson."""
        self.change_person(who, deleted=True)

    def reactivate(self, who: str) -> None:
        """Reactivate a person's account; raises UnknownPerson."""
        self.change_person(who, deleted=False)

    def add_person(self, handle: str, *channels: str, **more: object) -> SlackAccount:
        """Add a person and invite them to channels; an existing account stays as it is.

        A person of another workspace (`team`) joins channels only, without a team_join event.
        """
        workspace = self.client.workspace
        try:
            return workspace.person(handle)
        except UnknownPerson:
            colour = f"#{sum(map(ord, handle)) * 2654435761 % 0xFFFFFF:06x}"
            given = {"name": handle.capitalize(), "colour": colour, "team": workspace.team.id, **more}
            person = SlackAccount(id=workspace.new_id("U"), handle=handle, **given)  # pyright: ignore[reportArgumentType]  (checked by the struct's caller)
        workspace.change_person(person)
        if person.team == workspace.team.id:
            self.publish("team_join", event_objects.person_joined(workspace, person))
        for where in channels:
            self.invite(person.id, where)
        return person
