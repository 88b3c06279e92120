"""The card: the one message of a model in its channel."""
