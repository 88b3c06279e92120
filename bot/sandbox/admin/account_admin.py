"""Administrator actions on accounts."""

from msgspec.structs import replace

from bot.sandbox.admin.channel_admin import ChannelAdmin
from bot.sandbox.api_objects import event_objects
from bot.sandbox.workspace.seed_data import TEAM_ID, Account
from bot.sandbox.workspace.workspace_state import UnknownPerson


class AccountAdmin(ChannelAdmin):
    """Changes of people: new ones, other names and zones, accounts closed and opened again."""

    def change_person(
        self,
        who: str,
        *,
        name: str | None = None,
        handle: str | None = None,
        tz: str | None = None,
        is_admin: bool | None = None,
        is_restricted: bool | None = None,
        is_ultra_restricted: bool | None = None,
        is_bot: bool | None = None,
        team: str | None = None,
        deleted: bool | None = None,
    ) -> Account:
        """Change somebody's account; raises UnknownPerson."""
        changes = {
            "name": name,
            "handle": handle,
            "tz": tz,
            "is_admin": is_admin,
            "is_restricted": is_restricted,
            "is_ultra_restricted": is_ultra_restricted,
            "is_bot": is_bot,
            "team": team,
            "deleted": deleted,
        }
        workspace = self.client.workspace
        person = workspace.person(who)
        told = {key: value for key, value in changes.items() if value is not None}
        changed = replace(person, **told, updated=int(workspace.clock.now()))
        workspace.change_person(changed)
        self.publish("user_change", event_objects.person_changed(workspace, changed))
        return changed

    def deactivate(self, who: str) -> None:
        """Deactivate a person's account; raises UnknownPerson."""
        self.change_person(who, deleted=True)

    def reactivate(self, who: str) -> None:
        """Give a person their account back; raises UnknownPerson."""
        self.change_person(who, deleted=False)

    def add_person(self, handle: str, *channels: str, **more: object) -> Account:
        """Let somebody new in, into some channels at once; who is there already stays as they are.

        Somebody of another workspace (`team`) joins channels only, so no team_join tells of them.
        """
        workspace = self.client.workspace
        try:
            return workspace.person(handle)
        except UnknownPerson:
            colour = f"#{sum(map(ord, handle)) * 2654435761 % 0xFFFFFF:06x}"
            given = {"name": handle.capitalize(), "colour": colour, **more}
            person = Account(id=workspace.new_id("U"), handle=handle, **given)  # pyright: ignore[reportArgumentType]  (checked by the struct's caller)
        workspace.change_person(person)
        if person.team == TEAM_ID:
            self.publish("team_join", event_objects.person_joined(workspace, person))
        for where in channels:
            self.invite(person.id, where)
        return person
