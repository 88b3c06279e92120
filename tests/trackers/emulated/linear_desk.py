"""Linear by the stand-in, whose filters are simpler than those of Linear."""

import json
import re
from typing import Any

import urllib3

from bot.settings import Secret
from bot.trackers.linear import Linear
from bot.trackers.tracker_http import TrackerAnswer, TrackerRequest, UrllibTransport
from tests.trackers.emulated.services import BEN_TOKEN, LINEAR_TOKEN, Services


class SimplerFilters:
    """Rewrites what the stand-in does not know; everything else it gets and gives as it is.

    It compares a field with one criterion instead of with those of an object, has no moments in filters, no
    filter of labels, no archive and no trash.
    """

    def __init__(self) -> None:
        self._transport = UrllibTransport(allowed={"localhost"})

    def send(self, request: TrackerRequest) -> TrackerAnswer:
        content = json.loads(request.body)
        query = re.sub(r" trashed|, includeArchived: true", "", content["query"])
        variables: dict[str, Any] = content["variables"]
        if "issueLabels(" in query:
            query = query.replace("$filter: IssueLabelFilter, ", "").replace(", filter: $filter", "")
            variables.pop("filter")
        elif "IssueFilter" in query:
            variables["filter"].pop("updatedAt", None)
            variables["filter"] = {
                name: next(iter(one.values())) for name, one in variables["filter"].items()
            }
        elif "UserFilter" in query:
            # It knows neither display names nor a comparison without regard to case.
            variables["filter"] = {
                "name" if name == "displayName" else name: {
                    {"containsIgnoreCase": "contains"}.get(how, how): text for how, text in one.items()
                }
                for name, one in variables["filter"].items()
            }
        body = json.dumps({"query": query, "variables": variables}).encode()
        return self._transport.send(
            TrackerRequest(method=request.method, url=request.url, headers=request.headers, body=body)
        )


class EmulatedLinearDesk:
    """A team of the workspace."""

    has_due_dates = True
    missing_key = "ENG-999"

    def __init__(self, services: Services) -> None:
        self._url = services.linear
        self.person = str(self.ask("{ users { nodes { id name } } }")["users"]["nodes"][1]["id"])
        nodes = self.ask("{ teams { nodes { id states { nodes { id name } } } } }")["teams"]["nodes"]
        self._team = nodes[0]["id"]
        self._states = {one["name"]: one["id"] for one in nodes[0]["states"]["nodes"]}
        # Its addresses have no workspace.
        self.tracker = Linear(
            SimplerFilters(), url=self._url, project="ENG", token=Secret(LINEAR_TOKEN), api=self._url
        )

    def ask(self, query: str, **variables: object) -> Any:
        """What a person gets for a query."""
        answer = urllib3.request(
            "POST",
            f"{self._url}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {BEN_TOKEN}"},
        ).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def open(self, title: str) -> str:
        mutation = (
            "mutation($given: IssueCreateInput!) { issueCreate(input: $given) { issue { identifier } } }"
        )
        given = {"teamId": self._team, "title": title}
        return str(self.ask(mutation, given=given)["issueCreate"]["issue"]["identifier"])

    def write(self, key: str, text: str) -> None:
        self._update(key, description=text)

    def close(self, key: str, *, done: bool) -> None:
        self._update(key, stateId=self._states["Done" if done else "Canceled"])

    def reopen(self, key: str) -> None:
        self._update(key, stateId=self._states["Todo"])

    def _update(self, key: str, **given: object) -> None:
        mutation = (
            "mutation($key: String!, $given: IssueUpdateInput!) "
            "{ issueUpdate(id: $key, input: $given) { success } }"
        )
        self.ask(mutation, key=key, given=given)
