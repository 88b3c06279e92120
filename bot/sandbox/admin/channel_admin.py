"""Administrator actions on channels, memberships and messages."""

from msgspec.structs import replace

from bot.sandbox.admin.event_publisher import EventPublisher
from bot.sandbox.api_objects import event_objects
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.installed_app import BOT_USER_ID
from bot.sandbox.workspace.seed_data import ANA, SlackChannel
from bot.sandbox.workspace.workspace_state import TOMBSTONE

ADMINISTRATOR = ANA.id
"""The administrator in whose name changes are made."""


class ChannelAdmin(EventPublisher):
    """Administrator actions on channels, their members and messages."""

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
