"""Cleanup of what the probe created, in this run or an earlier one."""

from typing import Final

from bot.probe.artifact_log import Artifact
from bot.probe.direct_message_question import found_by_metadata
from bot.probe.file_questions import file_shares
from bot.probe.probe_channel import ProbeChannel
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable

_GONE: Final = {
    "canvas_disabled_file_team",
    "canvas_not_found",
    "channel_not_found",
    "file_deleted",
    "file_not_found",
    "message_not_found",
}


def clean_up(site: ProbeChannel) -> list[str]:
    """Delete everything that is noted, the newest first; return a sentence for each thing that may remain.

    What could not be deleted stays noted, for another try.
    """
    return [sentence for one in site.leftovers.remaining() if (sentence := _removed(site, one))]


def _removed(site: ProbeChannel, one: Artifact) -> str:
    try:
        if one.id:
            _delete(site, one)
        elif one.kind != "file":  # an upload that was never completed is shown to no one
            found = _found(site, one)
            if found is None:
                site.leftovers.record_deleted(one)
                return _BY_HAND[one.kind]
            if found:
                _delete(site, site.leftovers.record_created(one, found))
    except (ApiRefused, ApiUnreachable) as fault:
        return f"A {one.kind} could not be deleted ({fault.code}): run `threatmodel doctor --clean-up` later."
    site.leftovers.record_deleted(one)
    return ""


def _delete(site: ProbeChannel, one: Artifact) -> None:
    try:
        match one.kind:
            case "message":
                site.api.call("chat.delete", channel=one.channel, ts=one.id)
            case "canvas":
                site.api.call("canvases.delete", canvas_id=one.id)
            case "file":
                for channel, ts in file_shares(site, one):
                    site.outcome("chat.delete", channel=channel, ts=ts)
                site.api.call("files.delete", file=one.id)
    except ApiRefused as refused:
        if refused.code not in _GONE:
            raise


def _found(site: ProbeChannel, one: Artifact) -> str | None:
    """Return the timestamp of a message of which only the intention is noted; None if that cannot be known.

    Empty if it was not posted after all. Raises Unreachable.
    """
    if one.kind != "message":
        return None
    try:
        return found_by_metadata(site, one) or ""
    except ApiRefused:
        return None


_BY_HAND: Final = {
    "message": ("The probe ended while it posted a message. If one is left in the channel, delete it there."),
    "canvas": (
        "The probe ended while it made a canvas. If one called “Slack probe” is left in the channel, "
        "delete it there."
    ),
}
