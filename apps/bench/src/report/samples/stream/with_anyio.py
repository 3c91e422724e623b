import anyio
from anyio import to_thread
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select

metadata = MetaData()
numbers = Table("numbers", metadata, Column("n", Integer, primary_key=True))
engine = create_engine("sqlite:///app.db", connect_args={"check_same_thread": False})


def fill():
    with engine.begin() as conn:
        metadata.create_all(conn)
        conn.execute(insert(numbers), [{"n": n} for n in range(1000)])


async def main():
    await to_thread.run_sync(fill)
    total = 0
    # Nothing streams by itself: the connection goes from call to call, a thread hop for each part.
    conn = await to_thread.run_sync(engine.connect)
    try:
        result = await to_thread.run_sync(conn.execute, select(numbers).order_by(numbers.c.n))
        while rows := await to_thread.run_sync(result.fetchmany, 100):
            below = [row.n for row in rows if row.n < 500]
            total += sum(below)
            if len(below) < len(rows):
                break
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(conn.close)
    print(total)


anyio.run(main)
