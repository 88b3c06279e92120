"""Administrator actions in the workspace, and the events they cause."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TypedDict, Unpack

from msgspec.structs import replace

from bot.sandbox.api_objects.basic_objects import visible_user_object
from bot.sandbox.api_objects.event_objects import (
    TOKENS_REVOKED,
    channel_family,
    membership_changed,
    message_posted,
    message_replaced,
    message_subscription,
)
from bot.sandbox.slack_client import SlackClient
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID, Tokens
from bot.sandbox.workspace.installed_places import InstalledPlaces
from bot.sandbox.workspace.seed_data import ANA, PARTNER_TEAM_ID, SlackAccount, SlackChannel
from bot.sandbox.workspace.workspace_state import UnknownPerson

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
        self.client, self.workspace = client, client.workspace
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
            self.client.event(name, {"event_ts": self.workspace.new_ts(), **event}, soon=True)

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
            self._make_private(self.workspace.channel(where), is_private)
        if name is not None:
            if renamed := self._changed(where, name=name):
                fields: Json = {"id": renamed.id, "name": name, "created": renamed.created}
                fields |= {"name_normalized": name, "is_channel": not renamed.is_private, "is_mpim": False}
                self._publish_of(renamed, f"{channel_family(renamed)}_rename", channel=fields)
            where = name
        if is_ext_shared and (shared := self._changed(where, is_ext_shared=True)):
            self._publish_of(shared, "channel_shared", connected_team_id=PARTNER_TEAM_ID)
        if is_ext_shared is False and (shared := self._changed(where, is_ext_shared=False)):
            before: Json = {"previously_connected_team_id": PARTNER_TEAM_ID, "is_ext_shared": False}
            self._publish_of(shared, "channel_unshared", **before)
        if is_archived is not None and (archived := self._changed(where, is_archived=is_archived)):
            word = "archive" if is_archived else "unarchive"
            self._publish_of(archived, f"{channel_family(archived)}_{word}", user=ADMINISTRATOR)

    def restrict(
        self,
        where: str,
        *,
        is_read_only: bool = False,
        is_thread_only: bool = False,
        is_non_threadable: bool = False,
    ) -> None:
        """Set who may post in a channel; Slack sends no event about it."""
        rules = {"is_read_only": is_read_only, "is_thread_only": is_thread_only}
        self._changed(where, **rules, is_non_threadable=is_non_threadable)

    def lock_thread(self, where: str, ts: str, *, locked: bool = True) -> None:
        """Lock or unlock a thread; raises LookupError if it does not exist."""
        message = self.workspace.message(self.workspace.channel(where).id, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {where}")
        self.workspace.lock_thread(message, locked=locked)

    def open_group(self, *who: str) -> str:
        """Open the direct messages of several people, without the bot; return the conversation's id."""
        return self.workspace.group([self.workspace.person(one).id for one in who]).id

    def change_channel_id(self, where: str) -> str:
        """Change a channel's ID, as Slack does when a private channel is shared; return the new ID."""
        before = self.workspace.channel(where)
        now = self.workspace.give_new_id(before)
        ids = {"old_channel_id": before.id, "new_channel_id": now.id}
        if not now.is_private or BOT_USER_ID in now.members:
            self.publish("channel_id_changed", {"type": "channel_id_changed", **ids})
        return now.id

    def delete_channel(self, where: str) -> None:
        """Delete a channel with its messages; raises UnknownConversation."""
        channel = self.workspace.channel(where)
        self.workspace.delete_channel(channel)
        self._publish_of(channel, f"{channel_family(channel)}_deleted")

    def invite(self, who: str, where: str, *, by: str = ADMINISTRATOR) -> None:
        """Add a person or the bot to a channel."""
        channel, person = self.workspace.channel(where), self.workspace.person(who)
        if self.workspace.join(channel.id, person.id):
            self._publish_membership("member_joined_channel", self.workspace.channel(channel.id), person, by)

    def remove(self, who: str, where: str) -> None:
        """Remove a person or the bot from a channel."""
        channel, person = self.workspace.channel(where), self.workspace.person(who)
        if not self.workspace.leave(channel.id, person.id):
            return
        if person.id == BOT_USER_ID:
            left = f"{channel_family(channel)}_left"
            self.publish(left, {"type": left, "channel": channel.id, "actor_id": ADMINISTRATOR})
            return
        self._publish_membership("member_left_channel", channel, person)

    def invite_bot(self, where: str) -> None:
        """Add the bot to a channel."""
        self.invite(BOT_USER_ID, where)

    def remove_bot(self, where: str) -> None:
        """Remove the bot from a channel."""
        self.remove(BOT_USER_ID, where)

    def delete_message(self, where: str, ts: str) -> None:
        """Delete a message of any author; raises LookupError if there is none."""
        channel = self.workspace.channel(where)
        message = self.workspace.message(channel.id, ts)
        if message is None:
            raise LookupError(f"no message {ts} in {channel.name}")
        self.workspace.delete(message)
        if BOT_USER_ID in channel.members:
            event = message_replaced(self.workspace, channel, message)
            self.publish(message_subscription(channel), event)

    def _changed(self, where: str, **change: object) -> SlackChannel | None:
        """Return the changed channel, or None if nothing changes."""
        channel = self.workspace.channel(where)
        changed = replace(channel, **change)
        if changed == channel:
            return None
        self.workspace.change_channel(changed)
        return changed

    def _publish_of(self, where: SlackChannel, name: str, **fields: object) -> None:
        # A public channel's changes go to the whole workspace, a private one's to its members.
        if not where.is_private or BOT_USER_ID in where.members:
            self.publish(name, {"type": name, "channel": where.id, **fields})

    def _publish_membership(
        self, name: str, channel: SlackChannel, person: SlackAccount, by: str | None = None
    ) -> None:
        if BOT_USER_ID in channel.members:
            self.publish(name, membership_changed(self.workspace, name, channel, person, by))

    def _make_private(self, channel: SlackChannel, is_private: bool) -> None:  # noqa: FBT001  (the value itself)
        changed = self._changed(channel.id, is_private=is_private)
        if changed is None:
            return
        word, then = ("private", "it can only be viewed or joined by invitation.")
        if not is_private:
            word, then = ("public", "any member of this workspace can see and join it.")
        message = self.workspace.post(
            channel=changed.id,
            author=ADMINISTRATOR,
            text=f"made this channel *{word}*. Now, {then}",
            subtype=f"channel_convert_to_{word}",
        )
        if BOT_USER_ID in changed.members:
            self.publish(message_subscription(changed), message_posted(self.workspace, changed, message))

    # Accounts

    def change_person(self, who: str, **changes: Unpack[AccountChanges]) -> SlackAccount:
        """Change a person's account; raises UnknownPerson."""
        changed = replace(self.workspace.person(who), **changes, updated=int(self.workspace.clock.now()))
        self.workspace.change_person(changed)
        user = visible_user_object(self.workspace, changed)
        cached = int(self.workspace.clock.now())
        self.publish("user_change", {"type": "user_change", "user": user, "cache_ts": cached})
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
        try:
            return self.workspace.person(handle)
        except UnknownPerson:
            colour = f"#{sum(map(ord, handle)) * 2654435761 % 0xFFFFFF:06x}"
            given = {"name": handle.capitalize(), "colour": colour, "team": self.workspace.team.id, **more}
            person = SlackAccount(id=self.workspace.new_id("U"), handle=handle, **given)  # pyright: ignore[reportArgumentType]  (checked by the struct's caller)
        self.workspace.change_person(person)
        if person.team == self.workspace.team.id:
            user = visible_user_object(self.workspace, person)
            self.publish("team_join", {"type": "team_join", "user": user})
        for where in channels:
            self.invite(person.id, where)
        return person

    # Installation of the app

    @property
    def tokens(self) -> Tokens:
        """The secrets of the app, and the current bot token."""
        return self.workspace.app.tokens

    def revoke_token(self) -> None:
        """Revoke the bot's token: the Web API answers token_revoked, and a tokens_revoked event is sent."""
        self._refuse("token_revoked")
        self.publish("tokens_revoked", TOKENS_REVOKED)

    def restore_token(self) -> None:
        """Make the bot's token valid again."""
        self._refuse(None)

    def install(self, *channels: str) -> str:
        """Install the app in this workspace, add the bot to channels, and return its token."""
        issued = self._installations.install(self.workspace.team.id)
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
        self._installations.install(self.workspace.place)

    @property
    def _installations(self) -> InstalledPlaces:
        return self.client.parts.installations

    def _refuse(self, code: str | None) -> None:
        for member in self._installations.members(self.workspace.place):
            self._installations.refuse(member, code)

    def _uninstall(self, *, soon: bool) -> None:
        # The token is invalid before the bot is notified, and the bot is notified before it is removed.
        self._refuse("token_revoked")
        if self.publishing:
            ts = self.workspace.new_ts()
            events: tuple[Json, Json] = (TOKENS_REVOKED, {"type": "app_uninstalled"})
            self.client.tell_of_uninstallation(*({"event_ts": ts, **event} for event in events), soon=soon)
        self._installations.uninstall(self.workspace.place)
