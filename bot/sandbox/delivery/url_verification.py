"""Asking an address whether it is the bot's, as Slack does before it takes one."""

import secrets
import time

from bot.sandbox.delivery.delivery import NotDelivered, Parcel
from bot.sandbox.delivery.http_delivery import HttpDelivery
from bot.sandbox.delivery.payloads import VERIFICATION_TOKEN
from bot.sandbox.kit import Json
from bot.sandbox.place.clock import Clock
from bot.sandbox.place.exchanges import Exchanges


def verify_url(http: HttpDelivery, exchanges: Exchanges, clock: Clock, seconds: float) -> bool:
    """Send the bot's address a challenge; say whether it was returned in so many seconds."""
    challenge = secrets.token_urlsafe(32)
    payload: Json = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
    began, answer, outcome = time.perf_counter(), None, "challenge returned"
    try:
        answer = http.carry(Parcel(kind="events_api", payload=payload), seconds)
        if challenge not in str(answer):
            outcome = "the address did not return the challenge"
    except NotDelivered as failed:
        outcome = str(failed)
    verified = outcome == "challenge returned"
    exchanges.add(
        "delivery",
        "url_verification",
        at=clock.now(),
        ms=(time.perf_counter() - began) * 1000,
        ok=verified,
        outcome=outcome,
        request=payload,
        answer=answer,
    )
    return verified
