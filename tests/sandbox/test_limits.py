"""Slack's limits on rates, lengths and stacks, beyond those of single blocks."""

# slack_sdk leaves many of its types open.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from collections.abc import Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.api import Sandbox
from bot.sandbox.web_api import METHODS
from tests.sandbox.consent import refused
from tests.sandbox.small_bot import HOUSE, SmallBot, form


@pytest.fixture
def strict() -> Iterator[Sandbox]:
    """A workspace that counts calls."""
    with Sandbox(rate_limits=True).start() as started:
        yield started


@pytest.mark.parametrize(
    ("method", "tier"), [("users.list", 20), ("conversations.info", 50), ("users.info", 100)]
)
def test_each_method_has_the_rate_limit_of_its_tier(strict: Sandbox, method: str, tier: int) -> None:
    client = WebClient(token=strict.bot_token, base_url=strict.url, retry_handlers=[])

    def call() -> None:
        client.api_call(method, params={"channel": HOUSE, "user": "U0ANA0001"})

    for _ in range(tier):
        call()
    with pytest.raises(SlackApiError) as caught:
        call()
    wait = int(caught.value.response.headers["Retry-After"])
    assert (caught.value.response.status_code, 30 < wait <= 60) == (429, True)
    client.auth_test()
    strict.clock.move(wait)
    call()


def test_every_method_has_one_of_slacks_tiers() -> None:
    assert {method.per_minute for method in METHODS.values()} <= {20, 50, 100, 300}


def test_a_long_new_message_is_cut_and_a_long_editrefused(quiet: Sandbox) -> None:
    client = WebClient(token=quiet.bot_token, base_url=quiet.url)
    ts = str(client.chat_postMessage(channel=HOUSE, text="x" * 40_001)["ts"])
    assert len(quiet.person("ana").sees("#house")[0].text) == 40_000
    client.chat_update(channel=HOUSE, ts=ts, text="x" * 4_000)
    assert refused(lambda: client.chat_update(channel=HOUSE, ts=ts, text="x" * 4_001)) == "msg_too_long"


def test_a_view_that_clears_on_close_takes_all_views_with_it(sandbox: Sandbox, bot: SmallBot) -> None:
    ana, views = sandbox.person("ana"), sandbox.client.parts.views
    views.open(ana.id, form("Below"))
    views.push(ana.id, form("On top", clear_on_close=True, notify_on_close=True))
    ana.close()
    assert ana.modal is None
    assert (bot.bodies[-1]["type"], bot.bodies[-1]["is_cleared"]) == ("view_closed", True)


def test_a_closed_view_on_top_shows_the_one_below(sandbox: Sandbox, bot: SmallBot) -> None:
    ana, views = sandbox.person("ana"), sandbox.client.parts.views
    views.open(ana.id, form("Below"))
    views.push(ana.id, form("On top"))
    ana.close()
    assert ana.modal is not None
    assert ana.modal.title == "Below"
    assert bot.bodies == []
