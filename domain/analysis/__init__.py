"""Analysis: what the rules and the team's decisions say about a model."""
