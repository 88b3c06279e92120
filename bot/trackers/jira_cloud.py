"""Jira Cloud: version 3 of its REST API, for an account with an API token."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from bot.settings import Secret
from bot.trackers.adf import description_with_part, document, nodes_of, paragraph, plain_text
from bot.trackers.change_pages import page_turns
from bot.trackers.jira import MOST_IN_TEXT, PAGE, Jira
from bot.trackers.jira_shapes import JiraFields, JiraIssue, JiraPage, JiraUser
from bot.trackers.tracker import Account, IssueContent
from bot.trackers.tracker_http import Transport
from domain.kernel.tracked_issue import TrackerKind


class JiraCloud(Jira):
    """One project of a site of Jira Cloud.

    `login` is the email address of the account. Version 3 has descriptions as documents, so that what people
    wrote stays as it is; version 2 would turn it to wiki markup and back.
    """

    kind: TrackerKind = TrackerKind.JIRA_CLOUD
    api: ClassVar = "/rest/api/3"
    search_name: ClassVar = "query"

    def __init__(
        self, transport: Transport, *, url: str, project: str, token: Secret, login: str, **more: Any
    ) -> None:
        basic = b64encode(f"{login}:{token.reveal()}".encode()).decode()
        super().__init__(
            transport,
            url=url,
            project=project,
            token=token,
            authorization=Secret(f"Basic {basic}"),
            **more,
        )

    def _search(self, jql: str) -> Iterator[JiraIssue]:
        asked: dict[str, object] = {"jql": jql, "fields": list(JiraFields.names()), "maxResults": PAGE}
        token: str | None = None
        for _ in page_turns():
            content = {**asked, "nextPageToken": token} if token else asked
            page = self._http.decode(
                self._http.call("POST", f"{self.api}/search/jql", content=content), JiraPage
            )
            yield from page.issues
            if not page.next_page_token or page.next_page_token == token:
                return
            token = page.next_page_token

    def _description(self, people: object, content: IssueContent, *, marked: bool) -> object:
        return description_with_part(people, content, most=MOST_IN_TEXT, marked=marked)

    def _body(self, text: str) -> object:
        return document([paragraph(text)])

    def _text(self, description: object) -> str:
        return plain_text(nodes_of(description))

    def _assignee(self, account: str) -> Mapping[str, str]:
        return {"accountId": account}

    def _account(self, user: JiraUser) -> Account:
        return Account(
            id=user.account_id, name=user.display_name or user.account_id, email=user.email_address
        )
