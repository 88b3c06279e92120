"""Verification of the bot's request URL by a challenge."""

import secrets
import time

from bot.sandbox.payload_delivery.delivery_record import DeliveryFailed, OutgoingPayload
from bot.sandbox.payload_delivery.http_transport import HttpTransport
from bot.sandbox.payload_delivery.payload_builders import VERIFICATION_TOKEN
from bot.sandbox.slack_json import Json
from bot.sandbox.workspace.exchanges import Exchange, Exchanges
from bot.sandbox.workspace.workspace_clock import WorkspaceClock


def verify_url(http: HttpTransport, exchanges: Exchanges, clock: WorkspaceClock, seconds: float) -> bool:
    """Send a challenge to the bot's request URL; return whether it was returned in time."""
    challenge = secrets.token_urlsafe(32)
    payload: Json = {"token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"}
    began, answer, outcome = time.perf_counter(), None, "challenge returned"
    try:
        answer = http.send(OutgoingPayload(kind="events_api", payload=payload), seconds)
        if challenge not in str(answer):
            outcome = "the address did not return the challenge"
    except DeliveryFailed as failed:
        outcome = str(failed)
    verified = outcome == "challenge returned"
    exchanges.add(
        Exchange(
            kind="delivery",
            title="url_verification",
            at=clock.now(),
            ms=(time.perf_counter() - began) * 1000,
            ok=verified,
            outcome=outcome,
            request=payload,
            answer=answer,
        )
    )
    return verified
