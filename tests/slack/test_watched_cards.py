"""Cards that people watch: presses pay for updates, and those for which people wait come first."""

import re
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import quote, unquote

import pytest
from msgspec.structs import replace

from bot.sandbox.api import Sandbox
from bot.slack.protocol.block_builders import Message
from bot.slack.protocol.requests import Json
from bot.slack.protocol.targets import Target
from bot.slack.protocol.web_api_client import ApiUnreachable, SlackApi
from bot.slack.sinks.watched_cards import (
    LOOK_SECONDS,
    MAX_PRESSED,
    RECENT_SECONDS,
    URL_SECONDS,
    USES,
    WATCHED_SECONDS,
    CardMessages,
    WatchedCards,
)
from bot.store.repositories.deliveries import DeliveryRecord
from domain.kernel.elements import ModelKey
from tests.fake_clock import FakeMonotonicClock
from tests.slack.slack_team import QUICK, SlackTeam, run_bot
from tests.slack.test_surfaces import say

KEY = ModelKey("TM-1")
WORK = "model/TM-1"
URL = "https://hooks.slack.com/actions/T1/1/secret"


@pytest.fixture
def clock() -> FakeMonotonicClock:
    return FakeMonotonicClock()


@pytest.fixture
def watched(clock: FakeMonotonicClock) -> WatchedCards:
    return WatchedCards(clock=clock)


def press(team: SlackTeam, who: str = "ben") -> None:
    """Press a button of the card that opens a modal, and close it."""
    team.person(who).click(team.card("TM-1"), "More…")
    team.wait(lambda: team.person(who).modal is not None)


def replaced(sandbox: Sandbox) -> int:
    """Return how often a pressed message was replaced by its response URL."""
    return sum(bool(call.arguments.get("replace_original")) for call in sandbox.calls_of("response_url"))


def test_a_press_pays_for_four_updates_of_its_card(team: SlackTeam) -> None:
    team.start()
    press(team)
    for number in range(1, USES + 2):
        say(team, f"Asset {number}")
        team.card(f"Assets  {number}")
    team.wait(lambda: team.sandbox.calls_of("chat.update"))
    assert replaced(team.sandbox) == USES
    assert len(team.sandbox.calls_of("chat.update")) == 1
    assert len(team.cards()) == 1


def test_a_response_url_that_slack_refuses_is_replaced_by_the_method(team: SlackTeam) -> None:
    team.start()
    press(team)
    team.sandbox.clock.move(31 * 60)
    say(team, "Valuables")
    team.card("Assets  1")
    team.wait(lambda: team.sandbox.calls_of("chat.update"))
    say(team, "Photos")
    team.card("Assets  2")
    assert replaced(team.sandbox) == 1, "it is not tried again"


def test_a_card_that_waits_for_its_turn_is_shown_when_someone_presses_it(tmp_path: Path) -> None:
    with run_bot(tmp_path / "threatmodel.db", pace=replace(QUICK, update=300.0)) as team:
        team.start()
        team.card("TM-1")
        for number in range(1, 20):
            say(team, f"Asset {number}")
            team.wait_for_channels()
            if f"Assets  {number}" not in team.cards()[-1].plain:
                break
        assert number < 19, "the limit was never reached"
        press(team)
        team.card(f"Assets  {number}")
        assert replaced(team.sandbox) == 1


def test_response_urls_are_neither_stored_nor_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with run_bot(tmp_path / "threatmodel.db") as team:
        team.start()
        press(team)
        say(team, "Valuables")
        team.card("Assets  1")
        secrets = [
            str(delivery.payload["response_url"]).rpartition("/")[2].encode()
            for delivery in team.sandbox.deliveries
            if delivery.payload.get("actions") and "response_url" in delivery.payload
        ]
        assert secrets
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    said = "".join(capfd.readouterr()).encode()
    assert not any(secret in kept + said for secret in secrets)


def test_a_response_url_is_for_the_pressed_message_only(watched: WatchedCards) -> None:
    watched.press(KEY, "1.1", URL)
    assert watched.take(KEY, "1.2") == ""
    assert watched.take(ModelKey("TM-2"), "1.1") == ""
    assert watched.take(KEY, "1.1") == URL


def test_a_response_url_is_used_before_slack_ends_it(
    watched: WatchedCards, clock: FakeMonotonicClock
) -> None:
    watched.press(KEY, "1.1", URL)
    clock.advance(URL_SECONDS - 1)
    assert watched.take(KEY, "1.1") == URL
    clock.advance(1)
    assert watched.take(KEY, "1.1") == ""


def test_work_on_pressed_cards_is_looked_for_at_a_press_and_each_second(
    watched: WatchedCards, clock: FakeMonotonicClock
) -> None:
    watched.press(KEY, "1.1", URL)
    assert watched.paid() == {KEY}
    assert watched.paid() == set()
    watched.press(KEY, "1.1", URL)
    assert watched.paid() == {KEY}
    clock.advance(LOOK_SECONDS)
    assert watched.paid() == {KEY}
    clock.advance(RECENT_SECONDS)
    assert watched.paid() == set()


