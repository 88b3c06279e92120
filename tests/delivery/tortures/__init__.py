"""Tests of delivery by several processes that are killed, paused and cut off at random moments."""
