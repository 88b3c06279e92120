-- Drafts from files and agents; the numbers of their IDs, which are never used again.
CREATE TABLE drafts (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    home text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    client text COLLATE "C" NOT NULL,
    digest text COLLATE "C" NOT NULL,
    content bytea NOT NULL,
    choices bytea NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX drafts_of_home ON drafts (tenant, home);
CREATE INDEX drafts_by_age ON drafts (at);

CREATE TABLE draft_numbers (
    tenant text COLLATE "C" NOT NULL,
    home text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (tenant, home)
);
