-- Personal access tokens, and the calls of agents that were made with them.
CREATE TABLE access_tokens (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    digest bytea NOT NULL,
    scopes text COLLATE "C" NOT NULL,
    created_at text COLLATE "C" NOT NULL,
    expires_at text COLLATE "C" NOT NULL,
    revoked_at text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX access_tokens_by_expiry ON access_tokens (expires_at);

CREATE TABLE agent_calls (
    tenant text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    token text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    outcome text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX agent_calls_of_token ON agent_calls (tenant, token, at);
CREATE INDEX agent_calls_by_age ON agent_calls (at);
