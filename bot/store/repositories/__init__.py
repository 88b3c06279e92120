"""Repositories of a workspace: a protocol for each subject, and the records that it stores.

Every adapter implements all of them; `bot.store.unit_of_work` combines those of one workspace.
"""
