"""Link from outside that opens the app in a workspace: `/app_redirect?app=A0…&team=T0…`."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.http_endpoints.oauth_page import person_at_page
from bot.sandbox.workspace.installed_app import APP_ID
from bot.sandbox.workspace.installed_places import InstalledPlaces
from bot.sandbox.workspace.workspace_state import UnknownPerson


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
        named = [one for one in spaces if one.team.id == asked.get("team")]
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
