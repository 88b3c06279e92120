"""Each alert is silent while the bot is well, and fires when its outage is caused.

A real Prometheus evaluates the expressions where `prometheus` is on the PATH, our own evaluator elsewhere.
"""

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families
from slack_sdk.signature import SignatureVerifier

import bot.metrics
from bot import heartbeat
from bot.metrics import Metrics
from bot.sandbox.api import TEAM_ID
from bot.scheduled_jobs.reminder_work import DUE_REMINDER
from bot.settings import DatabaseUrl
from bot.slack import process_app
from bot.slack.handlers import dispatcher
from bot.slack.transport.http_server import HttpServer
from bot.slack.transport.http_sites import ONLY_REFUSED, ONLY_REFUSED_SECONDS
from bot.store import StoreUnavailable
from bot.store.repositories.tracker_connections import TrackerConnection
from bot.store.work_queue import PARKED_AFTER, Item, Touch
from deploy.docs.generator.pages import ROOT
from domain.kernel.tracked_issue import TrackerId
from tests.cases.case_actions import fill_asset_form
from tests.operations.promql import Sample, Scrapes, evaluate
from tests.operations.real_prometheus import Prometheus, prometheus
from tests.operations.test_monitoring import RULES, parsed
from tests.queue_rows import claim_one
from tests.slack.slack_team import SlackTeam, run_bot

MINUTES: Final = 22
"""Minutes of an outage that is caused anew in each; a longer one stays as it is then."""

ONSET: Final = 6
"""Minutes after which an outage has to show, before its alert begins to wait."""

STEP: Final = 60.0


class Running(msgspec.Struct, kw_only=True):
    """A running bot that Prometheus scrapes."""

    team: SlackTeam
    patch: pytest.MonkeyPatch
    scraped: HttpServer | None
    others: str = ""
    """What another replica says."""

    def samples(self) -> list[Sample]:
        """Scrape all replicas."""
        texts = {"other": self.others} if self.others else {}
        if self.scraped is not None:
            with urllib.request.urlopen(f"{self.scraped.address}/metrics", timeout=30) as answer:
                texts["this"] = answer.read().decode()
        return [
            (sample.name, {**sample.labels, "job": "threatmodel", "instance": instance}, sample.value)
            for instance, text in texts.items()
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def post(self, body: bytes, *, secret: str = "", ahead: int = 0) -> None:
        """Send a request, signed as Slack does unless another secret or time is given."""
        moment = str(int(time.time()) - ahead)
        sign = SignatureVerifier(secret or self.team.sandbox.signing_secret).generate_signature
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": str(sign(timestamp=moment, body=body)),
        }
        request = urllib.request.Request(str(self.team.sandbox.http.bot_url), data=body, headers=headers)
        try:
            urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as refused:
            refused.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Generator[Running]:
    """A bot with a model, whose queue stands still, so that work is late when it says so."""
    path = tmp_path_factory.mktemp("alerts") / "threatmodel.db"
    with run_bot(path, transport="http", url=DatabaseUrl(f"sqlite:///{path}")) as team:
        team.start()
        team.card("TM-1")
        pages = HttpServer.start(team.bot.operators, host="127.0.0.1", port=0)
        try:
            yield Running(team=team, patch=pytest.MonkeyPatch(), scraped=pages)
        finally:
            pages.stop()


@pytest.fixture
def running(shared: Running, monkeypatch: pytest.MonkeyPatch) -> Running:
    monkeypatch.setattr(heartbeat, "EVERY_SECONDS", 0.0)
    monkeypatch.setattr(process_app, "BACKLOG_SECONDS", 0.0)
    return msgspec.structs.replace(shared, patch=monkeypatch)


Again = Callable[[], object]
Outage = Callable[[Running], AbstractContextManager[Again]]


def nothing() -> None:
    """Nothing more has to happen: it lasts."""


@contextmanager
def no_replica(running: Running) -> Generator[Again]:
    running.scraped = None
    yield nothing


@contextmanager
def no_database(running: Running) -> Generator[Again]:
    path = running.team.store.database.path
    aside = path.with_suffix(".aside")
    path.rename(aside)
    try:
        yield lambda: running.team.command("ben", "/threatmodel undo")
    finally:
        aside.rename(path)
        running.team.wait(lambda: not running.team.bot.readiness_problem())


@contextmanager
def no_database_for_one(running: Running) -> Generator[Again]:
    running.others = running.team.bot.metrics.text().decode()
    with no_database(running) as again:
        yield again


@contextmanager
def slow_answers(running: Running) -> Generator[Again]:
    class Slow:
        now = 0.0

        def perf_counter(self) -> float:
            self.now += 2.0
            return self.now

    running.patch.setattr(dispatcher, "time", Slow())
    yield lambda: running.team.command("ben", "/threatmodel help")


