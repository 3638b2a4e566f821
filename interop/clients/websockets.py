# Usage: python3 websockets.py URL. Prints {"version": …, "results": …} for Python's websockets.
import asyncio, json, sys
sys.path.pop(0)  # this file's own name would hide the package
import websockets


async def main(url):
    results = {}
    async with websockets.connect(url, subprotocols=["other", "interop"], max_size=4 << 20) as socket:
        async def ask(data):
            await socket.send(data)
            return await socket.recv()

        results["subprotocol"] = socket.subprotocol == "interop"
        results["text"] = await ask("text: ä€😀") == "text: ä€😀"
        results["binary"] = await ask(bytes([0, 1, 254, 255])) == bytes([0, 1, 254, 255])
        results["empty"] = await ask("") == "" and await ask(b"") == b""
        many = bytes((index * 7) % 251 for index in range(1 << 20))
        results["1 MiB"] = await ask(many) == many
        results["fragmented"] = await ask(["a", "b", "c"]) == "abc" and await ask("fragments") == "one,two,three"
        pong = await socket.ping(b"data")
        await asyncio.wait_for(pong, 5)
        results["ping"] = await ask("ping") == "pong came"
        await socket.close(4001, "bye")
        results["close by client"] = socket.close_code == 4001
    socket = await websockets.connect(url)
    await socket.send("close 4002 bye")
    await socket.wait_closed()
    results["close by server"] = (socket.close_code, socket.close_reason) == (4002, "bye")
    print(json.dumps({"version": websockets.__version__, "results": results}))


asyncio.run(main(sys.argv[1]))
