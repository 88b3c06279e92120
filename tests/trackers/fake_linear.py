"""A Linear without a server: the answers of its GraphQL interface to the queries of the client.

The deep run asks a stand-in of others the same (test_emulated_trackers.py).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bot.trackers.tracker_http import TrackerAnswer
from tests.trackers.fake_transport import START, Asked, FakeService, answer

BOT, BEN = "7a5d5f4e-0001", "7a5d5f4e-0002"
TEAM = "9cfb482a-0001"
USERS: dict[str, dict[str, Any]] = {
    BOT: {"name": "Threat Model", "displayName": "threat.model", "email": "bot@acme.example", "active": True},
    BEN: {"name": "Ben Berger", "displayName": "ben", "email": "ben@acme.example", "active": True},
    "gone": {"name": "Ben Gone", "displayName": "gone", "email": "gone@acme.example", "active": False},
}
STATES = {"Triage": "triage", "Todo": "unstarted", "Done": "completed", "Canceled": "canceled"}
PAGE = 50


class Refused(Exception):
    """An error of GraphQL."""

    def __init__(self, message: str, code: str = "INPUT_ERROR") -> None:
        super().__init__(message)
        self.code = code


class FakeLinear(FakeService):
    """One team with its issues."""

    moment = "updatedAt"
    author = "creator"
    plain: ClassVar = {"state": "Todo", "description": None, "labelIds": [], "dueDate": None, "creator": BEN}

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, dict[str, Any]] = {"LB-other": {"name": "security", "team": {"id": "other"}}}
        self.key = "ENG"
        self._operations: Mapping[str, Callable[[Any], dict[str, Any]]] = {
            "Read": lambda given: {"issue": self._shown(self._number(given["id"]))},
            "List": self._list,
            "Create": self._create,
            "Update": self._update,
            "AddLabel": self._add_label,
            "Comment": self._comment,
            "Team": self._team,
            "Labels": self._list_labels,
            "CreateLabel": self._create_label,
            "Users": self._users,
        }

    def __call__(self, asked: Asked) -> TrackerAnswer:
        assert asked.line == "POST /graphql"
        operation = re.search(r"^\s*(?:query|mutation) (\w+)", asked.content["query"])
        assert operation
        try:
            return answer({"data": self._operations[operation[1]](asked.content["variables"])})
        except Refused as refused:
            extensions = {"code": refused.code, "userPresentableMessage": str(refused), "userError": True}
            errors = [{"message": str(refused), "path": ["issue"], "extensions": extensions}]
            return answer({"errors": errors, "data": None}, status=400)

    def label(self, name: str, *, team: str | None = TEAM) -> str:
        """The ID of a label, created if it is missing."""
        found = next((one for one, label in self.labels.items() if label["name"] == name), None)
        id = found or f"LB-{len(self.labels)}"
        self.labels.setdefault(id, {"name": name, "team": {"id": team} if team else None})
        return id

    def _number(self, id: str) -> int:
        number = int(id.rpartition("-")[2])
        if number not in self.issues or self.issues[number].get("deleted"):
            raise Refused("Entity not found: Issue")
        return number

    def _list(self, given: Any) -> dict[str, Any]:
        criteria = given["filter"]
        assert criteria["team"] == {"key": {"eq": "ENG"}}
        wanted = criteria["labels"]["name"]["eq"]
        found = [
            number
            for number, issue in self.issues.items()
            if wanted in [self.labels[one]["name"] for one in issue["labelIds"]]
        ]
        if "updatedAt" in criteria:
            since = datetime.fromisoformat(criteria["updatedAt"]["gte"])
            found = [one for one in found if self.issues[one]["updatedAt"] >= since]
        # A cursor names an issue, and the newest come first.
        found = [one for one in sorted(found, reverse=True) if one < int(given["after"] or 10**9)]
        nodes = [self._shown(one) for one in found[:PAGE]]
        more = len(found) > PAGE
        info = {"hasNextPage": more, "endCursor": str(found[PAGE - 1]) if more else None}
        return {"issues": {"nodes": nodes, "pageInfo": info}}

    def _create(self, given: Any) -> dict[str, Any]:
        fields = {**given["input"]}
        assert fields.pop("teamId") == TEAM
        self._check(fields)
        number = self.open(fields.pop("title"), by=BOT, **fields)
        return {"issueCreate": {"issue": self._shown(number)}}

    def _update(self, given: Any) -> dict[str, Any]:
        number = self._number(given["id"])
        fields = {**given["input"]}
        self._check(fields)
        if state := fields.pop("stateId", None):
            fields["state"] = state.removeprefix("ST-")
        self.change(number, **fields)
        return {"issueUpdate": {"issue": self._shown(number)}}

    def _check(self, fields: Mapping[str, Any]) -> None:
        if fields.get("assigneeId", BEN) not in (BOT, BEN):
            raise Refused("Entity not found: User")
        for field in fields.get("labelIds", ()):
            if field not in self.labels or (self.labels[field]["team"] or {"id": TEAM})["id"] != TEAM:
                raise Refused("Entity not found: IssueLabel")

    def _add_label(self, given: Any) -> dict[str, Any]:
        number = self._number(given["id"])
        self._check({"labelIds": [given["label"]]})
        self.change(number, labelIds=[*self.issues[number]["labelIds"], given["label"]])
        return {"issueAddLabel": {"issue": self._shown(number)}}

    def _comment(self, given: Any) -> dict[str, Any]:
        self._number(given["input"]["issueId"])
        self.comments.append(given["input"]["body"])
        return {"commentCreate": {"success": True}}

    def _team(self, given: Any) -> dict[str, Any]:
        states = [
            {"id": f"ST-{name}", "name": name, "type": kind, "position": number}
            for number, (name, kind) in enumerate(STATES.items())
        ]
        team = {"id": TEAM, "key": self.key, "name": "Engineering", "states": {"nodes": states}}
        matches = given["filter"] == {"key": {"eq": self.key}}
        return {
            "viewer": {"id": BOT, **USERS[BOT]},
            "organization": {"name": "Acme", "urlKey": "acme"},
            "teams": {"nodes": [team] if matches else []},
        }

    def _list_labels(self, given: Any) -> dict[str, Any]:
        wanted = [one["name"]["eqIgnoreCase"].lower() for one in given["filter"]["or"]]
        nodes = [{"id": id, **one} for id, one in self.labels.items() if one["name"].lower() in wanted]
        return {"issueLabels": {"nodes": nodes, "pageInfo": {"hasNextPage": False, "endCursor": None}}}

    def _create_label(self, given: Any) -> dict[str, Any]:
        name = given["input"]["name"]
        taken = [label for label in self.labels.values() if label["name"].lower() == name.lower()]
        if any(one["team"] in (None, {"id": TEAM}) for one in taken):
            raise Refused("duplicate label name")
        id = f"LB-{len(self.labels)}"
        self.labels[id] = {"name": name, "team": {"id": given["input"]["teamId"]}}
        return {"issueLabelCreate": {"issueLabel": {"id": id, **self.labels[id]}}}

    def _users(self, given: Any) -> dict[str, Any]:
        ((field, criterion),) = given["filter"].items()
        ((comparison, wanted),) = criterion.items()
        found = [
            {"id": id, **one}
            for id, one in USERS.items()
            if (
                wanted.lower() == one[field].lower()
                if comparison == "eqIgnoreCase"
                else wanted.lower() in one[field].lower()
            )
        ]
        return {"users": {"nodes": found}}

    def _shown(self, number: int) -> dict[str, Any]:
        issue = self.issues[number]
        assignee = issue.get("assigneeId")
        state = issue["state"]
        key = issue.get("team", "ENG")
        return {
            "id": f"0d1f-{number}",
            "identifier": f"{key}-{number}",
            "title": issue["title"],
            "description": issue["description"],
            "url": f"https://linear.app/acme/issue/{key}-{number}/rate-limit-sign-in",
            "createdAt": (START + timedelta(minutes=number))
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "updatedAt": issue["updatedAt"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "dueDate": issue["dueDate"],
            "trashed": issue.get("trashed"),
            "team": {"id": TEAM, "key": key},
            "state": {"id": f"ST-{state}", "name": state, "type": STATES.get(state, "duplicate")},
            "creator": {"isMe": issue["creator"] == BOT},
            "assignee": {"id": assignee, **USERS[assignee]} if assignee else None,
            "labels": {"nodes": [{"id": one, "name": self.labels[one]["name"]} for one in issue["labelIds"]]},
        }


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
