"""Endpoints for browsers: files, the OAuth consent page, the link that opens the app."""

from html import escape
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from msgspec import Struct
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.slack_json import ApiError
from bot.sandbox.workspace.installed_app import APP_ID
from bot.sandbox.workspace.installed_places import InstalledPlaces, OAuthCodes
from bot.sandbox.workspace.seed_data import ENTERPRISE_NAME, SlackAccount
from bot.sandbox.workspace.uploaded_files import LARGEST
from bot.sandbox.workspace.workspace_state import UnknownPerson, Workspace

_SHOWN = ("image/", "text/plain", "application/pdf")
"""Types that a browser may display; other files can only be saved."""


class FileEndpoints:
    """Endpoints at the addresses in file objects."""

    def __init__(self, installations: InstalledPlaces) -> None:
        self._installations = installations

    def routes(self) -> list[Route]:
        """Return the routes of the endpoints."""
        return [
            Route("/upload/v1/{ticket}", self._upload, methods=["POST", "PUT"]),
            Route("/files-pri/{team}-{file}/{name}", self._content, methods=["GET"]),
        ]

    async def _upload(self, request: Request) -> Response:
        content = await _body(request)
        if not content or len(content) > LARGEST:
            return PlainTextResponse("invalid content", status_code=400)
        for workspace in self._installations.workspaces:
            try:
                file = workspace.files.upload(str(request.path_params["ticket"]), content)
            except ApiError:
                continue
            return PlainTextResponse(f"OK - {file.size}")
        return PlainTextResponse("no such upload", status_code=404)

    async def _content(self, request: Request) -> Response:
        team = str(request.path_params["team"])
        workspace = next((one for one in self._installations.workspaces if one.team.id == team), None)
        if workspace is None or not self._may_read(request, workspace):
            # Slack answers unauthenticated requests with its sign-in page, and with 200.
            return HTMLResponse("<!DOCTYPE html><title>Slack</title><h1>Sign in to your workspace</h1>")
        files = workspace.files
        try:
            file = files.file(str(request.path_params["file"]))
            content = files.content(file.id)
        except ApiError:
            return PlainTextResponse("file not found", status_code=404)
        media = "text/plain" if file.is_text else file.mimetype
        shown = media.startswith(_SHOWN) and "download" not in request.query_params
        how = "inline" if shown else "attachment"
        return Response(
            content,
            media_type=media,
            headers={
                "Content-Disposition": f'{how}; filename="{_plain(file.name)}"',
                # A file is untrusted content: it must not run as part of the page.
                "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
                "X-Content-Type-Options": "nosniff",
            },
        )

    def _may_read(self, request: Request, workspace: Workspace) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token:
            try:
                _, valid = self._installations.check(token)
            except ApiError:
                return False
            return workspace in valid and workspace.app.may("files:read")
        # A browser sends the origin of a request; other programs need the token.
        return request.headers.get("sec-fetch-site") in ("same-origin", "none")


async def _body(request: Request) -> bytes:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body()
    async with request.form() as form:
        for part in form.values():
            return await part.read() if isinstance(part, UploadFile) else part.encode()
    return b""


def _plain(name: str) -> str:
    return "".join(
        letter if letter.isascii() and letter.isprintable() and letter not in '"\\' else "_"
        for letter in name
    )


HERE_COOKIE = "sandbox_here"
"""The cookie in which the page notes its workspace and user, as `T0SANDBOX/U0ANA0001`."""
_HERE = ("127.0.0.1", "localhost", "::1")


class _Choice(Struct, frozen=True, kw_only=True):
    """A workspace or an organization, and the person who installs the app there."""

    place: str
    person: str


