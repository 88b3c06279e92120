"""A stand-in Slack workspace, to try the bot in and to test it with."""

from bot.sandbox.sandbox import Sandbox, Transport

__all__ = ["Sandbox", "Transport"]
