-- Tables of the store, with the workspace (tenant) first in every key, so that they can be partitioned by it.
-- Texts sort by bytes; times are texts in UTC, because the chain's hashes cover them. What is in braces differs between
-- the databases: see bot/store/sql/dialects.py.

CREATE TABLE events (
    tenant {text} NOT NULL,
    sequence {long} NOT NULL,
    position {long} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    type {text} NOT NULL,
    schema integer NOT NULL,
    salt {bytes},
    data {bytes}, -- JSON as it was digested
    meta {text} NOT NULL,
    recorded_at {text} NOT NULL,
    digest {bytes} NOT NULL,
    hash {bytes} NOT NULL,
    UNIQUE (tenant, stream, version),
    PRIMARY KEY (tenant, sequence)
) {wide_rows};

CREATE TABLE commands (
    tenant {text} NOT NULL,
    key {text} NOT NULL,
    request {bytes} NOT NULL,
    stream {text} NOT NULL,
    first integer NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (tenant, key)
) {rows};

CREATE TABLE counters (tenant {text} PRIMARY KEY, number integer NOT NULL) {rows};

CREATE TABLE streams (
    tenant {text} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL DEFAULT 0,
    name {text},
    channel {text},
    phase {text},
    started_at {text} NOT NULL,
    updated_at {text} NOT NULL,
    PRIMARY KEY (tenant, stream)
) {rows};
CREATE INDEX streams_listed ON streams (tenant, channel) WHERE name IS NOT NULL;

CREATE TABLE erasures (
    tenant {text} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    at {text} NOT NULL,
    PRIMARY KEY (tenant, stream, version)
) {rows};

CREATE TABLE heads (
    tenant {text} PRIMARY KEY,
    sequence {long} NOT NULL,
    hash {bytes} NOT NULL,
    commands {long} NOT NULL
) {rows};

CREATE TABLE removals (
    tenant {text} NOT NULL,
    sequence {long} NOT NULL,
    hash {bytes} NOT NULL,
    at {text} NOT NULL,
    PRIMARY KEY (tenant, hash)
) {rows};

-- Pending cleanup of erased events: text in the log, or in a list entry.
CREATE TABLE pending_erasures (
    tenant {text} NOT NULL,
    what {text} NOT NULL,
    since {text} NOT NULL,
    PRIMARY KEY (tenant, what)
) {rows};

-- Part of the marks of messages: those that were posted after the moment to which a database was restored are not
-- taken for its own.
CREATE TABLE database_epoch (one integer PRIMARY KEY CHECK (one = 1), epoch {text} NOT NULL) {rows};
INSERT INTO database_epoch (one, epoch) VALUES (1, '');

CREATE TABLE reminders (
    tenant {text} NOT NULL,
    key {text} NOT NULL,
    model {text} NOT NULL,
    person {text} NOT NULL,
    place {text} NOT NULL,
    state {text} NOT NULL,
    reason {text} NOT NULL,
    due {text} NOT NULL,
    at {text} NOT NULL,
    until {text} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    channel {text} NOT NULL,
    ts {text} NOT NULL,
    PRIMARY KEY (tenant, key)
) {rows};
CREATE INDEX reminders_of_model ON reminders (tenant, model);
CREATE INDEX reminders_under_way ON reminders (tenant, place) WHERE state = 'claimed';
CREATE INDEX reminders_waiting ON reminders (tenant, place) WHERE state = 'held back';
CREATE INDEX reminders_in_message ON reminders (tenant, channel, ts) WHERE ts <> '';

CREATE TABLE periodic_checks (tenant {text} PRIMARY KEY, at {text} NOT NULL) {rows};

CREATE TABLE work (
    tenant {text} NOT NULL,
    kind {text} NOT NULL,
    subject {text} NOT NULL,
    lane {text} NOT NULL,
    patience {real} NOT NULL DEFAULT 0,
    due {text},
    latest {real},
    not_before {real} NOT NULL DEFAULT 0,
    touched integer NOT NULL DEFAULT 0,
    token {text},
    owner {text} NOT NULL DEFAULT '',
    tries integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, kind, subject)
) {rows};
CREATE INDEX work_ripe ON work (tenant, (not_before + patience)) WHERE due = '0' AND token IS NULL;
CREATE INDEX work_timed ON work (tenant, due) WHERE due > '0' AND token IS NULL;
CREATE UNIQUE INDEX work_claimed ON work (tenant, lane) WHERE token IS NOT NULL;
CREATE INDEX work_due ON work (due, tenant) WHERE due > '0' AND token IS NULL;

CREATE TABLE lanes (
    tenant {text} NOT NULL,
    lane {text} NOT NULL,
    not_before {real} NOT NULL,
    PRIMARY KEY (tenant, lane)
) {rows};

