-- The record of a removed workspace is final, as events are. Otherwise a change could claim that another end of
-- a chain was removed, or at another time.
CREATE FUNCTION removals_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'removals are never changed';
END $$;
CREATE TRIGGER removals_are_final BEFORE UPDATE ON removals FOR EACH ROW EXECUTE FUNCTION removals_are_final();
