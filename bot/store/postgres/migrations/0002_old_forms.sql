-- Drafts and open forms are deleted by age for all workspaces together.
CREATE INDEX slack_drafts_by_age ON slack_drafts (at);
CREATE INDEX slack_opened_by_age ON slack_opened (at);
