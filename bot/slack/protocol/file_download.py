"""Download of files from Slack with the bot's token, which no other host ever receives."""

import time
from http.client import HTTPException, HTTPMessage
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from bot.slack.protocol.web_api_client import CALL_SECONDS, ApiRefused, ApiUnreachable

ALL_SECONDS = 30.0
"""Maximum duration of a download, in seconds."""

_PIECE = 64 * 1024
_SLACKS = ("files.slack.com", "files.slack-gov.com")
"""Hosts of Slack's files; in a sandbox the host of its Web API."""


def download_file(url: str, *, token: str, api_url: str, most: int) -> bytes:
    """Download a file from Slack, at most `most + 1` bytes.

    Raises Refused (`foreign_host` before anything is sent, `redirected`, `signed_out`, `http_403` and the
    like) and Unreachable.
    """
    if not is_slack_address(url, api_url):
        raise ApiRefused("foreign_host")
    request = Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310  (checked above)
    try:
        with _OPENER.open(request, timeout=CALL_SECONDS) as answer:
            # Without access to the file, Slack returns its sign-in page with status 200.
            if answer.headers.get_content_type() == "text/html":
                raise ApiRefused("signed_out")
            return _content(answer, most + 1)
    except HTTPError as error:
        if error.code >= 500:
            raise ApiUnreachable(f"HTTP {error.code}") from None
        raise ApiRefused("redirected" if error.code < 400 else f"http_{error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise ApiUnreachable(type(error).__name__) from error


def is_slack_address(url: str, api_url: str) -> bool:
    """Return whether an address is on the host that keeps the files of the Web API at `api_url`."""
    try:
        where, api = urlsplit(url), urlsplit(api_url)
        ports = where.port, api.port
    except ValueError:
        return False
    if where.username is not None or where.password is not None:
        return False
    if where.scheme == "https" and where.hostname in _SLACKS:
        return ports[0] in (None, 443)
    return (where.scheme, where.hostname, ports[0]) == (api.scheme, api.hostname, ports[1])


def _content(answer: IO[bytes], most: int) -> bytes:
    ends, content = time.monotonic() + ALL_SECONDS, bytearray()
    while len(content) < most and (piece := answer.read(min(_PIECE, most - len(content)))):
        content += piece
        if time.monotonic() > ends:
            raise ApiUnreachable("TooSlow")
    return bytes(content)


class _Stay(HTTPRedirectHandler):
    """Redirect handler that follows no redirect, because the target would receive the token."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Return None: no request is made."""
        del req, fp, code, msg, headers, newurl
        return None


_OPENER = build_opener(_Stay)
