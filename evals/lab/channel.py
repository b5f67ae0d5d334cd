"""Request and reply with a child process over its standard input and output, one JSON object a line.

The child ends when its standard input does, which ties it to us a second time.
"""

import asyncio
import itertools
import json
import sys
from collections.abc import Awaitable, Callable, Mapping

from pydantic import JsonValue

from evals.lab import children

Message = dict[str, JsonValue]
_LIMIT = 8 * 1024 * 1024  # bytes of one line


class Gone(RuntimeError):
    """The child ended before it answered."""


class Channel:
    """The lab's end.  Answers may come in any order."""

    def __init__(self, child: children.Child, reader: asyncio.StreamReader, writer: asyncio.WriteTransport) -> None:
        self.child = child
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._task = asyncio.create_task(self._read())

    async def ask(self, op: str, arguments: Mapping[str, object]) -> Message:
        """Send a question and wait for its answer.  Raises Gone when the child has ended."""
        if self._task.done():
            raise Gone(self.child.tail())
        number = next(self._numbers)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self._writer.write(json.dumps({"id": number, "op": op, **arguments}).encode() + b"\n")
        return await answer

    async def _read(self) -> None:
        while line := await self._reader.readline():
            message = json.loads(line)
            waiting = self._waiting.pop(message.pop("id"), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Gone(self.child.tail()))
        self._waiting.clear()


async def attach(child: children.Child) -> Channel:
    """Talk to a child that was started with ``talks=True``."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), child.stdout)
    writer, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, child.stdin)
    return Channel(child, reader, writer)


async def serve(answer: Callable[[str, Message], Awaitable[Message]]) -> None:
    """The child's end: answer questions until standard input ends."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin.buffer)
    async with asyncio.TaskGroup() as replies:  # a question that cannot be answered ends us, and the asker hears of it
        while line := await reader.readline():
            replies.create_task(_reply(answer, json.loads(line)))


async def _reply(answer: Callable[[str, Message], Awaitable[Message]], message: Message) -> None:
    number, op = message.pop("id"), message.pop("op")
    reply = await answer(str(op), message)
    sys.stdout.write(json.dumps({"id": number, **reply}) + "\n")
    sys.stdout.flush()
