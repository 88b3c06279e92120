"""What is kept of one workspace beside its events: a protocol for each subject, and what it keeps.

Every adapter implements all of them; `bot.store.unit_of_work` puts those of one workspace together.
"""
