"""python-gitlab asks a GitLab for the same as our client, and reads what our client wrote."""

import io
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.trackers.tracker_http import TrackerRequest
from tests.depth import deep_only
from tests.trackers.desks import GitLabDesk
from tests.trackers.fake_gitlab import PATH
from tests.trackers.fake_transport import TOKEN
from tests.trackers.tracker_contract import CONTENT, MARK

pytestmark = deep_only


@pytest.fixture
def desk() -> GitLabDesk:
    return GitLabDesk()


@pytest.fixture
def project(desk: GitLabDesk) -> Any:
    """The project as the library sees it, which the same answers serve."""
    import requests
    from gitlab import Gitlab
    from requests.adapters import BaseAdapter

    class Adapter(BaseAdapter):
        def send(self, request: Any, *_: object, **__: object) -> Any:
            body = request.body or b""
            headers = {name: str(value) for name, value in request.headers.items()}
            sent = TrackerRequest(method=request.method, url=request.url, headers=headers, body=bytes(body))
            given = desk.transport.send(sent)
            response = requests.Response()
            response.status_code = given.status
            response.raw = io.BytesIO(given.body)
            response.headers["Content-Type"] = "application/json"
            response.request = request
            response.url = request.url
            return response

        def close(self) -> None:
            pass

    session = requests.Session()
    session.mount("https://", Adapter())
    library = Gitlab("https://gitlab.com", private_token=TOKEN, session=session)
    return library.projects.get("acme/platform/shop")


def asked(desk: GitLabDesk) -> tuple[str, dict[str, str], Any]:
    """The last request: its line, its query and its content."""
    last = desk.transport.asked[-1]
    parts = urlsplit(last.url)
    return (
        f"{last.method} {parts.path.replace(PATH, '/api/v4/projects/9')}",
        dict(parse_qsl(parts.query)),
        last.content,
    )


def test_it_reads_what_was_written(desk: GitLabDesk, project: Any) -> None:
    written = desk.tracker.create(MARK, CONTENT)
    (read,) = project.issues.list(
        labels=[f"threat-model-{MARK}"], scope="all", state="all", order_by="created_at", per_page=100, page=1
    )
    assert (read.iid, read.title, read.description) == (1, written.title, written.text)
    assert (read.web_url, read.due_date, read.state) == (written.url, "2027-01-04", "opened")
    assert read.labels == ["threat-model", f"threat-model-{MARK}", "security"]
    again = desk.tracker.create(MARK, CONTENT)
    desk.tracker.close_duplicate(again.key, written.key)
    duplicate = project.issues.get(2)
    assert (duplicate.state, duplicate.labels) == ("closed", ["security"])
    assert duplicate.attributes["_links"]["closed_as_duplicate_of"].endswith("/issues/1")


def test_it_asks_for_the_same(desk: GitLabDesk, project: Any) -> None:
    desk.tracker.create(MARK, CONTENT)
    ours = asked(desk)
    project.issues.create(json.loads(json.dumps(ours[2])))
    assert asked(desk) == ours

    desk.tracker.find(MARK)
    line, query, _ = asked(desk)
    project.issues.list(**{**query, "labels": [query["labels"]]})
    assert asked(desk)[:2] == (line, query)

    list(desk.tracker.changed(desk.fake.now))
    line, query, _ = asked(desk)
    project.issues.list(**query)
    assert asked(desk)[:2] == (line, query)

    desk.tracker.accounts("ben")
    line, query, _ = asked(desk)
    project.members_all.list(**query)
    assert asked(desk)[:2] == (line, query)

    desk.fake.change(1, description="Mine.")
    desk.tracker.update("#1", MARK, CONTENT)
    ours = asked(desk)
    desk.fake.change(1, description="Mine.")
    project.issues.update(1, ours[2])
    assert asked(desk) == ours
