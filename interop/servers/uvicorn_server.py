# An echo server on uvicorn with wsproto: the third Python stack. Prints its port and version. ASGI tells the code of a
# Close but not its reason, and knows neither fragments nor pings.
import asyncio, json, socket
import uvicorn, wsproto

last = ""


async def echo(scope, receive, send):
    global last
    if scope["type"] != "websocket":
        return
    await receive()
    chosen = "interop" if "interop" in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": chosen})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            last = str(event["code"])
            return
        if event.get("text") == "close 4002 bye":
            await send({"type": "websocket.close", "code": 4002, "reason": "bye"})
            return
        if event.get("text") == "last closure":
            await send({"type": "websocket.send", "text": last})
        elif event.get("text") is not None:
            await send({"type": "websocket.send", "text": event["text"]})
        else:
            await send({"type": "websocket.send", "bytes": event["bytes"]})


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(echo, ws="wsproto", lifespan="off", log_level="critical", ws_max_size=4 << 20)
    version = f"{uvicorn.__version__}, wsproto {wsproto.__version__}"
    print(json.dumps({"port": listener.getsockname()[1], "version": version}), flush=True)
    await uvicorn.Server(config).serve(sockets=[listener])


asyncio.run(main())
