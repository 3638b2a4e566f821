// An echo server on Go's gorilla/websocket. Prints its port.
package main

import (
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

var last string

// With a buffer of 4 bytes, what goes through NextWriter, and so every compressed message, leaves in tiny frames.
var upgrader = websocket.Upgrader{Subprotocols: []string{"interop"}, EnableCompression: true, WriteBufferSize: 4}

func echo(response http.ResponseWriter, request *http.Request) {
	socket, err := upgrader.Upgrade(response, request, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	text := func(data string) { socket.WriteMessage(websocket.TextMessage, []byte(data)) }
	socket.SetReadLimit(4 << 20)
	socket.SetPongHandler(func(string) error { text("pong came"); return nil })
	for {
		kind, message, err := socket.ReadMessage()
		if closed, ok := err.(*websocket.CloseError); ok {
			last = fmt.Sprintf("%d %s", closed.Code, closed.Text)
		}
		if err != nil {
			return
		}
		switch string(message) {
		case "close 4002 bye":
			socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4002, "bye"), time.Now().Add(time.Second))
		case "last closure":
			text(last)
		case "fragments":
			writer, _ := socket.NextWriter(websocket.TextMessage)
			writer.Write([]byte("one,two,three"))
			writer.Close()
		case "ping":
			socket.WriteControl(websocket.PingMessage, []byte("are you there?"), time.Now().Add(time.Second))
		default:
			socket.WriteMessage(kind, message)
		}
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	http.Serve(listener, http.HandlerFunc(echo))
}
