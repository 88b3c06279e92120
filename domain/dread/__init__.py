"""DREAD: five metrics, what their numbers mean, and what a team's ballots amount to."""
