"""A small load generator: some connections that ask for one page again and again, over plain sockets."""

import asyncio
import time
from dataclasses import dataclass


class PageFailed(RuntimeError):
    """The page did not answer 200: nothing can be measured."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page is."""

    port: int
    path: str

    async def per_second(self, *, connections: int, seconds: float) -> float:
        """Whole answers a second; PageFailed unless every one of them is 200."""
        begun = time.perf_counter()
        until = begun + seconds
        counts = await asyncio.gather(*(self._ask(until) for _ in range(connections)))
        return sum(counts) / (time.perf_counter() - begun)

    async def length(self) -> int:
        """The bytes of one answer's body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            return await self._once(reader, writer)
        finally:
            writer.close()

    async def _ask(self, until: float) -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        count = 0
        try:
            while time.perf_counter() < until:
                await self._once(reader, writer)
                count += 1
        finally:
            writer.close()
        return count

    async def _once(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        writer.write(f"GET {self.path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
        if not head.startswith("http/1.1 200 ") or not length.isdigit():
            raise PageFailed(head.partition("\r\n")[0])
        await reader.readexactly(int(length))
        return int(length)