class OAuthPage:
    """Consent page that redirects the user back to the app."""

    def __init__(self, installations: InstalledPlaces, codes: OAuthCodes) -> None:
        self._installations = installations
        self._codes = codes

    def routes(self) -> list[Route]:
        """Return the routes of the page."""
        return [
            Route("/oauth/v2/authorize", self._ask, methods=["GET"]),
            Route("/oauth/v2/authorize", self._answer, methods=["POST"]),
        ]

    async def _ask(self, request: Request) -> Response:
        fault = self._fault(request)
        if fault:
            return _page(f"<h1>This link is invalid</h1><p>{escape(fault)}</p>", status=400)
        chosen = self._suggested(request)
        places = self._places()
        scopes = [one for one in request.query_params.get("scope", "").split(",") if one]
        listed = "".join(f"<li><code>{escape(scope)}</code></li>" for scope in scopes)
        # With several, the list says which: a title would keep the name after another one was chosen.
        named = "a workspace" if len(places) > 1 else places[chosen.place]
        title = f"{self._installations.app.name} requests access to {named}"
        people = {person.id: person.name for person in self._people() if _may_install(person)}
        return _page(
            f"<h1>{escape(title)}</h1><p>{_IN_PLACE_OF}</p>"
            '<form method="post">'
            f"{_select('place', 'Workspace', places, chosen.place) if len(places) > 1 else ''}"
            f"{_select('person', 'Signed in as', people, chosen.person)}"
            f"<p>Requested scopes:</p><ul>{listed}</ul>"
            '<p><button name="answer" value="allow">Allow</button> '
            '<button name="answer" value="cancel">Cancel</button></p></form>'
        )

    async def _answer(self, request: Request) -> Response:
        fault = self._fault(request)
        if fault:
            return _page(f"<p>{escape(fault)}</p>", status=400)
        answered = dict(parse_qsl((await request.body()).decode(errors="replace")))
        back = self._back_to(request)
        parameters = {"state": request.query_params.get("state", "")}
        if answered.get("answer") == "allow":
            suggested = self._suggested(request)
            chosen = _Choice(
                place=answered.get("place", suggested.place), person=answered.get("person", suggested.person)
            )
            refusal = self._refusal(chosen)
            if refusal:
                return _page(f"<h1>You cannot install this app</h1><p>{escape(refusal)}</p>", status=403)
            parameters["code"] = self._codes.issue(chosen.place, chosen.person, back)
        else:
            parameters["error"] = "access_denied"
        return RedirectResponse(
            f"{back}{'&' if '?' in back else '?'}{urlencode(parameters)}", status_code=302
        )

    def _fault(self, request: Request) -> str | None:
        app = self._installations.app
        asked = {one for one in request.query_params.get("scope", "").split(",") if one}
        if request.query_params.get("client_id") != app.tokens.client_id:
            return "invalid_client_id: the link names a different app."
        if not asked:
            return "no_scopes: the link requests no scopes."
        if app.scopes is not None and (lacking := asked - app.scopes - app.optional_scopes):
            return f"invalid_scope: the manifest lacks {', '.join(sorted(lacking))}."
        if not self._may_return(self._back_to(request)):
            return "bad_redirect_uri: the redirect URI is not one of the app's redirect URLs."
        team = request.query_params.get("team")
        if team and team not in self._places():
            return "invalid_team_for_non_distributed_app: the link names an unknown workspace."
        return None

    def _back_to(self, request: Request) -> str:
        allowed = self._installations.app.redirect_urls
        return request.query_params.get("redirect_uri") or (allowed[0] if allowed else "")

    def _may_return(self, address: str) -> bool:
        allowed = self._installations.app.redirect_urls
        if allowed:
            return any(address == one or address.startswith(one.rstrip("/") + "/") for one in allowed)
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and parts.hostname in _HERE

    # The workspace and the person

    def _places(self) -> dict[str, str]:
        """Return the names of the workspaces, and of the organization if the app can be installed there."""
        names = {workspace.team.id: workspace.team.name for workspace in self._installations.workspaces}
        organization = self._installations.organization
        return names if organization is None else {**names, organization: f"{ENTERPRISE_NAME} (organization)"}

    def _people(self) -> list[SlackAccount]:
        known = {one.id: one for workspace in self._installations.workspaces for one in workspace.people}
        return [one for one in known.values() if not one.is_bot]

    def _suggested(self, request: Request) -> _Choice:
        """Return the workspace and the person of the page, or else where the app is not installed yet."""
        here, person = _here(request)
        wanted = request.query_params.get("team") or here
        spaces = self._installations.workspaces
        missing = [space.team.id for space in spaces if not space.app.installed]
        place = wanted if wanted in self._places() else (missing or [spaces[0].team.id])[0]
        people = [one.id for one in self._people() if _may_install(one)]
        return _Choice(place=place, person=person if person in people else people[0])

    def _refusal(self, chosen: _Choice) -> str | None:
        """Return why a person may not install the app in a place, if they may not."""
        members = self._installations.members(chosen.place)
        if chosen.place not in self._places() or not members:
            return "There is no such workspace."
        account = _account(members[0], chosen.person)
        if account is None or not _may_install(account):
            return "Only members of the workspace can install apps."
        if chosen.place == self._installations.organization and not account.is_admin:
            return "Only administrators of the organization can install apps for all its workspaces."
        if self._installations.is_covered(chosen.place):
            return "The app is already installed for all workspaces of the organization."
        return None


