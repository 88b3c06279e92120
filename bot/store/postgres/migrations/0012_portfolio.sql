-- What the portfolio shows of each model, kept so that a process need not compute it again.
CREATE TABLE portfolio_entries (
    tenant text COLLATE "C" NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    erasures integer NOT NULL,
    fold text COLLATE "C" NOT NULL,
    data bytea NOT NULL,
    PRIMARY KEY (tenant, stream)
) WITH (fillfactor = 80);
