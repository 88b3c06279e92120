"""Readers of drafts: files that describe a system in, proposed elements and answers out."""

from bot.drafts.draft_files import SourceFile, read_draft

__all__ = ["SourceFile", "read_draft"]
