"""People and channels: who is where, who may act, and how people can be reached."""
