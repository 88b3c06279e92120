"""The workspace as a web page."""
