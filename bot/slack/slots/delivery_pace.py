"""Pace of delivery: how long each kind of work waits, and how often Slack is called."""

from typing import Final, Literal

import msgspec

from bot.delivery.call_budget import Rate
from bot.delivery.work_dispatcher import WorkPace
from bot.delivery.work_kinds import NO_WAIT, Waits
from bot.slack.directory.channel_reads import EVERY_SECONDS

WorkKind = Literal[
    "model",
    "results",
    "picture",
    "diagram",
    "diagram-message",
    "export",
    "export-message",
    "canvas",
    "file-notice",
    "summaries",
    "sitting",
    "result",
    "erased",
    "resting",
    "homes",
    "home",
    "invitations",
    "invitation",
    "handovers",
    "handover",
    "proposals",
    "proposal",
    "claims",
    "claim",
    "sent-reminders",
    "rounds",
    "reminders",
    "due-reminder",
    "reminder",
    "settings",
    "inherit",
    "portfolio",
    "digests",
    "digest",
    "issues",
    "issue",
    "accounts",
    "tracker",
    "tracker-notices",
    "tracker-notice",
]
"""The kinds of work.

- `model`: what the new events of a model cause, and its card.
- `results`: which messages its thread should have without waiting. `summaries`: which others, after a pause.
- `sitting`: one message about a work session. `result`: one about an event, also shown in the channel.
- `picture`: the charts of a round. `diagram`, `diagram-message`: the diagram of a model, or its flows in
  words. `export`, `export-message`, `canvas`: a file, the message below it, the report as a canvas.
  `file-notice`: why a file is not shown.
- `erased`: the cleanup of an erased model. `resting`: notices about suspended cards that wait.
- `home`: a person's Home tab. `homes`: those of everyone who opened theirs lately.
- `invitations`, `handovers`, `proposals`, `claims`: which direct messages about a model are to be sent or
  edited; `invitation`, `handover`, `proposal`, `claim`: one of them.
- `reminders`: plan the reminders of a model. `due-reminder`: remind one person or thread.
  `sent-reminders`: which messages that remind of a model are to be edited; `reminder`: one of them.
- `settings`: which models follow a change of the workspace's settings; `inherit`: one of them follows.
- `digests`: when the digest of the portfolio is due; `digest`: one of them is posted.
- `portfolio`: the missing entries of the portfolio are computed.
- `issues`: which mitigations of a model get an issue in a tracker, and which issues are to be updated;
  `issue`: one of them. `accounts`: the accounts of owners in a tracker are looked up. `tracker`: what changed
  in a tracker is read.
- `tracker-notices`: whom to tell that a tracker was stopped; `tracker-notice`: one message about that.
- `rounds`: open rounds of a model are closed at their deadline, and departed voters are released.
"""

OF_A_MODEL: Final[tuple[WorkKind, ...]] = ("model", "results", "summaries")
"""Work on the messages of a model in its channel."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Delays of each kind of work, and rate limits, in seconds.

    A channel is written to once per `channel_interval`; failed work is retried after `retry_seconds`;
    uploaded files are polled every `file_poll_seconds` until they appear. With `quiet_hours`, people are
    notified of others' actions only in their working hours.
    """

    card: Waits = Waits(quiet=0.15, longest=1.0)
    summary: Waits = Waits(quiet=8.0, longest=40.0)
    home: Waits = Waits(quiet=1.0, longest=5.0)
    issues: Waits = Waits(quiet=4.0, longest=20.0)
    """Long enough for a mitigation to be corrected: a new issue notifies people."""
    tracker: Waits = Waits(quiet=1.0, longest=10.0)
    """Time after a webhook, because a busy project sends many."""
    channel_interval: float = 1.2
    """Fifty calls a minute, Slack's limit for `chat.update` per workspace."""
    update: float = 1.5
    """Interval between two updates in a workspace after a burst of ten: at most fifty a minute."""
    retry_seconds: float = 2.0
    file_poll_seconds: float = 5.0
    quiet_hours: bool = True
    channel_read_seconds: float = EVERY_SECONDS
    """Interval between two reads of a channel's members."""
    idle_channel_read_seconds: float = 0.0
    """The same for a channel whose models have not changed for a week, if longer."""

    @property
    def rates(self) -> dict[str, Rate]:
        """Return the rate limits of the methods that Slack limits per workspace."""
        return {"chat.update": Rate(interval=self.update, burst=10)}

    def of(self, kind: WorkKind) -> Waits:
        """Return the waiting times of a kind of work."""
        match kind:
            case "model" | "results" | "erased" | "resting":
                return self.card
            case "picture" | "diagram" | "diagram-message":
                return self.card
            case "export" | "export-message" | "canvas" | "file-notice":
                return self.card
            case "summaries":
                return self.summary
            case "home" | "homes" | "invitations" | "handovers" | "proposals" | "claims" | "rounds":
                return self.home
            case "due-reminder" | "sent-reminders":
                return self.home
            case "reminders":
                # They are sent hours or days after what is planned here.
                return Waits(quiet=4 * self.home.quiet, longest=4 * self.home.longest)
            case "sitting" | "result" | "invitation" | "handover" | "reminder":
                return NO_WAIT
            case "digests" | "digest" | "portfolio" | "proposal" | "claim" | "settings" | "inherit":
                return NO_WAIT
            case "issues":
                return self.issues
            case "tracker":
                return self.tracker
            case "issue" | "accounts" | "tracker-notices" | "tracker-notice":
                return NO_WAIT

    @property
    def work(self) -> WorkPace:
        """Return the pace of the dispatcher."""
        return WorkPace(
            retry_seconds=self.retry_seconds,
            channel_interval=self.channel_interval,
        )