def test_a_press_on_another_message_about_a_model_pays_for_nothing(team: SlackTeam) -> None:
    team.start()
    card = team.card("TM-1")
    deliveries = team.only.deliveries
    target = Target(stream=team.streams[0])
    deliveries.note_press(target, "1.1", URL)
    deliveries.note_press(Target(stream=f"{team.unit.tenant}/TM-9"), card.ts, URL)
    deliveries.note_press(target, card.ts, "")
    say(team, "Valuables")
    team.card("Assets  1")
    assert team.sandbox.calls_of("response_url") == []
    assert len(team.sandbox.calls_of("chat.update")) == 1


class _Hook(BaseHTTPRequestHandler):
    """A response URL that answers as its path says."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, _, said = unquote(self.path)[1:].partition("/")
        self.send_response(int(status))
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (as declared)
        pass


@pytest.fixture
def hook() -> Generator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Hook)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Methods(SlackApi):
    """Notes the methods that are called."""

    def __init__(self) -> None:
        super().__init__(token="xoxb-1", base_url="https://slack.com/api/")
        self.called: list[str] = []

    def call(self, method: str, **_: object) -> Json:
        self.called.append(method)
        return {"ok": True}


@pytest.mark.parametrize(
    ("answer", "methods"),
    [
        ("200/ok", []),
        ('200/{"ok":true}', []),
        ('200/{"ok": false, "error": "invalid_blocks"}', ["chat.update"]),
        ("404/used_url", ["chat.update"]),
        ("404/expired_url", ["chat.update"]),
        ("429/slower", ["chat.update"]),
        ("500/broken", ["chat.update"]),
    ],
)
def test_what_the_response_url_does_not_take_the_method_does(
    watched: WatchedCards, hook: str, answer: str, methods: list[str]
) -> None:
    api = _Methods()
    watched.press(KEY, "1.1", f"{hook}/{quote(answer)}")
    record = DeliveryRecord(slot="card/TM-1", sink="slack", place="C1", external_id="1.1")
    CardMessages(api, watched, writes=lambda: None).update(record, Message(text="true", blocks=[]))
    assert api.called == methods
    assert bool(watched.take(KEY, "1.1")) is not bool(methods), "a refused one is not tried again"


def test_without_an_answer_the_update_is_repeated_by_the_method(watched: WatchedCards) -> None:
    api = _Methods()
    watched.press(KEY, "1.1", "http://127.0.0.1:9/closed")
    record = DeliveryRecord(slot="card/TM-1", sink="slack", place="C1", external_id="1.1")
    cards = CardMessages(api, watched, writes=lambda: None)
    with pytest.raises(ApiUnreachable):
        cards.update(record, Message(text="true", blocks=[]))
    cards.update(record, Message(text="true", blocks=[]))
    assert api.called == ["chat.update"]


def test_the_newest_press_counts_and_the_oldest_are_forgotten(watched: WatchedCards) -> None:
    for number in range(MAX_PRESSED + 1):
        watched.press(ModelKey(f"TM-{number}"), "1.1", f"{URL}{number}")
    assert watched.take(ModelKey("TM-0"), "1.1") == ""
    watched.press(ModelKey("TM-1"), "1.1", URL)
    assert watched.take(ModelKey("TM-1"), "1.1") == URL


def test_a_new_phase_or_next_step_comes_before_counts(watched: WatchedCards) -> None:
    watched.prioritize(KEY, "collection. Next: name assets")
    assert watched.is_urgent(WORK), "what the card shows is not known to this process"
    watched.show(KEY, "collection. Next: name assets")
    watched.prioritize(KEY, "collection. Next: name assets")
    assert not watched.is_urgent(WORK)
    watched.prioritize(KEY, "analysis. Next: vote")
    assert watched.is_urgent(WORK)


def test_a_card_comes_first_for_a_moment_after_a_press(
    watched: WatchedCards, clock: FakeMonotonicClock
) -> None:
    watched.show(KEY, "collection")
    watched.press(KEY, "1.1", URL)
    watched.prioritize(KEY, "collection")
    assert watched.is_urgent(WORK)
    clock.advance(WATCHED_SECONDS)
    watched.prioritize(KEY, "collection")
    assert not watched.is_urgent(WORK)


def test_the_delay_of_a_card_is_measured_from_the_first_change_that_it_does_not_show(team: SlackTeam) -> None:
    team.start()
    team.card("TM-1")
    before = delays(team)
    say(team, "Valuables")
    team.card("Assets  1")
    team.wait(lambda: delays(team) == before + 1)


def delays(team: SlackTeam) -> float:
    """Return how many delays of cards were measured."""
    found = re.search(rb"^threatmodel_card_delay_seconds_count (\S+)$", team.bot.metrics.text(), re.MULTILINE)
    assert found
    return float(found[1])
