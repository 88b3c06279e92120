-- A restored database gets a new epoch, which is part of the marks of its messages: those that were posted after the
-- moment to which it was restored are not taken for its own.
CREATE TABLE database_epoch (
    one integer PRIMARY KEY CHECK (one = 1),
    epoch text COLLATE "C" NOT NULL
);
INSERT INTO database_epoch (one, epoch) VALUES (1, '');
