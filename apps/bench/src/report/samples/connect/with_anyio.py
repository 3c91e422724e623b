import anyio
from anyio import to_thread
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String))
engine = create_engine("sqlite:///app.db")


def fill():
    with engine.begin() as conn:
        metadata.create_all(conn)
        conn.execute(insert(users), [{"name": "ann"}, {"name": "bo"}])


def find(name):
    with engine.connect() as conn:
        return conn.execute(select(users).where(users.c.name == name)).first()


async def main():
    await to_thread.run_sync(fill)
    print((await to_thread.run_sync(find, "ann")).name)


anyio.run(main)
