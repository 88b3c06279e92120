"""Pages of the installation, as HTML without scripts."""

import hashlib
from base64 import b64encode
from html import escape
from http import HTTPStatus
from typing import Final

import msgspec

from bot.slack.transport.http_messages import HttpResponse


class InstallPage(msgspec.Struct, frozen=True, kw_only=True):
    """Page with a heading, sentences, and a link as its next step.

    The texts are plain and may contain names that people have chosen.
    """

    heading: str
    sentences: tuple[str, ...]
    link: str = ""
    url: str = ""
    status: HTTPStatus = HTTPStatus.OK


def html_response(page: InstallPage) -> HttpResponse:
    """Return the response with a page; browsers neither store it nor show it inside another page."""
    sentences = "".join(f"<p>{escape(one)}</p>" for one in page.sentences)
    link = f'<p><a class="next" href="{escape(page.url)}">{escape(page.link)}</a></p>' if page.url else ""
    body = _PAGE.format(heading=escape(page.heading), sentences=sentences, link=link)
    return HttpResponse(status=int(page.status), headers=_HEADERS, body=body.encode())


def redirect_response(url: str, *, cookie: str = "") -> HttpResponse:
    """Return a redirect that also sets a cookie, if one is given."""
    headers = {**_SAFE, "location": url, **({"set-cookie": cookie} if cookie else {})}
    return HttpResponse(status=int(HTTPStatus.FOUND), headers=headers)


_STYLE: Final = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1.5rem;"
    "color:#1d1c1d;background:#fff}h1{font-size:1.6rem}"
    "a.next{display:inline-block;padding:.6rem 1.2rem;border-radius:.4rem;background:#1f3a4d;color:#fff;"
    "text-decoration:none}a.next:focus{outline:3px solid #1264a3;outline-offset:2px}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#1a1d21}"
    "a.next{background:#9fc5e8;color:#1a1d21}}"
)
_PAGE: Final = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{heading}</title>'
    '<meta name="viewport" content="width=device-width,initial-scale=1"><style>'
    + _STYLE.replace("{", "{{").replace("}", "}}")
    + "</style></head><body><main><h1>{heading}</h1>{sentences}{link}</main></body></html>\n"
)
_SAFE: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",  # the address of the redirect contains Slack's code
    "x-content-type-options": "nosniff",
}
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS: Final = {
    **_SAFE,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
}
