"""Asking an address whether it is the bot's, as Slack does before it takes one."""

import secrets
import time

from bot.sandbox.payload_delivery.delivery_record import NotDelivered, Parcel
from bot.sandbox.payload_delivery.http_transport import HttpDelivery
from bot.sandbox.payload_delivery.payload_builders import VERIFICATION_TOKEN
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.exchanges import Exchanges
from bot.sandbox.workspace.workspace_clock import Clock


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
