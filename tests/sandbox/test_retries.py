"""Events are retried as by Slack, and a request URL is verified first."""

# slack_bolt leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from slack_bolt import BoltRequest, BoltResponse

from bot.sandbox.api import Sandbox
from tests.sandbox.small_bot import MANIFEST, SmallBot, small_bot
from tests.waiting import patient_sandbox


def test_bolt_reads_the_number_and_the_reason_of_a_retry(sandbox: Sandbox, bot: SmallBot) -> None:
    seen: list[tuple[str, str]] = []

    def note(req: BoltRequest, next: Callable[[], BoltResponse]) -> None:  # noqa: A002  (Bolt's name for it)
        number, reason = (req.headers.get(f"x-slack-retry-{word}", [""])[0] for word in ("num", "reason"))
        seen.append((number, reason))
        next()

    bot.app.use(note)
    sandbox.faults.lost_acks = 2
    sandbox.person("ana").open_home()
    sandbox.wait_until(lambda: len(seen) == 3)
    assert [number or "0" for number, _ in seen] == ["0", "1", "2"]
    assert [reason for _, reason in seen] == ["", "http_timeout", "http_timeout"]
    told = ["app_home_opened", "app_home_opened (retry 1)", "app_home_opened (retry 2)"]
    sandbox.wait_until(
        lambda: [one.title for one in sandbox.exchanges if one.title.startswith("app_home")] == told
    )


def test_an_event_comes_three_more_times_and_then_no_more() -> None:
    with Sandbox(manifest=MANIFEST, event_retries=(0.0, 0.01, 0.01)).start() as sandbox:
        sandbox.person("ana").open_home()
        sandbox.wait_until(lambda: len(sandbox.deliveries) == 4)
        assert not sandbox.workspace.wait_until(lambda: len(sandbox.deliveries) > 4, 0.2)
        assert [delivery.outgoing.retry_num for delivery in sandbox.deliveries] == [0, 1, 2, 3]
        assert sandbox.deliveries[-1].outgoing.retry_reason == "connection_failed"


def test_commands_and_clicks_are_never_retried(sandbox: Sandbox, bot: SmallBot) -> None:
    sandbox.faults.lost_acks = 1
    sandbox.person("ana").command("#house", "/small hello")
    assert not sandbox.workspace.wait_until(lambda: len(sandbox.deliveries) > 1, 0.4)
    assert len(bot.bodies) == 1


def test_a_bot_can_decline_retries() -> None:
    with Sandbox(manifest=MANIFEST, delivery="http", event_retries=(0.0, 0.0)).start() as sandbox:
        with _answering(500, {"X-Slack-No-Retry": "1"}) as address:
            sandbox.deliver_to(address)
            sandbox.person("ana").open_home()
            assert not sandbox.workspace.wait_until(lambda: len(sandbox.deliveries) > 1, 0.2)
        with _answering(500, {}) as address:
            sandbox.deliver_to(address)
            sandbox.person("ana").open_home()
            sandbox.wait_until(lambda: len(sandbox.deliveries) == 4)


def test_an_address_that_returns_the_challenge_is_verified() -> None:
    with patient_sandbox(manifest=MANIFEST, delivery="http") as sandbox, small_bot(sandbox):
        assert sandbox.url_verified
        asked = next(exchange for exchange in sandbox.exchanges if exchange.kind == "delivery")
        assert (asked.title, asked.ok, asked.outcome) == ("url_verification", True, "challenge returned")
        assert asked.request["token"] == "(redacted)"


def test_any_other_address_is_not_verified() -> None:
    with Sandbox(manifest=MANIFEST, delivery="http").start() as sandbox:
        with _answering(200, {}) as address:
            sandbox.deliver_to(address)
        assert not sandbox.url_verified
        assert sandbox.exchanges[0].outcome == "the address did not return the challenge"
        sandbox.deliver_to("http://127.0.0.1:1/nobody")
        assert (sandbox.exchanges[1].ok, sandbox.exchanges[1].outcome) == (False, "connection_failed")


@contextmanager
def _answering(status: int, headers: dict[str, str]) -> Generator[str]:
    """Serve one answer to everything."""

    class Always(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class calls it so)
            del format, args

    server = HTTPServer(("127.0.0.1", 0), Always)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        server.server_close()