def person_at_page(request: Request) -> str:
    """Return the ID of the user that the page noted last; empty if there is none."""
    return _here(request)[1]


def _here(request: Request) -> tuple[str, str]:
    """Return the workspace and the user that the page noted last."""
    workspace, _, person = unquote(request.cookies.get(HERE_COOKIE, "")).partition("/")
    return workspace, person


def _account(workspace: Workspace, person: str) -> SlackAccount | None:
    return next((one for one in workspace.people if one.id == person), None)


def _may_install(account: SlackAccount) -> bool:
    return not (account.is_bot or account.deleted or account.is_restricted or account.is_ultra_restricted)


def _select(name: str, label: str, offered: dict[str, str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(one)}"{" selected" if one == chosen else ""}>{escape(shown)}</option>'
        for one, shown in offered.items()
    )
    return f'<p><label>{label}<select name="{name}">{options}</select></label></p>'


def _page(body: str, *, status: int = 200) -> Response:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Permission</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )
    # No framing: prevents clickjacking.
    return HTMLResponse(page, status_code=status, headers={"X-Frame-Options": "DENY"})


_IN_PLACE_OF = "In the sandbox, this page takes the place of Slack's consent page."
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1.5rem}"
    "h1{font-size:1.6rem;line-height:1.25}ul{padding-left:1.2rem}"
    "label{display:block;font-weight:600}select{display:block;width:100%;margin-top:.25rem}"
    "button,select{font:inherit;font-weight:400;padding:.6rem 1rem;"
    "border:1px solid #868686;border-radius:.4rem}"
    "button[value=allow]{background:#007a5a;border-color:#007a5a;color:#fff}"
)


class AppRedirect:
    """Redirect to the app's conversation on the page, as the person who was there last."""

    def __init__(self, installations: InstalledPlaces) -> None:
        self._installations = installations

    def routes(self) -> list[Route]:
        """Return the route of the link."""
        return [Route("/app_redirect", self._redirect, methods=["GET"])]

    async def _redirect(self, request: Request) -> Response:
        asked = request.query_params
        if asked.get("app") != APP_ID:
            return PlainTextResponse("There is no such app here.\n", status_code=404)
        spaces = [one for one in self._installations.workspaces if one.app.installed]
        named = [space for space in spaces if space.team.id == asked.get("team")]
        if not spaces:
            return PlainTextResponse("The app is not installed here.\n", status_code=404)
        workspace = (named or spaces)[0]
        fields = {"at": workspace.team.id}
        try:
            person = workspace.person(person_at_page(request))
        except UnknownPerson:
            pass  # the page shows its first person
        else:
            fields |= {"as": person.handle, "in": workspace.direct(person.id).id}
        return RedirectResponse(f"/?{urlencode(fields)}", status_code=302)
