import anyio
from anyio import to_thread
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select, update

metadata = MetaData()
accounts = Table("accounts", metadata, Column("id", Integer, primary_key=True), Column("balance", Integer))
engine = create_engine("sqlite:///app.db")


def fill():
    with engine.begin() as conn:
        metadata.create_all(conn)
        conn.execute(insert(accounts), [{"balance": 10}, {"balance": 0}])


def transfer():
    with engine.begin() as conn:
        conn.execute(update(accounts).where(accounts.c.id == 1).values(balance=-90))
        with conn.begin_nested():
            conn.execute(update(accounts).where(accounts.c.id == 2).values(balance=100))
        raise ValueError("not enough")


def balances():
    with engine.connect() as conn:
        return [account.balance for account in conn.execute(select(accounts))]


async def main():
    await to_thread.run_sync(fill)
    try:
        await to_thread.run_sync(transfer)
    except ValueError as error:
        print(error)
    print(await to_thread.run_sync(balances))


anyio.run(main)