CREATE TABLE deliveries (
    tenant {text} NOT NULL,
    slot {text} NOT NULL,
    kind {text} NOT NULL,
    sink {text} NOT NULL,
    stream {text} NOT NULL,
    place {text} NOT NULL,
    thread {text} NOT NULL,
    external_id {text} NOT NULL,
    attempt {text} NOT NULL,
    shown {text} NOT NULL,
    erasures integer NOT NULL,
    final integer NOT NULL,
    parameters {bytes} NOT NULL,
    PRIMARY KEY (tenant, slot),
    CHECK (substr(slot, 1, length(kind) + 1) = kind || '/'),
    CHECK (stream = '' OR substr(stream, 1, length(tenant) + 1) = tenant || '/')
) {rows};
CREATE INDEX deliveries_of_model ON deliveries (tenant, stream);
CREATE INDEX deliveries_in_place ON deliveries (tenant, place);
CREATE INDEX deliveries_of_kind ON deliveries (tenant, kind);
CREATE INDEX deliveries_by_attempt ON deliveries (tenant, attempt) WHERE attempt <> '';

CREATE TABLE projections (
    tenant {text} NOT NULL,
    kind {text} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL,
    PRIMARY KEY (tenant, kind, stream),
    CHECK (substr(stream, 1, length(tenant) + 1) = tenant || '/')
) {rows};

-- Drafts from files and agents; the numbers of their IDs, which are never used again.
CREATE TABLE drafts (
    tenant {text} NOT NULL,
    id {text} NOT NULL,
    home {text} NOT NULL,
    person {text} NOT NULL,
    client {text} NOT NULL,
    digest {text} NOT NULL,
    draft {text} NOT NULL,
    choices {text} NOT NULL,
    at {text} NOT NULL,
    PRIMARY KEY (tenant, id)
) {rows};
CREATE INDEX drafts_of_home ON drafts (tenant, home);
CREATE INDEX drafts_by_age ON drafts (at);

CREATE TABLE draft_numbers (
    tenant {text} NOT NULL,
    home {text} NOT NULL,
    number {long} NOT NULL,
    PRIMARY KEY (tenant, home)
) {rows};

-- What the portfolio shows of each model, kept so that a process need not compute it again.
CREATE TABLE portfolio_entries (
    tenant {text} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL,
    fold {text} NOT NULL,
    data {bytes} NOT NULL,
    PRIMARY KEY (tenant, stream)
) {wide_rows};

CREATE TABLE slack_channels (
    tenant {text} NOT NULL,
    id {text} NOT NULL,
    name {text} NOT NULL,
    bot_inside integer NOT NULL,
    shared integer NOT NULL,
    archived integer NOT NULL,
    read_at {text} NOT NULL,
    invited integer NOT NULL DEFAULT 0,
    private integer NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
) {rows};

CREATE TABLE slack_members (
    tenant {text} NOT NULL,
    channel {text} NOT NULL,
    person {text} NOT NULL,
    PRIMARY KEY (tenant, channel, person)
) {rows};
CREATE INDEX slack_members_of ON slack_members (tenant, person);

CREATE TABLE slack_people (
    tenant {text} NOT NULL,
    id {text} NOT NULL,
    name {text} NOT NULL,
    zone {text} NOT NULL,
    bot integer NOT NULL,
    deactivated integer NOT NULL,
    foreigner integer NOT NULL,
    read_at {text} NOT NULL,
    home {text} NOT NULL DEFAULT '',
    guest integer NOT NULL DEFAULT 0,
    admin integer NOT NULL DEFAULT 0,
    teams {text} NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, id)
) {rows};

CREATE TABLE pending_requests (
    tenant {text} NOT NULL,
    key {text} NOT NULL,
    channel {text} NOT NULL,
    person {text} NOT NULL,
    kind {text} NOT NULL,
    body {text} NOT NULL,
    at {text} NOT NULL,
    PRIMARY KEY (tenant, key)
) {rows};

CREATE TABLE pending_imports (
    tenant {text} NOT NULL,
    channel {text} NOT NULL,
    person {text} NOT NULL,
    digest {text} NOT NULL,
    preview {bytes} NOT NULL,
    events {text} NOT NULL,
    at {text} NOT NULL,
    PRIMARY KEY (tenant, channel, person, digest)
) {rows};
CREATE INDEX pending_imports_by_age ON pending_imports (at);

CREATE TABLE open_forms (
    tenant {text} NOT NULL,
    token {text} NOT NULL,
    stream {text} NOT NULL,
    version integer NOT NULL,
    shown {bytes} NOT NULL,
    at {text} NOT NULL,
    PRIMARY KEY (tenant, token)
) {rows};
CREATE INDEX open_forms_of ON open_forms (tenant, stream);
CREATE INDEX open_forms_by_age ON open_forms (at);

CREATE TABLE slack_observations (
    tenant {text} NOT NULL,
    kind {text} NOT NULL,
    channel {text} NOT NULL,
    person {text} NOT NULL,
    moment {text} NOT NULL,
    state {text} NOT NULL,
    noted_at {text} NOT NULL,
    PRIMARY KEY (tenant, kind, channel, person)
) {rows};

