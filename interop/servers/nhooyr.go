// An echo server on Go's nhooyr.io/websocket. Prints its port.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"nhooyr.io/websocket"
)

var last string

func echo(response http.ResponseWriter, request *http.Request) {
	socket, err := websocket.Accept(response, request, &websocket.AcceptOptions{
		Subprotocols:    []string{"interop"},
		CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		return
	}
	socket.SetReadLimit(4 << 20)
	all := context.Background()
	text := func(data string) { socket.Write(all, websocket.MessageText, []byte(data)) }
	for {
		kind, message, err := socket.Read(all)
		var closed websocket.CloseError
		if errors.As(err, &closed) {
			last = fmt.Sprintf("%d %s", closed.Code, closed.Reason)
		}
		if err != nil {
			return
		}
		switch string(message) {
		case "close 4002 bye":
			socket.Close(4002, "bye")
		case "last closure":
			text(last)
		case "fragments":
			writer, _ := socket.Writer(all, websocket.MessageText)
			for _, piece := range []string{"one,", "two,", "three"} {
				writer.Write([]byte(piece))
			}
			writer.Close()
		case "ping":
			// A pong is only seen while somebody reads: this loop has to go on.
			go func() {
				if socket.Ping(all) == nil {
					text("pong came")
				}
			}()
		default:
			socket.Write(all, kind, message)
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
