"""Installation by OAuth: `/slack/install`, the redirect to Slack, the page that people return to,
and what Slack's review asks for beside it: a page about privacy and one about support.
"""

import hashlib
import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from html import escape
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qsl, urlencode

import msgspec
import structlog
from msgspec.structs import replace

from bot.request_rates import AddressRates, RequestRate
from bot.settings import Settings
from bot.slack.directory.app_installations.installation_work import InstallationWork
from bot.slack.directory.app_installations.slack_oauth import (
    LIFE,
    GrantedTokens,
    InstallStates,
    SlackOAuth,
    app_url,
    authorize_url,
)
from bot.slack.protocol.app_ids import (
    COMMAND,
    INSTALL_PATH,
    PRIVACY_PATH,
    REDIRECT_PATH,
    START_PATH,
    SUPPORT_PATH,
)
from bot.slack.protocol.web_api_client import ApiRefused, ApiUnreachable
from bot.slack.transport.http_messages import HttpRequest, HttpResponse, RequestRefused, client_address
from bot.store import StoreUnavailable


class InstallPage(msgspec.Struct, frozen=True, kw_only=True):
    """Page with a heading, sentences, and a link as its next step.

    The texts are plain and may contain names that people have chosen.
    """

    heading: str
    sentences: tuple[str, ...]
    link: str = ""
    url: str = ""
    further: tuple[tuple[str, str], ...] = ()
    """Labels and addresses of further pages."""
    status: HTTPStatus = HTTPStatus.OK


def html_response(page: InstallPage) -> HttpResponse:
    """Return the response with a page; browsers neither store it nor show it inside another page."""
    sentences = "".join(f"<p>{escape(sentence)}</p>" for sentence in page.sentences)
    link = f'<p><a class="next" href="{escape(page.url)}">{escape(page.link)}</a></p>' if page.url else ""
    further = " · ".join(f'<a href="{escape(url)}">{escape(label)}</a>' for label, url in page.further)
    if further:
        link += f"<footer>{further}</footer>"
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
    "footer{margin-top:3rem}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#1a1d21}footer a{color:#9fc5e8}"
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


PATHS: Final = frozenset({INSTALL_PATH, START_PATH, REDIRECT_PATH, PRIVACY_PATH, SUPPORT_PATH})

AT_ONCE: Final = 4
"""Concurrent exchanges of codes: each waits for Slack, and threads are left for Slack's requests."""

EACH: Final = RequestRate(burst=20, per_second=1.0)
"""Installations begun or finished from one address."""

ALL: Final = RequestRate(burst=60, per_second=5.0)
"""Installations begun or finished from all addresses together: each may ask Slack."""

_LONGEST: Final = 2_000
"""Maximum length of a code, a state or an error."""

log = structlog.get_logger()


