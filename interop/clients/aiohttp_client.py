# Usage: python3 aiohttp_client.py URL. Prints {"version": …, "results": …} for Python's aiohttp.
import asyncio, json, sys
import aiohttp


async def main(url):
    results = {}
    async with aiohttp.ClientSession() as session:
        options = {"protocols": ("other", "interop"), "compress": 15, "max_msg_size": 4 << 20}
        socket = await session.ws_connect(url, **options)

        async def ask(data):
            await (socket.send_str(data) if isinstance(data, str) else socket.send_bytes(data))
            return (await socket.receive()).data

        results["subprotocol"] = socket.protocol == "interop"
        results["text"] = await ask("text: ä€😀") == "text: ä€😀"
        results["binary"] = await ask(bytes([0, 1, 254, 255])) == bytes([0, 1, 254, 255])
        results["empty"] = await ask("") == "" and await ask(b"") == b""
        many = bytes((index * 7) % 251 for index in range(1 << 20))
        results["1 MiB"] = await ask(many) == many
        results["fragmented"] = await ask("fragments") == "one,two,three"
        results["ping"] = await ask("ping") == "pong came"
        await socket.close(code=4001, message=b"bye")
        results["close by client"] = socket.close_code == 4001
        socket = await session.ws_connect(url)
        await socket.send_str("close 4002 bye")
        message = await socket.receive()
        results["close by server"] = (message.data, message.extra) == (4002, "bye")
    print(json.dumps({"version": aiohttp.__version__, "results": results}))


asyncio.run(main(sys.argv[1]))
