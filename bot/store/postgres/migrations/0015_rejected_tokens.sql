-- The rejections of a tracker's token that followed one another closely, and the moment of the last one.
ALTER TABLE tracker_connections ADD COLUMN rejections integer NOT NULL DEFAULT 0;
ALTER TABLE tracker_connections ADD COLUMN rejected_at text COLLATE "C" NOT NULL DEFAULT '';