class InstallPages(msgspec.Struct, frozen=True, eq=False):
    """Pages by which workspaces install the app; `scopes` are those of the manifest."""

    settings: Settings
    states: InstallStates
    work: InstallationWork
    scopes: tuple[str, ...]
    rates: AddressRates = msgspec.field(default_factory=lambda: AddressRates(EACH, ALL))
    _free: threading.BoundedSemaphore = msgspec.field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )

    @property
    def _oauth(self) -> SlackOAuth:
        return SlackOAuth(self.settings)

    def admit(self, request: HttpRequest) -> HttpResponse | Callable[[], HttpResponse]:
        """Return a page, or a function that asks Slack first; raises RequestRefused."""
        head = request.head
        if head.method != "GET" and (head.method != "HEAD" or head.path == REDIRECT_PATH):
            raise RequestRefused(HTTPStatus.METHOD_NOT_ALLOWED, "This URL accepts GET requests only.")
        if head.path == INSTALL_PATH:
            return html_response(_RESTRICTED_INSTALL if self.settings.allowed_workspaces else _INSTALL)
        if head.path in _ABOUT:
            return html_response(_with_contact(_ABOUT[head.path], self.settings.support_contact))
        if self.rates.take(client_address(request, self.settings.proxies)):
            return html_response(_OFTEN)
        if head.path == START_PATH:
            return self._redirect()
        fields = dict(parse_qsl(head.query))
        if any(len(field) > _LONGEST for field in fields.values()):
            return html_response(_EXPIRED)
        return lambda: self._finish(fields, head.headers)

    def _redirect(self) -> HttpResponse:
        state, secret = self.states.new()
        query = urlencode({
            "client_id": self.settings.client_id,
            "scope": ",".join(self.scopes),
            "user_scope": "",
            "state": state,
        })  # fmt: skip
        cookie = self._cookie(state, secret, seconds=LIFE.seconds)
        return redirect_response(f"{authorize_url(self.settings.api_url)}?{query}", cookie=cookie)

    def _cookie(self, state: str, secret: str, *, seconds: int) -> str:
        return f"{self._cookie_name(state)}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax" + (
            "; Secure" if self._is_secure else ""
        )

    def _cookie_name(self, state: str) -> str:
        """Return the name of the cookie of a state: each tab of a browser has one of its own.

        No other site, one of the same domain included, can set a cookie with this prefix.
        """
        prefix = "__Host-" if self._is_secure else ""
        return f"{prefix}threatmodel-{sha256(state.encode()).hexdigest()[:16]}"

    @property
    def _is_secure(self) -> bool:
        # Browsers send a secure cookie over HTTPS only, which sandboxes do not use.
        return self.settings.api_url.startswith("https:")

    def _finish(self, fields: Mapping[str, str], headers: Mapping[str, str]) -> HttpResponse:
        """Return the page after Slack's page, on a thread."""
        if not self._free.acquire(blocking=False):
            return html_response(_BUSY)
        try:
            state = fields.get("state", "")
            if not self.states.is_valid(state, _secret(headers, self._cookie_name(state))):
                return html_response(_EXPIRED)
            response = html_response(self._result(fields))
            # Without its cookie, the state is used up; Slack's code is anyway.
            used = self._cookie(state, "", seconds=0)
            return replace(response, headers={**response.headers, "set-cookie": used})
        finally:
            self._free.release()

    def _result(self, fields: Mapping[str, str]) -> InstallPage:
        try:
            if error := fields.get("error"):
                return _CANCELED if error == "access_denied" else _refused(error)
            granted = self._oauth.exchange(fields.get("code", ""))
            if not self.settings.may_install(team=granted.team, enterprise=granted.enterprise):
                return self._refuse(granted)
            self.work.install(granted)
        except ApiRefused as refused:
            log.error("Slack refused an installation", why=refused.code)
            return _refused(refused.code)
        except ApiUnreachable as fault:
            log.error("an installation got no answer from Slack", why=fault.code)
            return _NO_ANSWER
        except StoreUnavailable as fault:
            log.error("an installation could not be recorded", why=str(fault))
            return _NOT_RECORDED
        return self._done(granted)

    def _refuse(self, granted: GrantedTokens) -> InstallPage:
        """Give back the token of a workspace that may not install the app, and store nothing."""
        place = granted.team or granted.enterprise
        log.warning("a workspace that is not allowed tried to install the app", workspace=place)
        revoked = True
        try:
            self._oauth.revoke(granted.token)
        except (ApiRefused, ApiUnreachable) as fault:
            revoked = False
            log.error("the token of a refused installation was not revoked", workspace=place, why=fault.code)
        return _again(
            "This workspace is not allowed",
            f"The operator of the bot has not allowed {granted.place[:200]} ({place}) to install it.",
            f"Ask the operator of the bot to add {place} to ALLOWED_WORKSPACES. Then start again.",
            *(() if revoked else (_STILL_LISTED,)),
            status=HTTPStatus.FORBIDDEN,
        )

    def _done(self, granted: GrantedTokens) -> InstallPage:
        return InstallPage(
            heading="Installation complete",
            sentences=(
                f"Threat Model is installed in {granted.place[:200]}.",
                *(() if granted.team else (_ORGANIZATION,)),
                "Next, open a channel in Slack, type “/invite @threatmodel”, and then “/threatmodel start”.",
                _DEFAULTS,
            ),
            link="Open Slack",
            url=app_url(self.settings.api_url, granted.app, granted.team),
        )


