// Usage: java Jdk.java URL. Prints {"version": …, "results": …} for the JDK's HttpClient WebSocket.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

class Jdk {
    /** Whole messages, then "closed CODE REASON". */
    static class Collector implements WebSocket.Listener {
        final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();
        private final StringBuilder text = new StringBuilder();
        private final java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();

        public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                queue.add(text.toString());
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }

        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            bytes.writeBytes(piece);
            if (last) {
                queue.add(bytes.toByteArray());
                bytes.reset();
            }
            socket.request(1);
            return null;
        }

        public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
            queue.add("pong");
            socket.request(1);
            return null;
        }

        public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            queue.add("closed " + code + " " + reason);
            return null;
        }

        Object next() throws Exception {
            return queue.poll(10, TimeUnit.SECONDS);
        }
    }

    public static void main(String[] args) throws Exception {
        URI url = URI.create(args[0]);
        HttpClient client = HttpClient.newHttpClient();
        Map<String, Boolean> results = new LinkedHashMap<>();
        Collector in = new Collector();
        WebSocket socket = client.newWebSocketBuilder().subprotocols("other", "interop").buildAsync(url, in).join();
        results.put("subprotocol", socket.getSubprotocol().equals("interop"));
        socket.sendText("text: \u00e4\u20ac\ud83d\ude00", true).join();
        results.put("text", "text: \u00e4\u20ac\ud83d\ude00".equals(in.next()));
        byte[] few = {0, 1, -2, -1};
        socket.sendBinary(ByteBuffer.wrap(few), true).join();
        results.put("binary", java.util.Arrays.equals(few, (byte[]) in.next()));
        socket.sendText("", true).join();
        boolean emptyText = "".equals(in.next());
        socket.sendBinary(ByteBuffer.allocate(0), true).join();
        results.put("empty", emptyText && ((byte[]) in.next()).length == 0);
        byte[] many = new byte[1 << 20];
        for (int index = 0; index < many.length; index++) many[index] = (byte) ((index * 7) % 251);
        socket.sendBinary(ByteBuffer.wrap(many), true).join();
        results.put("1 MiB", java.util.Arrays.equals(many, (byte[]) in.next()));
        socket.sendText("a", false).join();
        socket.sendText("b", false).join();
        socket.sendText("c", true).join();
        boolean sent = "abc".equals(in.next());
        socket.sendText("fragments", true).join();
        results.put("fragmented", sent && "one,two,three".equals(in.next()));
        socket.sendPing(ByteBuffer.wrap(few)).join();
        boolean ponged = "pong".equals(in.next());
        socket.sendText("ping", true).join();
        results.put("ping", ponged && "pong came".equals(in.next()));
        socket.sendClose(4001, "bye").join();
        results.put("close by client", String.valueOf(in.next()).startsWith("closed 4001"));
        Collector second = new Collector();
        client.newWebSocketBuilder().buildAsync(url, second).join().sendText("close 4002 bye", true).join();
        results.put("close by server", "closed 4002 bye".equals(second.next()));
        StringBuilder json = new StringBuilder();
        results.forEach((name, ok) -> json.append(json.length() == 0 ? "" : ",").append("\"" + name + "\":" + ok));
        System.out.println("{\"version\":\"" + System.getProperty("java.version") + "\",\"results\":{" + json + "}}");
        System.exit(0);
    }
}
