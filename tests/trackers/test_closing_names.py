"""How an issue was closed, by the names of statuses and resolutions."""

from bot.trackers.closing_names import by_resolution, by_status
from domain.kernel.tracked_issue import IssueState

DONE = (
    "Closed|Done|Resolved|Fixed|Completed|Complete|Implemented|Released to production|Verified|Fixed in 2.1"
)
OTHERWISE = (
    "Rejected|Won't Do|Won\N{RIGHT SINGLE QUOTATION MARK}t Fix|WONT DO|Duplicate|Duplicated|"
    "Cannot Reproduce|Can't reproduce|Declined|Canceled|"
    "Cancelled|Not a bug|Incomplete|Invalid|Obsolete|Abandoned|Not planned|Known Error|Out of scope|Stale|"
    "Unresolved|Abgewiesen|Rejeté|Rechazada|Отклонена|却下|已拒绝"
)
UNKNOWN = "Shelved|Ablage|X"


def test_a_status_means_done_unless_its_name_says_otherwise() -> None:
    found = {name: by_status(name) for name in f"{DONE}|{OTHERWISE}|{UNKNOWN}|Erledigt".split("|")}
    assert found == {
        **dict.fromkeys(f"{DONE}|{UNKNOWN}|Erledigt".split("|"), IssueState.COMPLETED),
        **dict.fromkeys(OTHERWISE.split("|"), IssueState.CLOSED),
    }


def test_a_resolution_means_done_only_if_its_name_says_so() -> None:
    found = {name: by_resolution(name) for name in f"{DONE}|{OTHERWISE}|{UNKNOWN}|Erledigt|完了".split("|")}
    assert found == {
        **dict.fromkeys(f"{DONE}|Erledigt|完了".split("|"), IssueState.COMPLETED),
        **dict.fromkeys(f"{OTHERWISE}|{UNKNOWN}".split("|"), IssueState.CLOSED),
    }