def wrong_requests(**signed: Any) -> Outage:
    body = urlencode({"command": "/threatmodel", "text": "help"}).encode()
    return lambda running: nullcontext(lambda: running.post(body, **signed))


def not_installed(body: object) -> None:
    """Find no workspace of a payload."""
    del body


@contextmanager
def unknown_workspace(running: Running) -> Generator[Again]:
    running.patch.setattr(running.team.bot.public.app, "_find", not_installed)
    yield lambda: running.post(urlencode({"command": "/threatmodel", "team_id": "T0OTHER"}).encode())


@contextmanager
def no_installations(running: Running) -> Generator[Again]:
    def gone(body: object) -> None:
        del body
        raise StoreUnavailable("DATABASE_URL: the server does not answer")

    running.patch.setattr(running.team.bot.public.app, "_find", gone)
    yield lambda: running.post(urlencode({"command": "/threatmodel", "team_id": TEAM_ID}).encode())


def late_work(kind: str, *, tries: int = 1) -> Outage:
    """Work that nothing does, due since an hour, or after it failed so often."""

    @contextmanager
    def outage(running: Running) -> Generator[Again]:
        queue, item = running.team.store.work, Item(TEAM_ID, kind, "TM-9")
        running.patch.setattr(running.team.bot.process.dispatcher, "_begin", nothing)
        queue.touch(Touch(item=item, lane="C9"))
        now = datetime.now(UTC)
        for _ in range(tries):
            claim = claim_one(queue, TEAM_ID, now, only=(kind,))
            assert claim is not None
            if tries > 1:
                queue.retry_later(claim, 0)
            else:
                queue.settle(claim, again_at=now - timedelta(hours=1), again_after=None, pause=0.0)
        yield nothing
        claim = claim_one(queue, TEAM_ID, now, only=(kind,))
        assert claim is not None
        queue.settle(claim, again_at=None, again_after=None, pause=0.0)

    return outage


@contextmanager
def late_cards(running: Running) -> Generator[Again]:
    yield lambda: running.team.bot.metrics.card_shown(120.0)


@contextmanager
def stopped_tracker(running: Running) -> Generator[Again]:
    held = TrackerConnection(
        tracker=TrackerId("TR-1"), secrets=b"", key_id="", saved_at=datetime.now(UTC), stopped=True
    )
    connections = running.team.unit.tracker_connections
    connections.save(held)
    yield nothing
    connections.delete(held.tracker)


@contextmanager
def slack_out_of_order(running: Running) -> Generator[Again]:
    team, minutes = running.team, count()
    fill_asset_form(team, "ana", f"Asset {time.monotonic_ns()}")
    team.sandbox.faults.share("server_error", of=1.0)
    team.submit("ana")

    def again() -> None:
        for _ in range(3):
            team.command("ben", "/threatmodel add asset")  # whose form cannot be opened
        if next(minutes) % 8 == 0:  # else the card would have to be tried as often as Slack is in an hour
            before = counted(team.bot.metrics.text(), "put_off")
            team.wait(lambda: counted(team.bot.metrics.text(), "put_off") > before)

    try:
        yield again
    finally:
        team.sandbox.faults.clear()


def counted(text: bytes, words: str) -> float:
    return sum(float(line.split()[-1]) for line in text.decode().splitlines() if words in line)


def unreadable(payload: str) -> Outage:
    body = urlencode({"payload": payload}).encode()
    return lambda running: nullcontext(lambda: [running.post(body) for _ in range(3)])


@contextmanager
def much_memory(running: Running) -> Generator[Again]:
    collectors = running.team.bot.metrics._registry._collector_to_names
    (process,) = [collector for collector in collectors if type(collector).__name__ == "ProcessCollector"]
    running.patch.setattr(process, "_pagesize", 10**6)
    yield nothing


@contextmanager
def two_versions(running: Running) -> Generator[Again]:
    running.patch.setattr(bot.metrics, "version", lambda: "0.0.9")
    running.others = Metrics().text().decode()
    yield nothing


