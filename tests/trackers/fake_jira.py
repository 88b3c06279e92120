"""A Jira without a server: answers of the shapes that Atlassian documents for Jira Cloud and Data Center.

The deep run asks another stand-in for Jira Data Center the same (test_jira_server.py).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from bot.trackers.tracker_http import TrackerAnswer
from tests.trackers.fake_transport import Asked, answer

START = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
STATUSES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done", "Won't Do": "done"}
PEOPLE = {
    "bot": ("Threat Model", "threatmodel@example.com"),
    "ben": ("Ben Berger", "ben@example.com"),
    "bea": ("Bea Berger", ""),
}
PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "SCHEDULE_ISSUES",
    "ASSIGN_ISSUES",
    "TRANSITION_ISSUES",
    "ADD_COMMENTS",
)
SCREEN = {
    "summary": "Summary",
    "issuetype": "Issue Type",
    "project": "Project",
    "description": "Description",
    "labels": "Labels",
    "duedate": "Due date",
    "assignee": "Assignee",
}
Answers = TrackerAnswer | None


class FakeJira:
    """One project with its issues; a change takes a minute."""

    def __init__(self, *, cloud: bool) -> None:
        self.cloud = cloud
        self.api = f"/rest/api/{3 if cloud else 2}"
        self.issues: dict[str, dict[str, Any]] = {}
        self.comments: list[tuple[str, Any]] = []
        self.now = START
        self.signed_in = True
        self.can_browse = True
        self.public = False
        self.key, self.project_id = "REFILL", "10000"
        self.screen = dict(SCREEN)
        self.permissions = set(PERMISSIONS)
        self.resolutions = ["Done", "Won't Do", "Duplicate"]
        self.page = 50

    def __call__(self, asked: Asked) -> TrackerAnswer:
        anonymous = "authorization" not in asked.headers
        assert asked.path.startswith(self.api)
        path = unquote(asked.path.removeprefix(self.api))
        sees = self.can_browse and (self.public if anonymous or not self.signed_in else True)
        match asked.method, path.split("/")[1:]:
            case "GET", ["myself"]:
                return answer(self._user("bot")) if self.signed_in else answer(status=401)
            case "POST", ["search", "jql"] if self.cloud:
                content = asked.content
                assert {"summary", "labels", "updated"} <= set(content["fields"])
                return self._search(content["jql"], start=int(content.get("nextPageToken", 0)), sees=sees)
            case "GET", ["search"] if not self.cloud:
                assert "summary" in asked.query["fields"].split(",")
                return self._search(asked.query["jql"], start=int(asked.query["startAt"]), sees=sees)
            case "GET", ["mypermissions"]:
                assert asked.query["projectKey"] == self.key
                held = {
                    name: {"key": name, "havePermission": name in self.permissions} for name in PERMISSIONS
                }
                return answer({"permissions": held})
            case _, ["issue", "createmeta", *_]:
                fields: list[dict[str, Any]] = [
                    {"fieldId": one, "key": one, "name": name, "required": one not in ("labels", "duedate")}
                    for one, name in self.screen.items()
                ]
                return answer({"fields" if self.cloud else "values": fields, "total": len(fields)})
            case _ if not sees:
                return self._missing()
            case "GET", ["project", _]:
                return answer(self._project())
            case "GET", ["user", "assignable", "search"]:
                return self._assignable(asked.query)
            case "POST", ["issue"]:
                return self._create(asked.content["fields"])
            case method, ["issue", key, *rest]:
                issue = next((one for one in self.issues.values() if key in (one["key"], one["old"])), None)
                return self._missing() if issue is None else self._of_issue(issue, method, rest, asked)
            case _:
                return answer(status=404)

    def open(self, title: str) -> str:
        """Create an issue as a person; return its key."""
        key = f"{self.key}-{len(self.issues) + 1}"
        self.issues[key] = {**self._new(key), "creator": "ben", "summary": title, "labels": []}
        return key

    def change(self, key: str, /, **fields: object) -> None:
        """What a person does in the browser."""
        self.now += timedelta(minutes=1)
        self.issues[key] |= {**fields, "updated": self.now}

    def _of_issue(self, issue: dict[str, Any], method: str, rest: list[str], asked: Asked) -> TrackerAnswer:
        key = issue["key"]
        match method, rest:
            case "GET", []:
                return answer(self._shown(issue))
            case "PUT", []:
                content = asked.content
                problem = self._problem(content.get("fields", {}))
                if problem:
                    return problem
                self.change(key, **content.get("fields", {}))
                for step in content.get("update", {}).get("labels", []):
                    for verb, label in step.items():
                        kept = [one for one in issue["labels"] if one != label]
                        issue["labels"] = [*kept, label] if verb == "add" else kept
                return answer(status=204)
            case "GET", ["transitions"]:
                assert asked.query["expand"] == "transitions.fields"
                values = [{"id": str(at), "name": name} for at, name in enumerate(self.resolutions)]
                asks = {"resolution": {"required": True, "name": "Resolution", "allowedValues": values}}
                steps = [
                    {
                        "id": str(number),
                        "name": f"To {name}",
                        "to": self._status(name),
                        "fields": asks if STATUSES[name] == "done" and self.resolutions else {},
                    }
                    for number, name in enumerate(STATUSES)
                ]
                return answer({"expand": "transitions", "transitions": steps})
            case "POST", ["transitions"]:
                status = list(STATUSES)[int(asked.content["transition"]["id"])]
                resolution = asked.content.get("fields", {}).get("resolution", {}).get("name")
                self.change(key, status=status, resolution=resolution)
                return answer(status=204)
            case "POST", ["comment"]:
                self.comments.append((key, asked.content["body"]))
                return answer({"id": "1"}, status=201)
            case _:
                return answer(status=405)

    def _create(self, fields: dict[str, Any]) -> TrackerAnswer:
        assert fields.pop("project") == {"key": self.key}
        assert fields.pop("issuetype") == {"id": "10002"}
        if problem := self._problem(fields):
            return problem
        key = f"{self.key}-{len(self.issues) + 1}"
        self.issues[key] = {**self._new(key), **fields}
        return answer({"id": key, "key": key, "self": f"https://jira.example.org/{key}"}, status=201)

    def _new(self, key: str) -> dict[str, Any]:
        self.now += timedelta(minutes=1)
        base = {"key": key, "old": key, "status": "To Do", "resolution": None, "creator": "bot"}
        return {**base, "updated": self.now, "project": self.key, "place": self.project_id}

    def _problem(self, fields: Mapping[str, Any]) -> Answers:
        wrong = {
            name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
            for name in fields
            if name not in self.screen
        }
        person = fields.get("assignee")
        if person and person["accountId" if self.cloud else "name"] not in PEOPLE:
            wrong["assignee"] = "User cannot be assigned issues."
        for label in fields.get("labels", []):
            assert " " not in label
        return answer({"errorMessages": [], "errors": wrong}, status=400) if wrong else None

    def _search(self, jql: str, *, start: int, sees: bool) -> TrackerAnswer:
        assert f'project = "{self.key}"' in jql
        found = [issue for issue in self.issues.values() if issue["project"] == self.key and sees]
        for label in re.findall(r'labels = "([^"]+)"', jql):
            found = [one for one in found if label in one["labels"]]
        if "creator = currentUser()" in jql:
            found = [one for one in found if one["creator"] == "bot"]
        for minutes in re.findall(r'updated >= "-(\d+)m"', jql):
            since = self.now - timedelta(minutes=int(minutes))
            found = [one for one in found if one["updated"] >= since]
        shown = [self._shown(one) for one in found[start : start + self.page]]
        end = start + len(shown)
        if not self.cloud:
            return answer({"startAt": start, "maxResults": self.page, "total": len(found), "issues": shown})
        more = {"nextPageToken": str(end)} if end < len(found) else {}
        return answer({"issues": shown, "isLast": not more, **more})

    def _assignable(self, query: Mapping[str, str]) -> TrackerAnswer:
        assert query["project"] == self.key
        wanted = query["query" if self.cloud else "username"].casefold()
        found = [one for one, who in PEOPLE.items() if any(wanted in text.casefold() for text in (one, *who))]
        app = {**self._user("bot"), "accountType": "app", "displayName": f"{wanted} app"}
        return answer([*map(self._user, found), *([app] if self.cloud else [])])

    def _shown(self, issue: Mapping[str, Any]) -> dict[str, Any]:
        person = issue.get("assignee")
        resolution = issue["resolution"]
        return {
            "id": "20000",
            "key": issue["key"],
            "self": "https://jira.example.org/rest/api/issue/20000",
            "fields": {
                "summary": issue["summary"],
                "description": issue.get("description"),
                "labels": issue["labels"],
                "status": self._status(issue["status"]),
                "resolution": {"id": "1", "name": resolution} if resolution else None,
                "assignee": self._user(person["accountId" if self.cloud else "name"]) if person else None,
                "duedate": issue.get("duedate"),
                "updated": issue["updated"].strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
                "project": {"id": issue["place"], "key": issue["project"], "name": "Refill"},
            },
        }

    def _status(self, name: str) -> dict[str, Any]:
        category = {"id": 2, "key": STATUSES[name], "colorName": "green", "name": STATUSES[name]}
        return {"id": "3", "name": name, "statusCategory": category}

    def _user(self, person: str) -> dict[str, Any]:
        name, email = PEOPLE[person]
        shown = {"displayName": name, "active": True, "timeZone": "Europe/Berlin"}
        if not self.cloud:
            return {**shown, "name": person, "key": f"JIRAUSER-{person}", "emailAddress": email}
        return {
            **shown,
            "accountId": person,
            "accountType": "atlassian",
            **({"emailAddress": email} if email else {}),
        }

    def _project(self) -> dict[str, Any]:
        level = {"hierarchyLevel": 0} if self.cloud else {}
        types: list[dict[str, Any]] = [
            {
                "id": "10000",
                "name": "Epic",
                "subtask": False,
                **({"hierarchyLevel": 1} if self.cloud else {}),
            },
            {"id": "10001", "name": "Bug", "subtask": False, **level},
            {"id": "10002", "name": "Task", "subtask": False, **level},
            {
                "id": "10003",
                "name": "Sub-task",
                "subtask": True,
                **({"hierarchyLevel": -1} if self.cloud else {}),
            },
        ]
        return {"id": self.project_id, "key": self.key, "name": "Refill", "issueTypes": types}

    def _missing(self) -> TrackerAnswer:
        said = "Issue does not exist or you do not have permission to see it."
        return answer({"errorMessages": [said], "errors": {}}, status=404)
