"""Slots: one declaration for each kind of message, file and canvas that the bot shows."""
