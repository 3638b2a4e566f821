// Usage: gorilla URL. Prints {"results": …} for Go's gorilla/websocket.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/gorilla/websocket"
)

var url = os.Args[1]

func dial(buffer int) *websocket.Conn {
	dialer := websocket.Dialer{Subprotocols: []string{"other", "interop"}, EnableCompression: true, WriteBufferSize: buffer}
	socket, _, err := dialer.Dial(url, nil)
	if err != nil {
		panic(err)
	}
	socket.SetReadDeadline(time.Now().Add(20 * time.Second))
	return socket
}

func ask(socket *websocket.Conn, kind int, message []byte) bool {
	socket.WriteMessage(kind, message)
	return heard(socket, kind, message)
}

func heard(socket *websocket.Conn, kind int, message []byte) bool {
	gotKind, got, err := socket.ReadMessage()
	return err == nil && gotKind == kind && bytes.Equal(got, message)
}

func main() {
	results := map[string]bool{}
	text, binary := websocket.TextMessage, websocket.BinaryMessage
	socket := dial(0)
	results["subprotocol"] = socket.Subprotocol() == "interop"
	results["text"] = ask(socket, text, []byte("text: ä€😀"))
	results["binary"] = ask(socket, binary, []byte{0, 1, 254, 255})
	results["empty"] = ask(socket, text, nil) && ask(socket, binary, nil)
	many := make([]byte, 1<<20)
	for index := range many {
		many[index] = byte(index * 7 % 251)
	}
	results["1 MiB"] = ask(socket, binary, many)
	// A buffer of 4 bytes makes 13 bytes four frames.
	pieces := dial(4)
	writer, _ := pieces.NextWriter(text)
	writer.Write([]byte("one,two,three"))
	writer.Close()
	results["fragmented"] = heard(pieces, text, []byte("one,two,three"))
	socket.WriteMessage(text, []byte("fragments"))
	results["fragmented"] = results["fragmented"] && heard(socket, text, []byte("one,two,three"))
	ponged := false
	socket.SetPongHandler(func(data string) error { ponged = data == "data"; return nil })
	socket.WriteControl(websocket.PingMessage, []byte("data"), time.Now().Add(time.Second))
	socket.WriteMessage(text, []byte("ping"))
	results["ping"] = heard(socket, text, []byte("pong came")) && ponged
	socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4001, "bye"), time.Now().Add(time.Second))
	_, _, err := socket.ReadMessage()
	results["close by client"] = websocket.IsCloseError(err, 4001)
	pieces.WriteMessage(text, []byte("close 4002 bye"))
	_, _, err = pieces.ReadMessage()
	closed, ok := err.(*websocket.CloseError)
	results["close by server"] = ok && closed.Code == 4002 && closed.Text == "bye"
	line, _ := json.Marshal(map[string]interface{}{"results": results})
	fmt.Println(string(line))
}
