"""Clients of connected trackers, made from their encrypted secrets."""

import structlog

from bot.store.repositories.tracker_connections import TrackerConnection
from bot.token_cipher import TokenCipher, TokenUnreadable
from bot.tracker_sync.connected_trackers import MakeClient, TrackerClient
from bot.trackers.connection_secrets import decrypt_secrets
from bot.trackers.open_tracker import TrackerAccess, TrackerOpener
from bot.trackers.tracker import TrackerRefused
from domain.kernel.tracked_issue import ConnectedTracker

log = structlog.get_logger()


def client_maker(tenant: str, cipher: TokenCipher | None, open_tracker: TrackerOpener) -> MakeClient:
    """Return the function that makes the clients of a workspace; without a `cipher` there are none."""

    def make(connected: ConnectedTracker, held: TrackerConnection) -> TrackerClient | None:
        if cipher is None:
            return None
        try:
            secrets = decrypt_secrets(
                cipher, held.secrets, tenant=tenant, owner=held.tracker, key=held.key_id
            )
            access = TrackerAccess(
                kind=connected.kind,
                url=connected.url,
                project=connected.project,
                token=secrets.token,
                login=secrets.login,
            )
            client = open_tracker(access)
        except (TokenUnreadable, TrackerRefused) as fault:
            log.warning("a tracker cannot be called", workspace=tenant, tracker=held.tracker, why=str(fault))
            return None
        return TrackerClient(client=client, mark_key=secrets.mark_key.reveal().encode())

    return make
