import anyio
from anyio import to_thread
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_engine("sqlite:///app.db")


def rename():
    # A session and its objects stay in the thread that uses them: what crosses is plain data.
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        ann = User(name="ann")
        session.add(ann)
        session.commit()

        ann.name = "anna"
        session.commit()
        return session.get(User, ann.id).name


async def main():
    print(await to_thread.run_sync(rename))


anyio.run(main)