def _secret(headers: Mapping[str, str], name: str) -> str:
    """Return the secret of a browser from a cookie; empty if there is none."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[name].value if name in cookies else ""


def _with_contact(page: InstallPage, contact: str) -> InstallPage:
    """Return a page that says how to reach the operator."""
    if not contact:
        return replace(page, sentences=(*page.sentences, _NO_CONTACT))
    url = contact if contact.startswith("https:") else f"mailto:{contact}"
    return replace(page, link=f"Contact the operator: {contact}", url=url)


def _refused(code: str) -> InstallPage:
    known = code[:60] if code.isascii() and code.isidentifier() else "unknown error"
    why, mend = _REASONS.get(code, (f"Slack refused the installation ({known}).", _ASK_OPERATOR))
    return _again("The installation failed", why, mend, status=HTTPStatus.BAD_GATEWAY)


def _again(heading: str, *sentences: str, status: HTTPStatus) -> InstallPage:
    return InstallPage(
        heading=heading, sentences=sentences, link="Start again", url=INSTALL_PATH, status=status
    )


_ASK_OPERATOR: Final = "Start again. If it happens again, show this page to the operator of the bot."
_CHECK: Final = "Ask the operator of the bot to run “threatmodel doctor”."
_ORGANIZATION: Final = (
    "It can be used in the workspaces to which an administrator of the organization adds it."
)
_DEFAULTS: Final = (
    "Administrators of the workspace can choose due dates, approvers and working days for all models: in "
    "Slack, open the Home tab of the app and press “Workspace settings”."
)
_STILL_LISTED: Final = (
    "The bot keeps no access. Slack may still list the app as installed: an administrator of the workspace "
    "can remove it."
)
_TOO_LATE: Final = ("Slack's permission was used or has expired.", "Start again.")
_CREDENTIALS: Final = ("The bot's SLACK_CLIENT_ID and SLACK_CLIENT_SECRET do not belong together.", _CHECK)
_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "invalid_code": _TOO_LATE,
    "code_expired": _TOO_LATE,
    "code_already_used": _TOO_LATE,
    "bad_client_secret": _CREDENTIALS,
    "invalid_client_id": _CREDENTIALS,
    "bad_redirect_uri": (
        "The redirect URL is not configured in the Slack app.",
        "Ask the operator of the bot to paste the output of “threatmodel manifest” into the app's manifest.",
    ),
    "cannot_install_an_org_installed_app": (
        "The app is installed in the whole organization already.",
        "Ask an administrator of the organization to add it to this workspace.",
    ),
    "ratelimited": ("Slack limits installations at the moment.", "Wait a minute, then start again."),
}

_FURTHER: Final = (("Install", INSTALL_PATH), ("Privacy", PRIVACY_PATH), ("Support", SUPPORT_PATH))

_PRIVACY: Final = InstallPage(
    heading="Privacy",
    sentences=(
        (
            "The operator of this bot runs it on machines of its own choice, stores the data there, "
            "and is responsible for them. The authors of the software receive nothing."
        ),
        (
            "From Slack, the bot stores the names, time zones and states of accounts, and the members "
            "of channels with a threat model. It needs them to check who may act, to find owners, and "
            "to remind people during their working hours. If the workspace permits it, an email "
            "address is looked up to find an account in a tracker, and not stored."
        ),
        (
            "From people, it stores what they enter in its forms, commands and direct messages, and "
            "reads the files and messages that they give it. It does not read other messages of a "
            "channel."
        ),
        (
            "The data go to Slack, and to the issue trackers that an administrator connects. People "
            "can let an assistant read their models with a token of their own. The bot sends them "
            "nowhere else."
        ),
        (
            "Ballots are never shown in Slack with the name of their voter. The operator can read "
            "them in the database."
        ),
        (
            "Answers are kept until the operator erases them. Removing the app from a workspace stops"
            " the bot there, and keeps the data for a later installation."
        ),
        "On request, the operator exports or erases the data of a workspace, and erases those of a person.",
    ),
    further=_FURTHER,
)
_SUPPORT: Final = InstallPage(
    heading="Support",
    sentences=(
        f"In Slack, type “{COMMAND} help”, or open the Home tab of the app.",
        (
            "If the bot does not respond in a channel, type “/invite @threatmodel” there, and then "
            f"“{COMMAND} status”."
        ),
        "To remove the app, open its page in Slack's settings for apps, and choose “Remove app”.",
        "Ask the operator to correct, export or erase data, and report security problems to the operator.",
    ),
    further=_FURTHER,
)
_ABOUT: Final[Mapping[str, InstallPage]] = {PRIVACY_PATH: _PRIVACY, SUPPORT_PATH: _SUPPORT}
_NO_CONTACT: Final = "To reach the operator, ask the person who gave you the address of this page."

_INSTALL: Final = InstallPage(
    heading="Install Threat Model",
    sentences=(
        "Threat Model guides a team through a threat model in Slack: collect, analyze, remediate.",
        "Slack asks you to choose a workspace and to confirm the permissions of the app.",
        "Some workspaces require the approval of an administrator.",
    ),
    link="Add to Slack",
    url=START_PATH,
    further=_FURTHER[1:],
)
_RESTRICTED_INSTALL: Final = replace(
    _INSTALL,
    sentences=(*_INSTALL.sentences, "The operator of the bot has chosen which workspaces can install it."),
)
_EXPIRED: Final = _again(
    "This link was used or has expired",
    "If the page before said that Threat Model is installed, there is nothing left to do: open Slack.",
    "Otherwise start again, and allow cookies for this page: an installation must be finished within ten "
    "minutes, in the browser in which it was started.",
    status=HTTPStatus.BAD_REQUEST,
)
_CANCELED: Final = _again(
    "The installation was canceled",
    "You did not permit the app on Slack's page, so nothing was installed.",
    "To install it, start again and choose “Allow”. If Slack asked for an approval, an administrator of the "
    "workspace must approve the app first.",
    status=HTTPStatus.OK,
)
_NO_ANSWER: Final = _again(
    "Slack did not answer",
    "The installation was not finished, because Slack could not be reached.",
    "Wait a minute, then start again.",
    status=HTTPStatus.BAD_GATEWAY,
)
_NOT_RECORDED: Final = _again(
    "The installation could not be stored",
    "Slack permitted the app, but the bot's database cannot be written at the moment.",
    "Wait a minute, then start again. If it happens again, tell the operator of the bot.",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
)
_BUSY: Final = _again(
    "Many installations at this moment",
    "The bot is finishing other installations.",
    "Wait a few seconds, then start again.",
    status=HTTPStatus.SERVICE_UNAVAILABLE,
)
_OFTEN: Final = replace(_BUSY, status=HTTPStatus.TOO_MANY_REQUESTS)
