"""Reports: what a threat model says, gathered once as parts; Markdown, HTML, PDF; pure functions."""

from bot.report.report_formats import RENDERINGS, NotInstalled, Rendering, available

__all__ = ["RENDERINGS", "NotInstalled", "Rendering", "available"]