CREATE TABLE installations (
    tenant {text} NOT NULL,
    app {text} NOT NULL,
    enterprise {text} NOT NULL,
    team {text} NOT NULL,
    bot_user {text} NOT NULL,
    bot_id {text} NOT NULL,
    bot_name {text} NOT NULL,
    url {text} NOT NULL,
    scopes {text} NOT NULL,
    token {bytes} NOT NULL,
    refresh_token {bytes} NOT NULL,
    key_id {text} NOT NULL,
    token_at {text} NOT NULL,
    expires_at {text} NOT NULL,
    installed_at {text} NOT NULL,
    state {text} NOT NULL,
    PRIMARY KEY (tenant, app, enterprise, team),
    UNIQUE (app, enterprise, team)
) {rows};
CREATE INDEX installations_of_organization ON installations (enterprise, team);

CREATE TABLE used_install_states (
    nonce {text} PRIMARY KEY,
    until {text} NOT NULL
) {rows};

-- Personal access tokens, and the calls of agents that were made with them.
CREATE TABLE access_tokens (
    tenant {text} NOT NULL,
    id {text} NOT NULL,
    person {text} NOT NULL,
    digest {bytes} NOT NULL,
    scopes {text} NOT NULL,
    created_at {text} NOT NULL,
    expires_at {text} NOT NULL,
    revoked_at {text} NOT NULL,
    PRIMARY KEY (tenant, id)
) {rows};
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE agent_calls (
    tenant {text} NOT NULL,
    id {text} NOT NULL,
    token {text} NOT NULL,
    person {text} NOT NULL,
    operation {text} NOT NULL,
    model {text} NOT NULL,
    at {text} NOT NULL,
    outcome {text} NOT NULL,
    PRIMARY KEY (tenant, id)
) {rows};
CREATE INDEX agent_calls_of_token ON agent_calls (tenant, token, at);
CREATE INDEX agent_calls_by_age ON agent_calls (at);

-- Connections to trackers with their encrypted secrets, and requests that a tracker has to answer first.
CREATE TABLE tracker_connections (
    tenant {text} NOT NULL,
    tracker {text} NOT NULL,
    secrets {bytes} NOT NULL,
    key_id {text} NOT NULL,
    saved_at {text} NOT NULL,
    polled_until {text} NOT NULL,
    polled_at {text} NOT NULL,
    failures integer NOT NULL,
    failed_at {text} NOT NULL,
    error {text} NOT NULL,
    stopped integer NOT NULL,
    -- Those that followed one another closely, and the moment of the last one.
    rejections integer NOT NULL DEFAULT 0,
    rejected_at {text} NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, tracker)
) {rows};

CREATE TABLE tracker_checks (
    tenant {text} NOT NULL,
    id {text} NOT NULL,
    person {text} NOT NULL,
    at {text} NOT NULL,
    kind {text} NOT NULL,
    url {text} NOT NULL,
    project {text} NOT NULL,
    labels {text} NOT NULL,
    tracker {text} NOT NULL,
    account {text} NOT NULL,
    secrets {bytes} NOT NULL,
    key_id {text} NOT NULL,
    shown_in {text} NOT NULL,
    outcome {text} NOT NULL,
    PRIMARY KEY (tenant, id)
) {rows};

{own_part}

-- Rules that no release may break: events are only erased, and nothing of a chain is deleted without a record.

CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW WHEN (NOT {is_removed})
{refuse} 'events are never deleted' {refused};
CREATE TRIGGER heads_stay BEFORE DELETE ON heads FOR EACH ROW WHEN (NOT {is_removed})
{refuse} 'the end of a chain is never deleted, only removed with a record' {refused};
-- Erasure sets both the data and the salt to NULL.
CREATE TRIGGER events_are_only_erased BEFORE UPDATE ON events FOR EACH ROW WHEN (
    NEW.salt IS NOT NULL OR NEW.data IS NOT NULL {or_moved}
    OR (NEW.tenant, NEW.sequence, NEW.position, NEW.stream, NEW.version, NEW.type, NEW.schema, NEW.meta)
        <> (OLD.tenant, OLD.sequence, OLD.position, OLD.stream, OLD.version, OLD.type, OLD.schema, OLD.meta)
    OR (NEW.recorded_at, NEW.digest, NEW.hash) <> (OLD.recorded_at, OLD.digest, OLD.hash)
)
{refuse} 'events are never changed, only erased' {refused};
-- Otherwise the record of a removed workspace could claim that another end of its chain was removed, or at another time.
CREATE TRIGGER removals_stay BEFORE DELETE ON removals FOR EACH ROW
{refuse} 'removals are never deleted' {refused};
CREATE TRIGGER removals_are_final BEFORE UPDATE ON removals FOR EACH ROW
{refuse} 'removals are never changed' {refused};
