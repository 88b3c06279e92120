"""Jira Data Center: version 2 of its REST API, for an account with a personal access token."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from bot.settings import Secret
from bot.trackers.change_pages import page_turns
from bot.trackers.issue_text import Markup, issue_text
from bot.trackers.jira import MOST_IN_TEXT, PAGE, Jira
from bot.trackers.jira_markup import wiki_line, wiki_link
from bot.trackers.jira_shapes import JiraFields, JiraIssue, JiraPage, JiraUser
from bot.trackers.tracker import Account, IssueContent
from bot.trackers.tracker_http import Query, Transport
from domain.kernel.tracked_issue import TrackerKind

MARKUP: Final = Markup(escape=wiki_line, link=wiki_link, bullet="* ")


class JiraDataCenter(Jira):
    """One project of a Jira Data Center, from version 8.14 on, which is the first with tokens."""

    kind: TrackerKind = TrackerKind.JIRA_DATA_CENTER
    api: ClassVar = "/rest/api/2"
    search_name: ClassVar = "username"

    def __init__(self, transport: Transport, *, url: str, project: str, token: Secret, **more: Any) -> None:
        super().__init__(
            transport,
            url=url,
            project=project,
            token=token,
            authorization=Secret(f"Bearer {token.reveal()}"),
            **more,
        )

    def _search(self, jql: str) -> Iterator[JiraIssue]:
        start = 0
        for _ in page_turns():
            query: Query = {
                "jql": jql,
                "fields": ",".join(JiraFields.names()),
                "startAt": start,
                "maxResults": PAGE,
            }
            page = self._http.get(f"{self.api}/search", JiraPage, query=query)
            yield from page.issues
            start += len(page.issues)
            if not page.issues or start >= page.total:
                return

    def _description(self, people: object, content: IssueContent, *, marked: bool) -> object:
        return issue_text(self._text(people), content, MARKUP, most=MOST_IN_TEXT, marked=marked)

    def _body(self, text: str) -> object:
        return text

    def _text(self, description: object) -> str:
        return description.replace("\r\n", "\n") if isinstance(description, str) else ""

    def _assignee(self, account: str) -> Mapping[str, str]:
        return {"name": account}

    def _account(self, user: JiraUser) -> Account:
        return Account(id=user.name, name=user.display_name or user.name, email=user.email_address)
