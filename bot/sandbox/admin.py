"""Administrator actions in the workspace, and the events they cause."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TypedDict, Unpack

from msgspec.structs import replace

from bot.sandbox.api_objects import event_objects
from bot.sandbox.client.slack_client import SlackClient
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID, Tokens
from bot.sandbox.workspace.installed_places import InstalledPlaces
from bot.sandbox.workspace.seed_data import ANA, SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import TOMBSTONE, UnknownPerson

ADMINISTRATOR = ANA.id
"""The administrator in whose name changes are made."""


class AccountChanges(TypedDict, total=False):
    """The fields of an account that an administrator can change."""

    name: str
    tz: str
    is_admin: bool
    is_restricted: bool
    is_bot: bool
    deleted: bool


class WorkspaceAdmin:
    """Changes by administrators, with events to the bot except for those made `quietly`."""

    def __init__(self, client: SlackClient) -> None:
        self.client = client
        self.publishing = True
        """Whether changes are published to the bot."""

    @contextmanager
    def quietly(self, *, unless: bool = False) -> Generator[None]:
        """Drop the events of all changes made inside the block."""
        before, self.publishing = self.publishing, self.publishing and unless
        try:
            yield
        finally:
            self.publishing = before

    def publish(self, name: str, event: Json) -> None:
        """Deliver an event in the background, after earlier ones, if the app subscribed to it."""
        if self.publishing:
            self.client.event(name, {"event_ts": self.client.workspace.new_ts(), **event}, soon=True)

    # Channels, their members and messages

    def change_channel(
        self,
        where: str,
        *,
        name: str | None = None,
        is_archived: bool | None = None,
        is_private: bool | None = None,
        is_ext_shared: bool | None = None,
    ) -> None:
        """Rename, archive, make private or share a channel, or undo that; raises UnknownConversation.

        A channel made private keeps its ID; Slack reports that only as a message, which requires a
        subscription to message.groups.
        """
        if is_private is not None:
            self._make_private(self.client.workspace.channel(where), is_private)
        if name is not None:
            renamed = self._changed(where, name=name)
            self._tell_of(renamed, event_objects.channel_renamed(renamed) if renamed else None)
            where = name
        if is_ext_shared is not None:
            shared = self._changed(where, is_ext_shared=is_ext_shared)
            self._tell_of(shared, event_objects.channel_shared(shared) if shared else None)
        if is_archived is not None:
            archived = self._changed(where, is_archived=is_archived)
            event = event_objects.channel_archived(archived, ADMINISTRATOR) if archived else None
            self._tell_of(archived, event)

    def restrict(
        self,
        where: str,
        *,
        is_read_only: bool = False,
        is_thread_only: bool = False,
        is_non_threadable: bool = False,
    ) -> None:
        """Set who may post in a channel; Slack sends no event about it."""
        self._changed(
            where,
            is_read_only=is_read_only,
            is_thread_only=is_thread_only,
            is_non_threadable=is_non_threadable,
        )

    def lock_thread(self, where: str, ts: str, *, locked: bool = True) -> None:
        """Lock or unlock a thread; raises LookupError if it does not exist."""
        workspace = self.client.workspace
        message = workspace.message(workspace.channel(where).id, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {where}")
        workspace.lock_thread(message, locked=locked)

    def open_group(self, *who: str) -> str:
        """Open the direct messages of several people, without the bot; return the conversation's id."""
        workspace = self.client.workspace
        return workspace.group([workspace.person(one).id for one in who]).id

    def change_channel_id(self, where: str) -> str:
        """Change a channel's ID, as Slack does when a private channel is shared; return the new ID."""
        before = self.client.workspace.channel(where)
        now = self.client.workspace.give_new_id(before)
        self._tell_of(now, event_objects.channel_id_changed(before, now))
        return now.id

    def delete_channel(self, where: str) -> None:
        """Delete a channel with its messages; raises UnknownConversation."""
        channel = self.client.workspace.channel(where)
        self.client.workspace.delete_channel(channel)
        self._tell_of(
            channel, event_objects.channel_event(f"{event_objects.channel_family(channel)}_deleted", channel)
        )

    def invite(self, who: str, where: str, *, by: str = ADMINISTRATOR) -> None:
        """Add a person or the bot to a channel."""
        channel, person = self.client.workspace.channel(where), self.client.workspace.person(who)
        if self.client.workspace.join(channel.id, person.id):
            now = self.client.workspace.channel(channel.id)
            self._tell_of_membership(
                now,
                event_objects.membership_changed(
                    self.client.workspace, "member_joined_channel", now, person, by
                ),
            )

    def remove(self, who: str, where: str) -> None:
        """Remove a person or the bot from a channel."""
        channel, person = self.client.workspace.channel(where), self.client.workspace.person(who)
        if not self.client.workspace.leave(channel.id, person.id):
            return
        if person.id == BOT_USER_ID:
            left = f"{event_objects.channel_family(channel)}_left"
            self.publish(left, event_objects.channel_event(left, channel, actor_id=ADMINISTRATOR))
            return
        self._tell_of_membership(
            channel,
            event_objects.membership_changed(self.client.workspace, "member_left_channel", channel, person),
        )

    def invite_bot(self, where: str) -> None:
        """Add the bot to a channel."""
        self.invite(BOT_USER_ID, where)

    def remove_bot(self, where: str) -> None:
        """Remove the bot from a channel."""
        self.remove(BOT_USER_ID, where)

    def delete_message(self, where: str, ts: str) -> None:
        """Delete a message of any author; raises LookupError if there is none."""
        workspace = self.client.workspace
        channel = workspace.channel(where)
        message = workspace.message(channel.id, ts)
        if message is None or message.subtype == TOMBSTONE:
            raise LookupError(f"no message {ts} in {channel.name}")
        workspace.delete(message)
        if BOT_USER_ID in channel.members:
            message_event = event_objects.message_deleted(workspace, channel, message, workspace.new_ts())
            self.publish(event_objects.message_subscription(channel), message_event)

    def _changed(self, where: str, **change: object) -> SlackChannel | None:
        """Return the changed channel, or None if nothing changes."""
        channel = self.client.workspace.channel(where)
        changed = replace(channel, **change)
        if changed == channel:
            return None
        self.client.workspace.change_channel(changed)
        return changed

    def _tell_of(self, channel: SlackChannel | None, event: Json | None) -> None:
        # A public channel's changes go to the whole workspace, a private one's to its members.
        if channel is None or event is None:
            return
        if not channel.is_private or BOT_USER_ID in channel.members:
            self.publish(str(event["type"]), event)

    def _tell_of_membership(self, channel: SlackChannel, event: Json) -> None:
        if BOT_USER_ID in channel.members:
            self.publish(str(event["type"]), event)

    def _make_private(self, channel: SlackChannel, is_private: bool) -> None:  # noqa: FBT001  (the value itself)
        changed = self._changed(channel.id, is_private=is_private)
        if changed is None:
            return
        workspace = self.client.workspace
        word, then = ("private", "it can only be viewed or joined by invitation.")
        if not is_private:
            word, then = ("public", "any member of this workspace can see and join it.")
        message = workspace.post(
            channel=changed.id,
            author=ADMINISTRATOR,
            text=f"made this channel *{word}*. Now, {then}",
            subtype=f"channel_convert_to_{word}",
        )
        if BOT_USER_ID in changed.members:
            message_event = event_objects.message_posted(workspace, changed, message)
            self.publish(event_objects.message_subscription(changed), message_event)

    # Accounts

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

    # Installation of the app

    @property
    def tokens(self) -> Tokens:
        """The secrets of the app, and the current bot token."""
        return self.client.workspace.app.tokens

    def revoke_token(self) -> None:
        """Revoke the bot's token: the Web API answers token_revoked, and a tokens_revoked event is sent."""
        self._refuse("token_revoked")
        self.publish("tokens_revoked", event_objects.tokens_revoked())

    def restore_token(self) -> None:
        """Make the bot's token valid again."""
        self._refuse(None)

    def install(self, *channels: str) -> str:
        """Install the app in this workspace, add the bot to channels, and return its token."""
        issued = self._installations.install(self.client.workspace.team.id)
        for where in channels:
            self.invite_bot(where)
        return issued.token

    def uninstall(self) -> None:
        """Uninstall the app: it is notified, leaves every channel, and receives no more events.

        If it is installed in the whole organization, it is uninstalled from the whole organization.
        """
        self._uninstall(soon=False)

    def uninstall_in_background(self) -> None:
        """Uninstall the app without waiting for the bot, for example when the bot itself asks for it."""
        self._uninstall(soon=True)

    def reinstall(self) -> None:
        """Reinstall the app with a new bot token; it is in no channel until it is invited."""
        self._installations.install(self.client.workspace.place)

    @property
    def _installations(self) -> InstalledPlaces:
        return self.client.parts.installations

    def _refuse(self, code: str | None) -> None:
        for one in self._installations.members(self.client.workspace.place):
            self._installations.refuse(one, code)

    def _uninstall(self, *, soon: bool) -> None:
        # The token is invalid before the bot is notified, and the bot is notified before it is removed.
        self._refuse("token_revoked")
        if self.publishing:
            ts = self.client.workspace.new_ts()
            events: tuple[Json, Json] = (event_objects.tokens_revoked(), {"type": "app_uninstalled"})
            self.client.tell_of_uninstallation(*({"event_ts": ts, **one} for one in events), soon=soon)
        self._installations.uninstall(self.client.workspace.place)
