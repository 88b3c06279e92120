"""How much is played, and what goes wrong on the way."""

import msgspec


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """How much is played: people with so many reminders each, tickers, and what goes wrong.

    The shares are of all calls, each of which takes `latency` seconds longer; `deaths` is the share of
    messages in whose moment every ticker is killed, and `kills` the mean of seconds between two kills of one
    of them. `jump_after` is the share of the reminders that have come when the clock jumps by a day.

    `pauses` is the share of messages just before which their sender is stopped for longer than the lease,
    after its last look; every few leases another one is, at any moment. The first ticker's clock goes `skew`
    seconds of the story behind and the last one's as many ahead. In the middle all clocks go `back` by so
    many. `busy` is the share of messages in whose moment somebody else writes for longer than `patience`.
    """

    people: int
    each: int
    tickers: int
    seed: int
    lease: float = 4.0
    rate: float = 15.0
    answers_lost: float = 0.0
    dropped: float = 0.0
    limited: float = 0.0
    latency: float = 0.0
    deaths: float = 0.0
    kills: float = 0.0
    jump_after: float | None = None
    pauses: float = 0.0
    skew: float = 0.0
    back: float = 0.0
    busy: float = 0.0
    patience: float = 10.0
    blind: bool = False
    longest: float = 600.0


FULL = Trial(
    people=30,
    each=10,
    tickers=3,
    seed=1,
    answers_lost=0.03,
    dropped=0.05,
    limited=0.02,
    deaths=0.03,
    kills=4.0,
    jump_after=0.7,
)
