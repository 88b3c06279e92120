"""One thread that looks at what is due, and puts off what could not be done."""

import threading
import time
from collections.abc import Callable

import structlog

from bot.slack.connection.slack_api import Refused, Unreachable
from bot.slack.surfaces.agenda import Agenda, Job, Pace
from bot.slack.upkeep.metrics import Metrics
from bot.store import StoreError

log = structlog.get_logger()

ENDS = {
    "account_inactive",
    "invalid_auth",
    "missing_scope",
    "not_authed",
    "token_expired",
    "token_revoked",
    "team_access_not_granted",
}
"""What Slack says when it lets the bot do nothing any more; who may not post cannot tell anybody either."""


class Tender:
    """Does the jobs of an agenda by `keep`, one after the other.

    `notice` is called every `look` seconds to put on the agenda what nobody told of; `silence` is told when
    Slack lets the bot do nothing any more.
    """

    def __init__(
        self,
        name: str,
        pace: Pace,
        *,
        keep: Callable[[Job], None],
        notice: Callable[[], None] = lambda: None,
        silence: Callable[[str], None],
        metrics: Metrics,
    ) -> None:
        self.agenda = Agenda(pace)
        self._pace = pace
        self._keep = keep
        self._notice = notice
        self._silence = silence
        self._metrics = metrics
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin by noticing what there is to do."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Bring the cards that are due up to date, then stop; give up after so many seconds."""
        ends = time.monotonic() + seconds
        self.agenda.end(seconds)
        if self._thread.is_alive():
            self._thread.join(max(0.0, ends - time.monotonic()))

    def _run(self) -> None:
        look_at = 0.0
        while not self.agenda.ended:
            if time.monotonic() >= look_at:
                look_at = time.monotonic() + self._pace.look
                self._look()
            job = self.agenda.take(until=look_at)
            if job is not None:
                self.agenda.done(well=self._kept(job))

    def _look(self) -> None:
        try:
            self._notice()
        except StoreError as fault:
            log.warning("surfaces not looked through", fault=type(fault).__name__)

    def _kept(self, job: Job) -> bool:
        """Bring one surface up to date, or put it off."""
        try:
            self._keep(job)
        except Refused as refused:
            if refused.code in ENDS:
                self._silence(refused.code)
            else:
                self._put_off(job, refused.code, wait=refused.retry_after)
        except Unreachable as fault:
            self._put_off(job, fault.code)
        except StoreError as fault:
            self._put_off(job, type(fault).__name__)
        except Exception as fault:
            # One surface that cannot be made must not be the end of all the others.
            log.exception("surface cannot be made", surface=job.surface, of=job.of)
            self._put_off(job, type(fault).__name__)
        else:
            return True
        return False

    def _put_off(self, job: Job, why: str, *, wait: float = 0.0) -> None:
        seconds = self.agenda.put_off(job, wait=wait)
        self._metrics.surface(job.surface, "put_off")
        log.warning("surface put off", surface=job.surface, of=job.of, why=why, seconds=seconds)
