"""Reports: what a threat model says, gathered once as parts; Markdown, HTML, PDF; pure functions."""

from bot.report.renderings import RENDERINGS, NotInstalled, Rendering

__all__ = ["RENDERINGS", "NotInstalled", "Rendering"]
