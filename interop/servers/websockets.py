# An echo server on Python's websockets. Prints its port and version.
import asyncio, json, sys
sys.path.pop(0)  # this file's own name would hide the package
import websockets


async def echo(socket, *rest):
    async for message in socket:
        if message == "close 4002 bye":
            await socket.close(4002, "bye")
        else:
            await socket.send(message)


async def main():
    options = {"subprotocols": ["interop"], "max_size": 4 << 20}
    async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1], "version": websockets.__version__}), flush=True)
        await asyncio.Future()


asyncio.run(main())
