import asyncio

from sqlalchemy import Column, Integer, MetaData, Table, insert, select, update
from sqlalchemy.ext.asyncio import create_async_engine

metadata = MetaData()
accounts = Table("accounts", metadata, Column("id", Integer, primary_key=True), Column("balance", Integer))


async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
        await conn.execute(insert(accounts), [{"balance": 10}, {"balance": 0}])

    try:
        async with engine.begin() as conn:
            await conn.execute(update(accounts).where(accounts.c.id == 1).values(balance=-90))
            async with conn.begin_nested():
                await conn.execute(update(accounts).where(accounts.c.id == 2).values(balance=100))
            raise ValueError("not enough")
    except ValueError as error:
        print(error)

    async with engine.connect() as conn:
        print([account.balance for account in await conn.execute(select(accounts))])
    await engine.dispose()


asyncio.run(main())
