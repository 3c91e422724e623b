import asyncio

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main():
    engine = create_async_engine("sqlite+aiosqlite:///app.db")
    async with engine.begin() as conn:
        await conn.run_sync(Base.metadata.create_all)

    # Without expire_on_commit=False, reading ann.name after a commit would be I/O where nothing awaits: MissingGreenlet.
    async with AsyncSession(engine, expire_on_commit=False) as session:
        ann = User(name="ann")
        session.add(ann)
        await session.commit()

        ann.name = "anna"
        await session.commit()
        print((await session.get(User, ann.id)).name)
    await engine.dispose()


asyncio.run(main())
