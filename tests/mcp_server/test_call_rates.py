"""Rates of calls: without a valid token they are limited by address and in all; others are not concerned."""

from bot.mcp_server.streamable_http import ALL, EACH, USED, CallRates
from bot.request_rates import RequestRate, SenderRates, network_of
from tests.fake_clock import FakeMonotonicClock

HERE, THERE = "203.0.113.1", "203.0.113.2"


def test_an_address_has_a_burst_and_then_a_rate() -> None:
    clock = FakeMonotonicClock()
    rates = CallRates(clock=clock)
    waits = [rates.take("guessed", HERE) for _ in range(EACH.burst + 2)]
    assert waits == [0.0] * EACH.burst + [1.0] * 2
    assert rates.take("guessed", THERE) == 0.0
    clock.advance(0.5)
    assert rates.take("another", HERE) == 0.5
    clock.advance(0.5)
    assert [rates.take("guessed", HERE) for _ in range(2)] == [0.0, 1.0]


def test_all_addresses_together_have_a_rate_and_valid_tokens_another_one() -> None:
    clock = FakeMonotonicClock()
    rates = CallRates(clock=clock)
    assert rates.take("valid", HERE) == 0.0
    rates.accepted("valid")
    passed = sum(not rates.take(f"guessed {number}", f"10.0.{number % 50}.1") for number in range(2_000))
    assert passed == ALL.burst - 1
    assert rates.take("new", THERE) > 0.0, "a token that is not known yet has to wait"
    assert [rates.take("valid", HERE) for _ in range(USED.burst)] == [0.0] * USED.burst
    clock.advance(1.0)
    assert rates.take("new", THERE) == 0.0

    rates.refused("valid")
    exhausted = [rates.take("valid", "10.0.0.1") for _ in range(2 * EACH.burst)]
    assert exhausted[-1] > 0.0, "a revoked token is like any other"


def test_a_caller_cannot_choose_addresses_of_its_own_network() -> None:
    networks = {
        HERE: HERE,
        "2001:db8:1:2::5": "2001:db8:1:2::/64",
        "2001:db8:1:2:ffff::9": "2001:db8:1:2::/64",
        "2001:db8:1:3::5": "2001:db8:1:3::/64",
        f"::ffff:{HERE}": HERE,
        "": "",
        "unknown": "",
        "x" * 1000: "",
    }
    assert {network: network_of(network) for network in networks} == networks


def test_the_memory_for_senders_is_bounded() -> None:
    rate = RequestRate(burst=1, per_second=1.0)
    senders: SenderRates[int] = SenderRates(rate, most=3, clock=FakeMonotonicClock())
    for sender in (1, 2, 3, 1, 4):
        senders.take(sender)
    assert len(senders) == 3
    assert [sender in senders for sender in (1, 2, 3, 4)] == [True, False, True, True], (
        "the last ones are kept"
    )
