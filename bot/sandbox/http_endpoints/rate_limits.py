"""Rate limits of the Web API."""

import math
from collections import deque

from bot.sandbox.workspace.workspace_clock import WorkspaceClock

POSTS_BURST = 5
POST_SECONDS = 1.0
WINDOW_SECONDS = 60.0


class RateLimits:
    """Counters of calls per method and posts per channel, with the seconds a caller must wait."""

    def __init__(self, clock: WorkspaceClock, *, enabled: bool) -> None:
        self.enabled = enabled
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._posts: dict[str, tuple[float, float]] = {}

    def seconds_to_wait(self, method: str, *, per_minute: int, channel: str | None) -> int:
        """Count one call; return the whole seconds to wait if it exceeds the limit, else 0."""
        if not self.enabled:
            return 0
        wait = self._method(method, per_minute)
        if not wait and method == "chat.postMessage" and channel:
            wait = self._post(channel)
        return math.ceil(wait)

    def _method(self, method: str, per_minute: int) -> float:
        now = self._clock.now()
        calls = self._calls.setdefault(method, deque())
        while calls and now - calls[0] >= WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= per_minute:
            return WINDOW_SECONDS - (now - calls[0])
        calls.append(now)
        return 0.0

    def _post(self, channel: str) -> float:
        # One message a second, with a bucket that allows short bursts as Slack does.
        now = self._clock.now()
        tokens, at = self._posts.get(channel, (float(POSTS_BURST), now))
        tokens = min(float(POSTS_BURST), tokens + (now - at) / POST_SECONDS)
        if tokens < 1:
            self._posts[channel] = (tokens, now)
            return (1 - tokens) * POST_SECONDS
        self._posts[channel] = (tokens - 1, now)
        return 0.0
