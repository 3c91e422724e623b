"""The two systems that Offloop descends from, behind the protocol of the bench: a request a line, a reply a line.

    python subject.py asyncio|anyio|sync <database file>

asyncio: SQLAlchemy's asyncio extension over aiosqlite. anyio: SQLAlchemy's synchronous engine, each operation in a worker
thread by anyio.to_thread.run_sync. sync: the synchronous engine on the loop's own thread, blocking it.
"""

import asyncio
import json
import statistics
import sys
import time

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, bindparam, create_engine, event, select, text
from sqlalchemy.pool import QueuePool

items = Table(
    "items",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False),
    Column("score", Float, nullable=False),
    Column("age", Integer, nullable=False),
)
by_id = select(items).where(items.c.id == bindparam("id"))
first = select(items).order_by(items.c.id).limit(bindparam("count"))
heavy = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :limit) SELECT sum(i % 7) AS total FROM n"
)


def durable(engine):
    @event.listens_for(engine, "connect")
    def set_up(connection, _):
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.close()


def open_asyncio(path, size):
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import AsyncAdaptedQueuePool

    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", poolclass=AsyncAdaptedQueuePool, pool_size=size, max_overflow=0, pool_timeout=60
    )
    durable(engine.sync_engine)

    async def rows(statement, parameters):
        async with engine.connect() as connection:
            result = await connection.execute(statement, parameters)
            return [dict(row) for row in result.mappings()]

    return rows, engine.dispose


def open_sync(path, size):
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"check_same_thread": False},
    )
    durable(engine)

    def rows(statement, parameters):
        with engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement, parameters).mappings()]

    return rows, engine


def open_anyio(path, size):
    import anyio.to_thread

    blocking, engine = open_sync(path, size)

    async def rows(statement, parameters):
        return await anyio.to_thread.run_sync(blocking, statement, parameters)

    async def dispose():
        engine.dispose()

    return rows, dispose


def open_on_loop(path, size):
    blocking, engine = open_sync(path, size)

    async def rows(statement, parameters):
        return blocking(statement, parameters)

    async def dispose():
        engine.dispose()

    return rows, dispose


def id_at(index, count):
    return (index * 7919) % count + 1


async def drive(operation, start, count, in_flight, on_answer=None):
    """As soon as one operation ends, the next begins."""
    position = start
    end = start + count

    async def lane():
        nonlocal position
        while position < end:
            index = position
            position += 1
            answer = await operation(index)
            if on_answer is not None:
                on_answer(index, answer)

    if in_flight == 1:
        await lane()
    else:
        async with asyncio.TaskGroup() as group:
            for _ in range(in_flight):
                group.create_task(lane())


async def first_operations(operation, count, in_flight):
    """As src/measure/first-operations.ts does it: waits in microseconds, from a caller's last answer to its next."""
    answers = [None] * count
    indexes = []
    times = []

    def on_answer(index, answer):
        times.append(time.perf_counter())
        indexes.append(index)
        answers[index] = answer

    start = time.perf_counter()
    await drive(operation, 0, count, in_flight, on_answer)
    waits = [0.0] * count
    for place, index in enumerate(indexes):
        asked = start if index < in_flight else times[index - in_flight]
        waits[index] = (times[place] - asked) * 1e6
    return {"answers": answers, "waits": waits, "totalMs": (times[-1] - start) * 1e3}


async def gaps_during(operation, tick_ms, edge_ms):
    """The times between two ticks of the loop in milliseconds, while one operation runs and a moment around it."""
    loop = asyncio.get_running_loop()
    gaps = []
    last = time.perf_counter()

    def tick():
        nonlocal last, timer
        now = time.perf_counter()
        gaps.append((now - last) * 1000)
        last = now
        timer = loop.call_later(tick_ms / 1000, tick)

    timer = loop.call_later(tick_ms / 1000, tick)
    await asyncio.sleep(edge_ms / 1000)
    await operation(0)
    await asyncio.sleep(edge_ms / 1000)
    timer.cancel()
    gaps.append((time.perf_counter() - last) * 1000)
    return gaps


class Sampler:
    """Times of one operation in microseconds, in samples of at least a tenth of a millisecond."""

    def __init__(self, operation, in_flight):
        self.operation = operation
        self.in_flight = in_flight
        self.count = 1 if in_flight == 1 else in_flight * 4
        self.position = 0

    async def timed(self):
        start = self.position
        self.position += self.count
        before = time.perf_counter()
        await drive(self.operation, start, self.count, self.in_flight)
        return time.perf_counter() - before

    async def window(self, seconds):
        end = time.perf_counter() + seconds
        samples = []
        while len(samples) < 3 or time.perf_counter() < end:
            operations = self.count
            elapsed = await self.timed()
            samples.append(elapsed / operations)
            if elapsed < 0.0001:
                self.count *= 2
        return statistics.median(samples)

    # As src/measure/warm-up.ts does it.
    async def warm_up(self, limit_ms):
        end = time.perf_counter() + limit_ms / 1000
        length = 0.01
        figures = []
        while len(figures) < 3 or max(figures) > min(figures) * 1.05:
            left = end - time.perf_counter()
            if left <= 0:
                return
            figures = [*figures, await self.window(min(length, left))][-3:]
            length *= 2

    async def round(self, ms):
        end = time.perf_counter() + ms / 1000
        samples = []
        while not samples or time.perf_counter() < end:
            samples.append(await self.timed() / self.count * 1e6)
        return samples


class Subject:
    def __init__(self, kind, path, connections):
        opened = {"asyncio": open_asyncio, "anyio": open_anyio, "sync": open_on_loop}[kind](path, connections)
        self.rows, self.dispose = opened
        self.sampler = None

    def operation(self, request):
        if "limit" in request:
            limit = request["limit"]

            async def aggregate(_):
                [row] = await self.rows(heavy, {"limit": limit})
                return row["total"]

            return aggregate

        if request["rows"] == 1:
            count = request["table"]

            async def point(index):
                return await self.rows(by_id, {"id": id_at(index, count)})

            return point

        async def bulk(_):
            return await self.rows(first, {"count": request["rows"]})

        return bulk

    async def answer(self, request):
        match request["do"]:
            case "open":
                self.sampler = Sampler(self.operation(request), request["inFlight"])
            case "answers":
                together = [self.sampler.operation(index) for index in request["indexes"]]
                return await asyncio.gather(*together)
            case "first":
                # The database is open before the first select, as in JavaScript.
                for name in ("synchronous", "journal_mode"):
                    await self.rows(text(f"PRAGMA {name}"), {})
                return await first_operations(self.sampler.operation, request["count"], self.sampler.in_flight)
            case "warmUp":
                await self.sampler.warm_up(request["ms"])
            case "round":
                return await self.sampler.round(request["ms"])
            case "gaps":
                return await gaps_during(self.sampler.operation, request["tickMs"], request["edgeMs"])
            case "finish":
                return self.sampler.count
            case "close":
                await self.dispose()
        return None


async def main():
    kind, path, connections = sys.argv[1:]
    subject = Subject(kind, path, int(connections))
    loop = asyncio.get_running_loop()
    # Requests come one at a time, so a thread that waits for the next is idle while anything is timed.
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        try:
            reply = {"value": await subject.answer(request)}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
        if request["do"] == "close":
            return


asyncio.run(main())
