import asyncio

from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

metadata = MetaData()
numbers = Table("numbers", metadata, Column("n", Integer, primary_key=True))


async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
        await conn.execute(insert(numbers), [{"n": n} for n in range(1000)])

    total = 0
    async with engine.connect() as conn:
        async with conn.stream(select(numbers).order_by(numbers.c.n)) as result:
            async for row in result:
                if row.n == 500:
                    break
                total += row.n
    print(total)
    await engine.dispose()


asyncio.run(main())
