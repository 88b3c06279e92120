"""Tests of bot.trackers."""
