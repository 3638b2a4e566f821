# An echo server on Python's Tornado. Prints its port and version. The interface can not send a fragment.
import asyncio, json
import tornado.httpserver, tornado.netutil, tornado.web, tornado.websocket

last = ""


class Echo(tornado.websocket.WebSocketHandler):
    def select_subprotocol(self, offered):
        return "interop" if "interop" in offered else None

    def get_compression_options(self):
        return {}

    def on_message(self, message):
        if message == "close 4002 bye":
            self.close(4002, "bye")
        elif message == "last closure":
            self.write_message(last)
        elif message == "ping":
            self.ping(b"are you there?")
        else:
            self.write_message(message, binary=isinstance(message, bytes))

    def on_pong(self, data):
        if data == b"are you there?":
            self.write_message("pong came")

    def on_close(self):
        global last
        last = f"{self.close_code} {self.close_reason}"


async def main():
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    app = tornado.web.Application([("/", Echo)], websocket_max_message_size=4 << 20)
    tornado.httpserver.HTTPServer(app).add_sockets(sockets)
    print(json.dumps({"port": sockets[0].getsockname()[1], "version": tornado.version}), flush=True)
    await asyncio.Future()


asyncio.run(main())
