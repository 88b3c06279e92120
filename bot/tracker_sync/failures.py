"""Classification of failures of trackers, for the work that raised them."""

from typing import Final

from bot.delivery.work_kinds import Failure
from bot.store.work_queue import MAX_PLAUSIBLE_SECONDS
from bot.tracker_sync.issue_sink import NotOpen
from bot.tracker_sync.token_rejections import APART
from bot.trackers.tracker import TrackerBusy, TrackerFault, TrackerRefused, TrackerUnreachable

OUTAGE_SECONDS: Final = 10.0
"""Seconds for which a tracker that did not answer is left alone: each call would wait for its timeout."""

REFUSED_SECONDS: Final = 300.0


def tracker_failure(fault: Exception) -> Failure | None:
    """Return the meaning of a tracker's failure for the work that called it; None for any other failure.

    Its wait applies to the lane of the tracker, and so to every call of this connection.
    """
    match fault:
        case TrackerBusy():
            wait = min(max(fault.wait, 1.0), MAX_PLAUSIBLE_SECONDS)
            return Failure(reason="pace of the tracker", wait=wait, counted=False, paced=True)
        case TrackerUnreachable():
            return Failure(reason="no answer of the tracker", wait=OUTAGE_SECONDS, counted=False)
        case NotOpen():
            return Failure(reason="the tracker is not connected", counted=False)
        case TrackerRefused(unauthorized=True):
            # Until so many in a row stop the connection: see `token_rejections`.
            wait = APART.total_seconds()
            return Failure(reason="the tracker rejected the token", wait=wait, counted=False)
        case TrackerFault():
            return Failure(reason="refused by the tracker", wait=REFUSED_SECONDS)
        case _:
            return None
