"""Stand-ins of others for GitHub and Linear: the npm package `emulate`, fetched when a test needs it."""
