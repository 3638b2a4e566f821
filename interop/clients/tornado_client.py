# Usage: python3 tornado_client.py URL. Prints {"version": …, "results": …} for Python's Tornado.
import asyncio, json, sys
import tornado
from tornado.websocket import websocket_connect


async def main(url):
    results = {}
    socket = await websocket_connect(
        url, subprotocols=["other", "interop"], compression_options={}, max_message_size=4 << 20
    )

    async def ask(data):
        await socket.write_message(data, binary=isinstance(data, bytes))
        return await socket.read_message()

    results["subprotocol"] = socket.selected_subprotocol == "interop"
    results["text"] = await ask("text: ä€😀") == "text: ä€😀"
    results["binary"] = await ask(bytes([0, 1, 254, 255])) == bytes([0, 1, 254, 255])
    results["empty"] = await ask("") == "" and await ask(b"") == b""
    many = bytes((index * 7) % 251 for index in range(1 << 20))
    results["1 MiB"] = await ask(many) == many
    results["fragmented"] = await ask("fragments") == "one,two,three"
    results["ping"] = await ask("ping") == "pong came"
    socket.close(4001, "bye")
    ended = await socket.read_message() is None
    results["close by client"] = ended and socket.close_code == 4001
    socket = await websocket_connect(url)
    await socket.write_message("close 4002 bye")
    ended = await socket.read_message() is None
    results["close by server"] = ended and (socket.close_code, socket.close_reason) == (4002, "bye")
    print(json.dumps({"version": tornado.version, "results": results}))


asyncio.run(main(sys.argv[1]))
