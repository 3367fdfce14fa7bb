"""The child waits for a parent that does not read, and goes on when it does."""

import asyncio
import os

from ostream_compare.collector.outlet import BEHIND, Outlet


def test_there_is_room_again_once_the_parent_reads():
    async def main() -> list[bool]:
        reading, writing = os.pipe()
        loop = asyncio.get_running_loop()
        out, outlet = await loop.connect_write_pipe(Outlet, os.fdopen(writing, "wb", 0))
        seen = [outlet.room.is_set()]
        out.write(b"x" * BEHIND)
        seen.append(outlet.room.is_set())  # what the pipe itself holds is not behind
        out.write(b"x" * BEHIND)
        seen.append(outlet.room.is_set())
        left = 2 * BEHIND

        def read() -> None:
            nonlocal left
            left -= len(os.read(reading, 1 << 20))

        loop.add_reader(reading, read)
        await asyncio.wait_for(outlet.room.wait(), 30)
        seen.append(left < 2 * BEHIND)
        loop.remove_reader(reading)
        os.close(reading)  # the parent is gone: nobody waits for it
        out.write(b"x" * 2 * BEHIND)
        await asyncio.wait_for(outlet.room.wait(), 30)
        out.close()
        return seen

    assert asyncio.run(main()) == [True, True, False, True]
