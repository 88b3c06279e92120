"""A GitLab without a server: the answers of its REST API as its documentation shows them.

It executes quick actions as GitLab does, in descriptions and in notes.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from bot.trackers.tracker_http import TrackerAnswer
from tests.trackers.fake_transport import Asked, FakeService, answer

BOT, BEN = 42, 7
USERS: dict[int, dict[str, Any]] = {
    BOT: {"id": BOT, "username": "project_9_bot", "name": "Threat Model", "state": "active"},
    BEN: {"id": BEN, "username": "ben.berger", "name": "Ben Berger", "state": "active"},
    8: {"id": 8, "username": "gone", "name": "Ben Gone", "state": "blocked"},
}
PATH = "/api/v4/projects/acme%2Fplatform%2Fshop"
WEB = "https://gitlab.com/acme/platform/shop"
_ACTION = re.compile(r"^[ \t]*/(close|confidential|assign|duplicate|label)\b[ \t]*(.*)$", re.MULTILINE)


class FakeGitLab(FakeService):
    """One project with its issues."""

    plain: ClassVar = {"state": "opened", "description": None, "labels": [], "due_date": None, "author": BEN}

    def __init__(self) -> None:
        super().__init__()
        self.settings: dict[str, Any] = {"visibility": "private", "issues_enabled": True, "archived": False}
        self.level: int | None = 20
        self.reads = True

    def __call__(self, asked: Asked) -> TrackerAnswer:
        if asked.path == "/api/v4/user":
            return answer(USERS[BOT])
        path = asked.path.replace("/api/v4/projects/9", PATH)
        if not self.reads or not path.startswith(PATH):
            return answer({"message": "404 Project Not Found"}, status=404)
        match asked.method, path.removeprefix(PATH).split("/")[1:]:
            case "GET", []:
                return answer(self._project())
            case "GET", ["members", "all"]:
                wanted = asked.query["query"].lower()
                found = [
                    user for user in USERS.values() if wanted in f"{user['username']} {user['name']}".lower()
                ]
                return answer([{**one, "access_level": 30} for one in found])
            case "GET", ["issues"]:
                return self._list(asked.query)
            case "POST", ["issues"]:
                return self._create(asked.content)
            case method, ["issues", number, *rest] if int(number) in self.issues:
                return self._one(method, int(number), rest, asked.content)
            case _:
                return answer({"message": "404 Not found"}, status=404)

    def _project(self) -> dict[str, Any]:
        access = {"access_level": self.level} if self.level else None
        permissions = {"project_access": access, "group_access": None}
        return {
            "id": 9,
            "path_with_namespace": "acme/platform/shop",
            "permissions": permissions,
            **self.settings,
        }

    def _one(self, method: str, number: int, rest: list[str], content: Any) -> TrackerAnswer:
        match method, rest:
            case "GET", []:
                return answer(self._shown(number))
            case "PUT", []:
                return self._update(number, content)
            case "POST", ["notes"]:
                self.comments.append(self._executed(number, content["body"]))
                return answer({"id": 1, "body": self.comments[-1]}, status=201)
            case _:
                return answer({"error": "404 Not Found"}, status=404)

    def _list(self, query: Mapping[str, str]) -> TrackerAnswer:
        assert query["scope"] == "all"
        assert query["state"] == "all"
        wanted = set(query["labels"].split(","))
        found = [one for one, issue in self.issues.items() if wanted <= {*issue["labels"]}]
        if "updated_after" in query:
            since = datetime.fromisoformat(query["updated_after"])
            found = [one for one in found if self.issues[one]["updated_at"] > since]
        if query["order_by"] == "updated_at":
            found.sort(key=lambda one: self.issues[one]["updated_at"])
        size, page = int(query["per_page"]), int(query["page"])
        return answer([self._shown(one) for one in found[size * (page - 1) : size * page]])

    def _create(self, content: dict[str, Any]) -> TrackerAnswer:
        if 8 in content.get("assignee_ids", ()):
            return answer({"message": {"assignees": ["is invalid"]}}, status=400)
        fields: dict[str, Any] = {**content, "labels": [one for one in content["labels"].split(",") if one]}
        number = self.open(fields.pop("title"), by=BOT, **fields)
        self.issues[number]["description"] = self._executed(number, fields["description"])
        return answer(self._shown(number), status=201)

    def _update(self, number: int, content: dict[str, Any]) -> TrackerAnswer:
        if not content:
            return answer(
                {"error": "title, … are missing, at least one parameter must be provided"}, status=400
            )
        if 8 in content.get("assignee_ids", ()):
            return answer({"message": {"assignees": ["is invalid"]}}, status=400)
        fields = {**content}
        labels = [*self.issues[number]["labels"], *fields.pop("add_labels", "").split(",")]
        removed = fields.pop("remove_labels", "").split(",")
        fields["labels"] = [label for label in dict.fromkeys(labels) if label and label not in removed]
        if fields.pop("state_event", "") == "close":
            fields["state"] = "closed"
        if "description" in fields:
            fields["description"] = self._executed(number, fields["description"])
        self.change(number, **fields)
        return answer(self._shown(number))

    def _executed(self, number: int, text: str) -> str:
        """Execute the commands of a text, and return the rest of it."""
        for action, argument in _ACTION.findall(text):
            match action:
                case "close":
                    self.change(number, state="closed")
                case "duplicate":
                    other = f"https://gitlab.com{PATH}/issues/{argument.removeprefix('#')}"
                    self.change(number, state="closed", duplicate_of=other)
                case _:
                    raise AssertionError(f"/{action} was executed")
        return _ACTION.sub("", text).rstrip()

    def _shown(self, number: int) -> dict[str, Any]:
        issue = self.issues[number]
        people = [USERS[one] for one in issue.get("assignee_ids", ())]
        return {
            "id": 90_000 + number,
            "iid": number,
            "project_id": 9,
            "title": issue["title"],
            "description": issue["description"],
            "state": issue["state"],
            "created_at": "2026-11-28T21:00:00.000Z",
            "updated_at": issue["updated_at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "closed_at": None,
            "labels": issue["labels"],
            "milestone": None,
            "assignees": people,
            "assignee": people[0] if people else None,
            "author": USERS[issue["author"]],
            "type": "ISSUE",
            "issue_type": "issue",
            "due_date": issue["due_date"],
            "confidential": False,
            "web_url": f"{WEB}/-/issues/{number}",
            "references": {"short": f"#{number}", "full": f"acme/platform/shop#{number}"},
            "moved_to_id": issue.get("moved_to_id"),
            "_links": {
                "self": f"https://gitlab.com{PATH}/issues/{number}",
                "closed_as_duplicate_of": issue.get("duplicate_of"),
            },
        }
