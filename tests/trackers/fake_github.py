"""A GitHub without a server: the answers of its REST API as far as the client asks.

The deep run asks a stand-in of others the same (test_emulated_trackers.py).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from bot.trackers.tracker_http import TrackerAnswer
from tests.trackers.fake_transport import Asked, FakeService, answer

BOT, BEN = "threat-bot", "ben-berger"
PATH = "/repos/acme/shop"
MISSING = answer({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}, status=404)


def invalid(field: str) -> TrackerAnswer:
    errors = [{"resource": "Issue", "field": field, "code": "invalid"}]
    return answer({"message": "Validation Failed", "errors": errors}, status=422)


class FakeGitHub(FakeService):
    """One repository with its issues."""

    author = "user"
    plain: ClassVar = {
        "state": "open",
        "state_reason": None,
        "body": None,
        "assignees": [],
        "labels": [],
        "user": BEN,
    }

    def __init__(self) -> None:
        super().__init__()
        self.labels: dict[str, str] = {}
        self.repository: dict[str, Any] = {"private": True, "has_issues": True, "archived": False}
        self.name = "acme/shop"
        self.pushes = True
        self.is_app = False
        self.reads = True
        self.knows_duplicates = True
        """GitHub Enterprise Server does not before version 3.16."""

    def __call__(self, asked: Asked) -> TrackerAnswer:
        assert asked.headers["accept"] == "application/vnd.github+json"
        if asked.path == "/user":
            return answer(status=403) if self.is_app else answer({"login": BOT, "id": 7, "type": "User"})
        if not self.reads:
            return MISSING
        if asked.path == PATH:
            return answer(
                {
                    **self.repository,
                    "full_name": self.name,
                    "permissions": {"pull": True, "push": self.pushes},
                }
            )
        match asked.method, asked.path.removeprefix(PATH).split("/")[1:]:
            case "GET", ["assignees"]:
                return answer([self._user(one) for one in (BEN, BOT, "benedikt")])
            case "POST", ["labels"]:
                return self._create_label(asked.content)
            case "GET", ["issues"]:
                return self._list(asked.query)
            case "POST", ["issues"]:
                return self._create(asked.content)
            case method, ["issues", number, *rest] if int(number) in self.issues:
                return self._one(method, int(number), rest, asked.content)
            case _:
                return MISSING

    def _one(self, method: str, number: int, rest: list[str], content: Any) -> TrackerAnswer:
        issue = self.issues[number]
        match method, rest:
            case "GET", []:
                return answer(self._shown(number))
            case "PATCH", []:
                return self._update(number, content)
            case "POST", ["comments"]:
                self.comments.append(content["body"])
                return answer({"id": 1, "body": content["body"]}, status=201)
            case "POST", ["labels"]:
                self.change(number, labels=list(dict.fromkeys([*issue["labels"], *content["labels"]])))
                return answer([{"name": one} for one in issue["labels"]])
            case _:
                return MISSING

    def _list(self, query: Mapping[str, str]) -> TrackerAnswer:
        assert query["state"] == "all"
        wanted = set(query["labels"].split(","))
        found = [one for one, issue in self.issues.items() if wanted <= {*issue["labels"]}]
        if "since" in query:
            since = datetime.fromisoformat(query["since"])
            found = [one for one in found if self.issues[one]["updated_at"] >= since]
        if query["sort"] == "updated":
            found.sort(key=lambda one: self.issues[one]["updated_at"])
        size, page = int(query["per_page"]), int(query["page"])
        return answer([self._shown(one) for one in found[size * (page - 1) : size * page]])

    def _create(self, content: dict[str, Any]) -> TrackerAnswer:
        if "gone" in content.get("assignees", ()):
            return invalid("assignees")
        # Both are dropped silently without the permission.
        dropped: dict[str, Any] = {} if self.pushes else {"labels": [], "assignees": []}
        fields = {**content, **dropped}
        return answer(self._shown(self.open(fields.pop("title"), by=BOT, **fields)), status=201)

    def _update(self, number: int, content: dict[str, Any]) -> TrackerAnswer:
        if "gone" in content.get("assignees", ()):
            return invalid("assignees")
        if content.get("state_reason") == "duplicate" and not self.knows_duplicates:
            return invalid("state_reason")
        self.change(number, **content)
        return answer(self._shown(number))

    def _create_label(self, content: dict[str, str]) -> TrackerAnswer:
        if content["name"] in self.labels:
            errors = [{"resource": "Label", "code": "already_exists", "field": "name"}]
            return answer({"message": "Validation Failed", "errors": errors}, status=422)
        self.labels[content["name"]] = content["description"]
        return answer({"name": content["name"], "color": content["color"]}, status=201)

    def _shown(self, number: int) -> dict[str, Any]:
        issue = self.issues[number]
        pull = {"pull_request": issue["pull_request"]} if "pull_request" in issue else {}
        name = issue.get("repository", self.name)
        return {
            "id": 3_000_000_000 + number,
            "number": number,
            "url": f"https://api.github.com/repos/{name}/issues/{number}",
            "repository_url": f"https://api.github.com/repos/{name}",
            "html_url": f"https://github.com/{name}/issues/{number}",
            "title": issue["title"],
            "body": issue["body"],
            "user": self._user(issue["user"]),
            "labels": [{"id": 1, "name": one, "color": "5319e7"} for one in issue["labels"]],
            "state": issue["state"],
            "state_reason": issue["state_reason"],
            "assignee": None,
            "assignees": [self._user(one) for one in issue["assignees"]],
            "created_at": "2026-11-28T21:00:00Z",
            "updated_at": issue["updated_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            **pull,
        }

    def _user(self, login: str) -> dict[str, Any]:
        return {"login": login, "id": 7, "type": "User", "html_url": f"https://github.com/{login}"}
