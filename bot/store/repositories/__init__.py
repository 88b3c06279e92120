"""Repositories: for each subject the records that are stored, and the SQL that both databases understand.

`bot.store.unit_of_work` combines those of one workspace.
"""
