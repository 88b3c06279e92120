"""The page, driven with mouse and keyboard."""
