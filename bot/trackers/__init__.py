"""Trackers: issues of mitigations in GitHub, Jira, Redmine, GitLab and Linear."""
