"""Voting: open rounds, deadlines, and the published results of closed rounds."""
