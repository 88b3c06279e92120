"""A Redmine without a server: the answers that the real one gave, for what the client asks of it.

Version 6.0 of Debian; the deep run asks the real one the same (test_redmine_server.py).
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.trackers.tracker_http import TrackerAnswer
from tests.trackers.fake_transport import Asked, answer

STATUSES = {1: "New", 2: "In Progress", 3: "Resolved", 4: "Feedback", 5: "Closed", 6: "Rejected"}
CLOSED = (5, 6)
START = datetime(2026, 11, 28, 21, 0, tzinfo=UTC)
MEMBERS = {6: "Threat Model", 7: "Ben Berger"}
BOT, BEN = 6, 7
PROJECT = "/projects/payments"


class FakeRedmine:
    """One project with its issues; a change takes a minute."""

    def __init__(self) -> None:
        self.issues: dict[int, dict[str, Any]] = {}
        self.now = START
        self.may_edit = True
        self.may_close = True
        self.knows_filters = True
        """Versions before the filter for descriptions ignore it."""
        self.tells_closed = True
        """Versions before 5 say only at the list of statuses which are closed."""

    def __call__(self, asked: Asked) -> TrackerAnswer:
        match asked.method, asked.path.removesuffix(".json").split("/")[1:]:
            case "GET", ["projects", "payments", "issues"]:
                return self._list(asked.query)
            case "POST", ["projects", "payments", "issues"]:
                return self._create(asked.content["issue"])
            case "GET", ["issues", number]:
                allowed = [self._status(one) for one in STATUSES if self.may_close or one not in CLOSED]
                shown = self._shown(self.issues[int(number)])
                return answer({"issue": {**shown, "allowed_statuses": allowed}})
            case "PUT", ["issues", number]:
                return self._update(int(number), asked.content["issue"])
            case "GET", ["projects", "payments"]:
                modules = [{"id": 1, "name": "issue_tracking"}]
                project = {"id": 1, "name": "Payments", "identifier": "payments", "is_public": False}
                return answer({"project": {**project, "enabled_modules": modules}})
            case "GET", ["projects", "payments", "memberships"]:
                rows = [
                    {"id": member, "project": {"id": 1}, "user": {"id": member, "name": MEMBERS[member]}}
                    for member in MEMBERS
                ]
                return answer({"memberships": rows, "total_count": len(rows), "offset": 0, "limit": 100})
            case "GET", ["users", who]:
                return self._user(BOT if who == "current" else int(who))
            case "GET", ["issue_statuses"]:
                listed = [
                    {"id": one, "name": name, "is_closed": one in CLOSED} for one, name in STATUSES.items()
                ]
                return answer({"issue_statuses": listed})
            case _:
                return answer(status=404)

    def open(self, title: str) -> int:
        """Create an issue as a person; return its number."""
        self._create({"subject": title, "description": ""})
        self.issues[len(self.issues)]["author"] = BEN
        return len(self.issues)

    def change(self, number: int, **fields: object) -> None:
        """What a person does in the browser."""
        self.now += timedelta(minutes=1)
        self.issues[number] |= {**fields, "updated_on": self.now}

    def _user(self, number: int) -> TrackerAnswer:
        first, last = MEMBERS[number].split()
        return answer({"user": {"id": number, "admin": number == BOT, "firstname": first, "lastname": last}})

    def _list(self, query: Mapping[str, str]) -> TrackerAnswer:
        assert query["status_id"] == "*"
        assert query["subproject_id"] == "!*"
        assert query["sort"] == "id"
        found = [one for _, one in sorted(self.issues.items())]
        if "issue_id" in query:
            found = [one for one in found if one["id"] == int(query["issue_id"])]
        if "author_id" in query:
            assert query["author_id"] == "me"
            found = [one for one in found if one["author"] == BOT]
        if "updated_on" in query:
            since = datetime.fromisoformat(query["updated_on"].removeprefix(">="))
            found = [one for one in found if one["updated_on"] >= since]
        if "description" in query and self.knows_filters:
            found = [one for one in found if query["description"].removeprefix("~") in one["description"]]
        offset, limit = int(query["offset"]), int(query["limit"])
        shown = [self._shown(one) for one in found[offset : offset + limit]]
        return answer({"issues": shown, "total_count": len(found), "offset": offset, "limit": limit})

    def _create(self, fields: dict[str, Any]) -> TrackerAnswer:
        new: dict[str, Any] = {"status_id": 1, "start_date": self.now.date().isoformat(), **fields}
        if problem := self._problem(new):
            return problem
        self.now += timedelta(minutes=1)
        number = len(self.issues) + 1
        self.issues[number] = {**new, "id": number, "author": BOT, "updated_on": self.now}
        return answer({"issue": self._shown(self.issues[number])}, status=201)

    def _update(self, number: int, fields: dict[str, Any]) -> TrackerAnswer:
        if not self.may_edit:
            fields = {}
        if not self.may_close:
            fields.pop("status_id", None)
        if problem := self._problem({**self.issues[number], **fields}):
            return problem
        self.change(number, **fields)
        return answer(status=204)

    def _problem(self, issue: Mapping[str, Any]) -> TrackerAnswer | None:
        wrong: list[str] = []
        start, due = issue.get("start_date"), issue.get("due_date")
        if start and due and date.fromisoformat(due) < date.fromisoformat(start):
            wrong.append("Due date must be greater than start date")
        if issue.get("assigned_to_id") and int(issue["assigned_to_id"]) not in MEMBERS:
            wrong.append("Assignee is invalid")
        return answer({"errors": wrong}, status=422) if wrong else None

    def _shown(self, issue: Mapping[str, Any]) -> dict[str, Any]:
        assigned = issue.get("assigned_to_id")
        return {
            "id": issue["id"],
            "project": {"id": 1, "name": "Payments"},
            "tracker": {"id": 1, "name": "Bug"},
            "status": self._status(issue["status_id"]),
            "priority": {"id": 2, "name": "Normal"},
            "author": {"id": issue["author"], "name": MEMBERS[issue["author"]]},
            **({"assigned_to": {"id": int(assigned), "name": MEMBERS[int(assigned)]}} if assigned else {}),
            "subject": issue["subject"],
            "description": issue["description"].replace("\n", "\r\n"),
            "start_date": issue["start_date"],
            "due_date": issue.get("due_date"),
            "done_ratio": 0,
            "is_private": False,
            "created_on": "2026-11-28T21:00:00Z",
            "updated_on": issue["updated_on"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            "closed_on": None,
        }

    def _status(self, number: int) -> dict[str, Any]:
        closed = {"is_closed": number in CLOSED} if self.tells_closed else {}
        return {"id": number, "name": STATUSES[number], **closed}
