# An echo server on Python's websockets. Prints its port and version.
import asyncio, json, sys
sys.path.pop(0)  # this file's own name would hide the package
import websockets

last = ""


async def answer(socket, message):
    if message == "close 4002 bye":
        await socket.close(4002, "bye")
    elif message == "last closure":
        await socket.send(last)
    elif message == "fragments":
        await socket.send(["one,", "two,", "three"])
    elif message == "ping":
        pong = await socket.ping(b"are you there?")
        await pong
        await socket.send("pong came")
    else:
        await socket.send(message)


async def echo(socket, *rest):
    global last
    try:
        while True:
            message = await socket.recv()
            # A task of its own: a pong can only come while this loop goes on.
            asyncio.ensure_future(answer(socket, message))
    except websockets.ConnectionClosed:
        last = f"{socket.close_code} {socket.close_reason}"


async def main():
    options = {"subprotocols": ["interop"], "max_size": 4 << 20}
    async with websockets.serve(echo, "127.0.0.1", 0, **options) as server:
        print(json.dumps({"port": server.sockets[0].getsockname()[1], "version": websockets.__version__}), flush=True)
        await asyncio.Future()


asyncio.run(main())
