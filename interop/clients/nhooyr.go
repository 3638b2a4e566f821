// Usage: nhooyr URL. Prints {"results": …} for Go's nhooyr.io/websocket.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"nhooyr.io/websocket"
)

var deadline, _ = context.WithTimeout(context.Background(), 20*time.Second)

func dial() *websocket.Conn {
	options := websocket.DialOptions{Subprotocols: []string{"other", "interop"}, CompressionMode: websocket.CompressionContextTakeover}
	socket, _, err := websocket.Dial(deadline, os.Args[1], &options)
	if err != nil {
		panic(err)
	}
	socket.SetReadLimit(4 << 20)
	return socket
}

func heard(socket *websocket.Conn, kind websocket.MessageType, message string) bool {
	gotKind, got, err := socket.Read(deadline)
	return err == nil && gotKind == kind && bytes.Equal(got, []byte(message))
}

func ask(socket *websocket.Conn, kind websocket.MessageType, message string) bool {
	socket.Write(deadline, kind, []byte(message))
	return heard(socket, kind, message)
}

func main() {
	results := map[string]bool{}
	text, binary := websocket.MessageText, websocket.MessageBinary
	socket := dial()
	results["subprotocol"] = socket.Subprotocol() == "interop"
	results["text"] = ask(socket, text, "text: ä€😀")
	results["binary"] = ask(socket, binary, "\x00\x01\xfe\xff")
	results["empty"] = ask(socket, text, "") && ask(socket, binary, "")
	many := make([]byte, 1<<20)
	for index := range many {
		many[index] = byte(index * 7 % 251)
	}
	results["1 MiB"] = ask(socket, binary, string(many))
	// Every Write of a Writer is a frame.
	writer, _ := socket.Writer(deadline, text)
	for _, piece := range []string{"a", "b", "c"} {
		writer.Write([]byte(piece))
	}
	writer.Close()
	joined := heard(socket, text, "abc")
	socket.Write(deadline, text, []byte("fragments"))
	results["fragmented"] = joined && heard(socket, text, "one,two,three")
	socket.Write(deadline, text, []byte("ping"))
	ponged := heard(socket, text, "pong came")
	// A pong is only seen while somebody reads.
	reading := make(chan bool)
	go func() { reading <- heard(socket, text, "after the pong") }()
	err := socket.Ping(deadline)
	socket.Write(deadline, text, []byte("after the pong"))
	results["ping"] = <-reading && ponged && err == nil
	results["close by client"] = socket.Close(4001, "bye") == nil
	second := dial()
	second.Write(deadline, text, []byte("close 4002 bye"))
	_, _, err = second.Read(deadline)
	var closed websocket.CloseError
	results["close by server"] = errors.As(err, &closed) && closed.Code == 4002 && closed.Reason == "bye"
	line, _ := json.Marshal(map[string]interface{}{"results": results})
	fmt.Println(string(line))
}