OUTAGES: Final[dict[str, tuple[Outage, ...]]] = {
    "ThreatmodelDown": (no_replica,),
    "ThreatmodelNotReady": (no_database,),
    "ThreatmodelReplicaNotReady": (no_database_for_one,),
    "ThreatmodelDatabaseGone": (no_database, no_installations),
    "ThreatmodelNobodyIsHeard": (
        wrong_requests(secret="0" * 32),
        wrong_requests(ahead=420),
        unknown_workspace,
    ),
    "ThreatmodelClockIsOff": (wrong_requests(ahead=420),),
    "ThreatmodelSlowAnswers": (slow_answers,),
    "ThreatmodelCardsAreLate": (late_work("unheard-of"), late_cards),
    "ThreatmodelWorkParked": (late_work("unheard-of", tries=PARKED_AFTER),),
    "ThreatmodelTrackersStopped": (stopped_tracker,),
    "ThreatmodelRemindersLate": (late_work(DUE_REMINDER),),
    "ThreatmodelDeliveriesFail": (slack_out_of_order,),
    "ThreatmodelSlackGone": (slack_out_of_order,),
    "ThreatmodelUnreadableRequests": (
        unreadable('{"type": "block_actions", "actions": 3}'),
        unreadable(
            '{"type": "block_actions", "team": {"id": "T0SANDBOX"}, "user": {"id": "U1"}, "actions": []}'
        ),
    ),
    "ThreatmodelMemoryHigh": (much_memory,),
    "ThreatmodelMixedVersions": (two_versions,),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Prometheus | None]:
    with prometheus(tmp_path_factory.mktemp("prometheus")) as started:
        yield started


@pytest.mark.parametrize("alert", [rule["alert"] for rule in RULES])
def test_an_alert_fires_when_its_outage_is_caused(
    alert: str, running: Running, server: Prometheus | None
) -> None:
    (rule,) = [one for one in RULES if one["alert"] == alert]
    assert alert in OUTAGES, f"cause the outage of {alert} here"
    for outage in OUTAGES[alert]:
        if server is not None:
            server.begin()
        well = running.samples()
        scrapes = [(minute * STEP, well) for minute in range(MINUTES)]
        assert firing(scrapes, server) == set(), "nothing is wrong yet"
        patched = msgspec.structs.replace(running)
        with outage(patched) as again:
            now = well
            for minute in range(int(seconds(rule.get("for", "0s")) / STEP) + ONSET):
                if minute < MINUTES:
                    again()
                    now = patched.samples()
                scrapes.append(((MINUTES + minute) * STEP, now))
        fired = firing(scrapes, server)
        assert alert in fired
        if alert == "ThreatmodelNotReady":
            assert "ThreatmodelDown" not in fired, "its section would lead to the wrong place"


def test_the_page_of_readiness_names_a_wrong_secret(running: Running) -> None:
    assert ONLY_REFUSED not in running.team.bot.status_line()
    results = running.team.bot.process.request_results
    now = [0.0]
    running.patch.setattr(results, "_clock", lambda: now[0])
    for _ in range(2):
        running.post(b"command=/threatmodel", secret="0" * 32)
        now[0] += ONLY_REFUSED_SECONDS
    assert ONLY_REFUSED in running.team.bot.status_line()
    assert running.team.bot.readiness_problem() == "", "Slack reached it before, and anyone can send these"
    running.patch.setattr(results, "_verified", False)
    assert running.team.bot.readiness_problem().startswith(ONLY_REFUSED), "a new bot with a wrong secret"
    now[0] += ONLY_REFUSED_SECONDS
    assert running.team.bot.readiness_problem() == "", "nobody sends any more"
    assert running.team.command("ben", "/threatmodel help").acked
    assert ONLY_REFUSED not in running.team.bot.status_line()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the guide's commands need curl")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_the_first_command_of_each_section_answers_in_time(rule: dict[str, Any], running: Running) -> None:
    page, _, _ = rule["annotations"]["runbook"].partition("#")
    _, _, section = (ROOT / page).read_text().partition(f"### {rule['alert']}\n")
    command = section.split("```")[1].removeprefix("sh\n").strip()
    if command == "timedatectl show --property=NTPSynchronized":
        return  # it asks the machine's own service manager
    assert command.startswith("curl --silent --max-time 2 ")
    if "$bot" in command:
        assert running.scraped is not None
        shell = ["sh", "-c", f"bot={running.scraped.address}; {command}"]
        done = subprocess.run(shell, capture_output=True, check=False, timeout=30)
        assert done.stdout, "a name that no replica has answers nothing"


def firing(scrapes: Scrapes, server: Prometheus | None) -> set[str]:
    """Return the alerts whose expression is true at every scrape of the time that they wait for."""
    fired: set[str] = set()
    for rule in RULES:
        since = scrapes[-1][0] - seconds(rule.get("for", "0s"))
        if server is not None:
            is_true = since >= 0 and server.is_true(rule["expr"], scrapes, since)
        else:
            tree = parsed(rule["expr"])
            is_true = all(evaluate(tree, scrapes, at) for at, _ in reversed(scrapes) if at >= since)
        if is_true:
            fired.add(rule["alert"])
    return fired


def seconds(duration: str) -> float:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([smhd])", duration))
