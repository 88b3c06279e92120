-- Begin a change as open_change does, but refuse it by an error, which ends all statements of the same message.
CREATE FUNCTION require_change(
    workspace text, durable boolean, of_tenant text, of_kind text, of_subject text, held_token text
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT open_change(workspace, durable, of_tenant, of_kind, of_subject, held_token) THEN
        RAISE EXCEPTION 'another replica has taken the work over' USING ERRCODE = 'TM001';
    END IF;
END $$;
