import asyncio

from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("name", String))


async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
        await conn.execute(insert(users), [{"name": "ann"}, {"name": "bo"}])

    async with engine.connect() as conn:
        result = await conn.execute(select(users).where(users.c.name == "ann"))
        print(result.first().name)
    await engine.dispose()


asyncio.run(main())
