"""Download of the shared file to import, or the reason why it cannot be read."""

from collections.abc import Mapping
from typing import Final

import msgspec

from bot.formats.importers.untrusted_document import MAX_BYTES
from bot.slack.protocol.file_download import download_file
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable, SlackApi
from domain.kernel.elements import ChannelId
from domain.rejections import Rejected


def fetch_shared_file(api: SlackApi, file: str, channel: ChannelId, *, most: int = MAX_BYTES) -> bytes:
    """Return the content, of at most `most` bytes, of a file in a channel.

    Raises Rejected with an alternative.
    """
    return fetch_named_file(api, file, channel, most=most)[1]


def fetch_named_file(
    api: SlackApi, file: str, channel: ChannelId, *, most: int = MAX_BYTES
) -> tuple[str, bytes]:
    """Return the name and content of a file in a channel, or one that was uploaded in a form."""
    try:
        shared_file = msgspec.convert(api.call("files.info", file=file)["file"], _File)
        _check(shared_file, channel, most)
        content = download_file(
            shared_file.url_private_download or shared_file.url_private,
            token=api.token,
            api_url=api.base_url,
            most=most,
        )
    except ApiRefused as refused:
        raise Rejected(_WHY.get(refused.code, _OTHERWISE.format(code=refused.code[:60]))) from None
    except (ApiUnreachable, msgspec.ValidationError, KeyError):
        raise Rejected(_NOT_NOW) from None
    if len(content) > most:
        raise Rejected(_too_large(most))
    return shared_file.name, content


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """The relevant fields of `files.info`."""

    name: str = ""
    mode: str = ""
    size: int = 0
    is_external: bool = False
    file_access: str = "visible"
    url_private: str = ""
    url_private_download: str = ""
    channels: list[str] = []
    groups: list[str] = []
    ims: list[str] = []


def _check(shared_file: _File, channel: ChannelId, most: int) -> None:
    """Raise Rejected for a file that cannot be downloaded, or is not in this channel."""
    if shared_file.mode == "tombstone":
        raise Rejected(_GONE)
    if shared_file.file_access != "visible" or shared_file.mode == "hidden_by_limit":
        raise Rejected(_NOT_SEEN)
    if shared_file.is_external or shared_file.mode == "external":
        raise Rejected(_ELSEWHERE)
    if not (shared_file.url_private_download or shared_file.url_private):
        raise Rejected(_NO_FILE)
    shown_in = {*shared_file.channels, *shared_file.groups, *shared_file.ims}
    if shown_in and channel not in shown_in:
        raise Rejected(_NOT_SEEN)
    if shared_file.size > most:
        raise Rejected(_too_large(most))


def _too_large(most: int) -> str:
    return (
        f"This file is too large. The limit is {most // 1_000_000} MB. Divide the system into several "
        "models, or leave out what the threat model does not need."
    )


_GONE: Final = "This file was deleted. Upload it to this channel again, then retry."
_NOT_SEEN: Final = (
    "The bot cannot access this file: it belongs to another workspace or is not shared in this channel. "
    "Upload it to this channel yourself, then retry."
)
_ELSEWHERE: Final = (
    "This file is stored by another service, where the bot cannot read it. Download it there, upload it "
    "to this channel, then retry."
)
_NO_FILE: Final = "This file cannot be downloaded from Slack. Upload the file itself to this channel."
_MAY_NOT: Final = (
    "The app lacks the permission “files:read”. Ask the operator of the bot to add this scope, as in the "
    "app manifest, and to reinstall the app."
)
_NOT_NOW: Final = "Slack did not return the file. Try again in a minute."
_OTHERWISE: Final = "Slack refused access to this file ({code}). Upload it to this channel again, then retry."
_WHY: Final[Mapping[str, str]] = {
    "access_denied": _NOT_SEEN,
    "file_deleted": _GONE,
    "file_not_found": _NOT_SEEN,
    "foreign_host": _ELSEWHERE,
    "missing_scope": _MAY_NOT,
    "no_permission": _MAY_NOT,
    "not_visible": _NOT_SEEN,
    "ratelimited": _NOT_NOW,
    "signed_out": _MAY_NOT,
}
