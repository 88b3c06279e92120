"""Slack sandbox: a local Slack workspace for tests and trials; `bot.sandbox.api` is its public interface."""
