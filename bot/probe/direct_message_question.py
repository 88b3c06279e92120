"""Question about direct messages: can a message be found by its metadata?"""

from bot.probe.artifact_log import Artifact
from bot.probe.probe_answers import DirectMessageAnswer, Outcome
from bot.probe.probe_channel import EVENT_TYPE, ProbeChannel
from bot.slack.protocol.requests import Json


def ask_about_direct_message(site: ProbeChannel, person: str) -> DirectMessageAnswer:
    """Post with metadata, look for it, edit without metadata, look again; raises Refused and Unreachable."""
    channel = str(site.api.call("conversations.open", users=person)["channel"]["id"])
    site.scrubber.learn([channel])
    message = site.post(channel, "A check of the Slack probe. It is deleted in a moment.")
    found = found_by_metadata(site, message) == message.id
    edited = site.edit(message, text="A check of the Slack probe, edited. It is deleted in a moment.")
    kept = edited == Outcome() and found_by_metadata(site, message) == message.id
    return DirectMessageAnswer(
        info=site.outcome("conversations.info", channel=channel), metadata_found=found, metadata_kept=kept
    )


def found_by_metadata(site: ProbeChannel, message: Artifact) -> str | None:
    """Return the timestamp of the message with a note's metadata, or None; raises Refused and Unreachable."""
    where = {"ts": message.thread} if message.thread else {}
    told = site.api.call(
        "conversations.replies" if message.thread else "conversations.history",
        channel=message.channel,
        limit="200",
        include_all_metadata="true",
        **where,
    )
    for one in told.get("messages", ()):
        metadata: Json = one.get("metadata") or {}
        payload: Json = metadata.get("event_payload") or {}
        if metadata.get("event_type") == EVENT_TYPE and payload.get("number") == message.number:
            return str(one["ts"])
    return None
