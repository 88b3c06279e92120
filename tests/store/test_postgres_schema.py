"""PostgreSQL compares texts as a SQLite file does."""

import psycopg

from tests.emptied_database import empty_database


def test_texts_sort_by_bytes_as_in_a_file() -> None:
    with psycopg.connect(empty_database()) as server:
        other = server.execute("""
            SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            JOIN pg_collation ON pg_collation.oid = attcollation
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migrations'
            AND collname <> 'C'
        """).fetchall()

    assert other == [], "their type is `{text}` in bot/store/schema"
