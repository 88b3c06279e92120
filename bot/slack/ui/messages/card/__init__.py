"""Card of a model: its status message in the channel."""
