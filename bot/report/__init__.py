"""Reports: what a threat model says, gathered once as parts; Markdown, HTML, PDF; pure functions."""
