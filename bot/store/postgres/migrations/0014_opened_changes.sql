-- Begin a change: exclude other changes of a workspace, unless it is '', and share a lock on the claim of the work
-- that makes the change, unless its token is ''; false if another replica has taken the work over. It is one round
-- trip with BEGIN, instead of one for each.
CREATE FUNCTION open_change(
    workspace text, durable boolean, of_tenant text, of_kind text, of_subject text, held_token text
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM wait_for_disk(durable);
    IF workspace <> '' THEN
        PERFORM lock_workspace(workspace);
    END IF;
    IF held_token = '' THEN
        RETURN true;
    END IF;
    PERFORM 1 FROM work
        WHERE tenant = of_tenant AND kind = of_kind AND subject = of_subject AND token = held_token FOR SHARE;
    RETURN FOUND;
END $$;
