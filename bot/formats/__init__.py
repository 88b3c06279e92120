"""Formats: a threat model written for other tools, and read from them; pure functions."""

from bot.formats.exporting import FORMATS, Format, file_name
from bot.formats.source import Source, Written

__all__ = ["FORMATS", "Format", "Source", "Written", "file_name"]
