"""The PostgreSQL of the tests is a real one."""

import psycopg


def test_a_test_database_is_a_real_postgresql_of_its_own(postgres_database: str) -> None:
    with psycopg.connect(postgres_database.replace("+psycopg", "")) as connection:
        connection.execute("create table cases (name text)")
        connection.execute("insert into cases values ('张三')")
        row = connection.execute("select name, version(), current_database() from cases").fetchone()
    assert row is not None
    assert row[0] == "张三"
    assert row[1].startswith("PostgreSQL ")
    assert row[2].startswith("test_")
