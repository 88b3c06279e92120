"""Questions to a real Slack workspace: how it behaves where its documentation does not say."""
