"""DREAD scoring: five metrics, the rubric of their numbers, and the tally of a team's ballots."""
