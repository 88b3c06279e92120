-- Connections to trackers with their encrypted secrets, and requests that a tracker has to answer first.
CREATE TABLE tracker_connections (
    tenant text COLLATE "C" NOT NULL,
    tracker text COLLATE "C" NOT NULL,
    secrets bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    saved_at text COLLATE "C" NOT NULL,
    polled_until text COLLATE "C" NOT NULL,
    polled_at text COLLATE "C" NOT NULL,
    failures integer NOT NULL,
    failed_at text COLLATE "C" NOT NULL,
    error text COLLATE "C" NOT NULL,
    stopped integer NOT NULL,
    PRIMARY KEY (tenant, tracker)
);

CREATE TABLE tracker_checks (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    labels text COLLATE "C" NOT NULL,
    tracker text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    secrets bytea NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    shown_in text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
