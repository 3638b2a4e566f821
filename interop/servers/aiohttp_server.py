# An echo server on Python's aiohttp. Prints its port and version. The interface can neither send a fragment nor wait
# for a pong.
import asyncio, json
import aiohttp
from aiohttp import web

last = ""


async def echo(request):
    global last
    socket = web.WebSocketResponse(protocols=("interop",), max_msg_size=4 << 20)
    await socket.prepare(request)
    while not socket.closed:
        message = await socket.receive()
        if message.type == aiohttp.WSMsgType.CLOSE:
            last = f"{message.data} {message.extra}"
        elif message.data == "close 4002 bye":
            await socket.close(code=4002, message=b"bye")
        elif message.data == "last closure":
            await socket.send_str(last)
        elif message.type == aiohttp.WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type == aiohttp.WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


async def main():
    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "version": aiohttp.__version__}), flush=True)
    await asyncio.Future()


asyncio.run(main())
