"""The port to a project in a tracker: what is asked and answered, and faults."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Annotated, ClassVar, Final

import msgspec

from domain.kernel.tracked_issue import IssueState, TrackerKind

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time with its zone: without one it cannot be compared, so that such an answer is refused."""


class TrackerFault(Exception):
    """A call to a tracker failed; the text is for operators and people, and holds no token."""


class TrackerUnreachable(TrackerFault):
    """No answer, or none that can be read: the call may have succeeded."""


class TrackerBusy(TrackerFault):
    """The tracker did nothing and wants to be asked again after `wait` seconds."""

    def __init__(self, message: str, *, wait: float) -> None:
        super().__init__(message)
        self.wait = wait


class TrackerRefused(TrackerFault):
    """The tracker refused the call permanently: a wrong token, missing permission, or invalid content.

    `unauthorized` says that the token is the reason, so that no other call will succeed either. `status` is
    the status of the HTTP answer, 0 without one.
    """

    def __init__(self, message: str, *, unauthorized: bool = False, status: int = 0) -> None:
        super().__init__(message)
        self.unauthorized = unauthorized
        self.status = status


class IssueMissing(TrackerFault):
    """The project has no such issue, or the account of the connection cannot read it.

    A project that the account can no longer read is refused instead: its issues were not deleted.
    """


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A person's account in the tracker; `id` is what the tracker takes as an assignee."""

    id: str
    name: str
    email: str = ""


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """What the tracker says about the project of the connection; `noun` is its word for a project.

    `public` says that people outside the organization can read its issues. `problems` are what the account
    lacks, each one sentence: permission to create issues, a missing label, or a missing issue type.
    """

    name: str
    noun: str = "project"
    public: bool
    account: Account
    problems: Sequence[str] = ()


class IssueContent(msgspec.Struct, frozen=True, kw_only=True):
    """What an issue shows of a mitigation.

    `subject` names the mitigation and its workspace, so that two of them can share an issue. `lines` are
    plain text, without markup and without line breaks; an implementation escapes them for its tracker.
    `link` is the address of the card, empty without a public address. `assignee` is an account ID; an issue
    keeps its assignee if it is empty, or if the tracker does not accept the account, and its due date if
    `due` is None. `labels` are those of the connection; only a new issue gets them. With
    `ended`, the issue is no longer kept up to date: its part says so where there is one, and neither a part
    nor a mark is put in again.
    """

    subject: str
    title: str
    lines: tuple[str, ...] = ()
    link: str = ""
    due: date | None = None
    assignee: str = ""
    labels: tuple[str, ...] = ()
    ended: bool = False


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as the tracker returns it."""

    key: str
    url: str
    title: str
    text: str
    state: IssueState
    updated: Moment
    reason: str = ""
    assignee: Account | None = None
    due: date | None = None
    labels: tuple[str, ...] = ()

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of bots that it carries, 12 hexadecimal digits each."""
        return marks_of(self.labels)


class Tracker(ABC):
    """One project in a tracker, used by the account of a token; every method raises TrackerFault."""

    kind: ClassVar[TrackerKind]
    search_delay: float = 60.0
    """Seconds after which `find` reliably finds a new issue.

    Lists are read from replicas, and a request whose answer was lost may still be running.
    """

    @abstractmethod
    def project(self) -> Project:
        """Check the connection: return the project and the account."""

    @abstractmethod
    def find(self, mark: str) -> Sequence[Issue]:
        """Return the issues that the account created with a mark, the oldest first."""

    @abstractmethod
    def changed(self, since: datetime) -> Iterator[Issue]:
        """Yield the issues of the project with a mark that changed at or after a moment, in pages."""

    @abstractmethod
    def create(self, mark: str, content: IssueContent) -> Issue:
        """Create an issue."""

    @abstractmethod
    def read(self, key: str) -> Issue:
        """Return an issue; raises IssueMissing, also for one that was moved to another project."""

    @abstractmethod
    def update(self, key: str, mark: str, content: IssueContent) -> Issue:
        """Change what the issue shows of the mitigation; text outside the fenced part stays.

        The issue carries the mark afterwards, also one that a person created, or took the mark from, unless
        the content has `ended`.
        """

    @abstractmethod
    def close_duplicate(self, key: str, original: str) -> None:
        """Close an issue that was created twice, name the original in it, and take the mark from it."""

    @abstractmethod
    def accounts(self, text: str) -> Sequence[Account]:
        """Return the accounts that match an email address, a login or a name, the best match first."""

    @abstractmethod
    def key_of(self, typed: str) -> str | None:
        """Return the key of the issue that a person typed: a key, or an address of this project."""


COMMON_LABEL: Final = "threat-model"
LABEL_COLOR: Final = "5319e7"
LABEL_DESCRIPTION: Final = "The threat model bot finds its issues by this label"

_MARK: Final = re.compile(rf"{COMMON_LABEL}-([0-9a-f]{{12}})")


def mark_label(mark: str) -> str:
    """Return the label of a mark."""
    return f"{COMMON_LABEL}-{mark}"


def issue_labels(mark: str, labels: Iterable[str] = ()) -> list[str]:
    """Return the labels of a new issue: those of the bot first, then others without repetition."""
    return list(dict.fromkeys((COMMON_LABEL, mark_label(mark), *labels)))


def marks_of(labels: Iterable[str]) -> tuple[str, ...]:
    """Return the marks among labels; trackers compare labels without regard to case."""
    found = (_MARK.fullmatch(label.lower()) for label in labels)
    return tuple(dict.fromkeys(one[1] for one in found if one))


def without_marks(labels: Iterable[str]) -> list[str]:
    """Return the labels without those of the bot."""
    return [label for label in labels if label.lower() != COMMON_LABEL and not _MARK.fullmatch(label.lower())]
