// Usage: libwebsockets URL [deflate]. Prints {"version": …, "results": …} for libwebsockets. Each step of the script
// sends one message and says what has to come back; the next step begins when it came. With compression three steps
// are left out: its permessage-deflate can not send an empty message (an assertion ends the process), and it hands over
// uncompressed messages and the data of pongs again without end.
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEBIBYTE (1 << 20)

struct step {
	const char *part;
	int kind; // LWS_WRITE_TEXT, _BINARY or _PING, or CLOSE
	size_t size;
	const char *data;
	size_t expected_size;
	const char *expected;
	int pieces;
};

enum { CLOSE = 100 };
static char many[MEBIBYTE];
static const char few[] = {0, 1, (char)254, (char)255};
#define TEXT(text) sizeof(text) - 1, text
#define SAME(size, data) size, data, size, data
static const struct step script[] = {
	{"text", LWS_WRITE_TEXT, TEXT("text: ä€😀"), TEXT("text: ä€😀"), 1},
	{"binary", LWS_WRITE_BINARY, SAME(4, few), 1},
	{"empty", LWS_WRITE_TEXT, SAME(0, ""), 1},
	{"empty", LWS_WRITE_BINARY, SAME(0, ""), 1},
	{"1 MiB", LWS_WRITE_BINARY, SAME(MEBIBYTE, many), 1},
	{"fragmented", LWS_WRITE_TEXT, TEXT("abc"), TEXT("abc"), 3},
	{"fragmented", LWS_WRITE_TEXT, TEXT("fragments"), TEXT("one,two,three"), 1},
	{"ping", LWS_WRITE_PING, TEXT("data"), TEXT("data"), 1},
	{"ping", LWS_WRITE_TEXT, TEXT("ping"), TEXT("pong came"), 1},
	{"close by client", CLOSE, 0, "", 0, "", 1},
	{"close by server", LWS_WRITE_TEXT, TEXT("close 4002 bye"), 0, "", 1},
};
#define STEPS (sizeof(script) / sizeof(*script))

static int good[STEPS], subprotocol, done;
static size_t at, piece, received;
static char in[2 * MEBIBYTE];
static unsigned char out[LWS_PRE + MEBIBYTE];
static struct lws_client_connect_info target;

static int send_step(struct lws *socket)
{
	const struct step *step = &script[at];
	size_t size = step->size / step->pieces;
	int flags = step->kind;

	if (piece == (size_t)step->pieces)
		return 0;
	if (flags == CLOSE) {
		lws_close_reason(socket, 4001, (unsigned char *)"bye", 3);
		return -1;
	}
	// Masking happens in place, so what is sent is a copy.
	memcpy(out + LWS_PRE, step->data + piece * size, size);
	if (step->pieces > 1)
		flags = lws_write_ws_flags(step->kind, piece == 0, piece + 1 == (size_t)step->pieces);
	piece++;
	if (lws_write(socket, out + LWS_PRE, size, flags) < 0)
		return -1;
	if (piece < (size_t)step->pieces)
		lws_callback_on_writable(socket);
	return 0;
}

static int deflate;
static int is_left_out(size_t index)
{
	const struct step *step = &script[index];

	if (!deflate || index >= STEPS || step->kind == CLOSE)
		return 0;
	return step->size == 0 || step->kind == LWS_WRITE_PING || !strcmp(step->data, "fragments");
}

static void next(struct lws *socket, int went_well)
{
	if (at == STEPS)
		return;
	good[at++] = went_well;
	while (is_left_out(at))
		at++;
	piece = received = 0;
	if (socket)
		lws_callback_on_writable(socket);
}

static int hear(struct lws *socket, enum lws_callback_reasons reason, void *user, void *data, size_t size)
{
	const struct step *step = &script[at < STEPS ? at : STEPS - 1];

	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		subprotocol = !strcmp(lws_get_protocol(socket)->name, "interop");
		lws_callback_on_writable(socket);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return at < STEPS ? send_step(socket) : 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		if (received + size <= sizeof(in))
			memcpy(in + received, data, size);
		received += size;
		if (!lws_is_final_fragment(socket) || lws_remaining_packet_payload(socket))
			return 0;
		next(socket, received == step->expected_size && !memcmp(in, step->expected, received) &&
				     !!lws_frame_is_binary(socket) == (step->kind == LWS_WRITE_BINARY));
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		if (step->kind == LWS_WRITE_PING)
			next(socket, size == step->expected_size && !memcmp(data, step->expected, size));
		return 0;
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (at + 1 == STEPS)
			next(NULL, size == 5 && !memcmp(data, "\x0f\xa2" "bye", 5));
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		done = at != STEPS - 2;
		if (!done) {
			next(NULL, 1);
			lws_client_connect_via_info(&target);
		}
		return 0;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fprintf(stderr, "no connection: %s\n", data ? (char *)data : "");
		done = 1;
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {{"interop", hear, 0, 65536}, {"other", hear, 0, 65536}, {0}};
static const struct lws_extension extensions[] = {
	{"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"}, {0}};

int main(int count, char **arguments)
{
	struct lws_context_creation_info info = {.port = CONTEXT_PORT_NO_LISTEN, .protocols = protocols};
	const char *scheme, *host, *path;
	int port;

	lws_set_log_level(LLL_ERR, NULL);
	if (count < 2 || lws_parse_uri(arguments[1], &scheme, &host, &port, &path))
		return 2;
	deflate = count > 2 && !strcmp(arguments[2], "deflate");
	for (size_t index = 0; index < MEBIBYTE; index++)
		many[index] = (char)(index * 7 % 251);
	if (deflate)
		info.extensions = extensions;
	target.context = lws_create_context(&info);
	target.address = host;
	target.port = port;
	target.path = "/";
	target.host = host;
	target.protocol = "other,interop";
	target.ietf_version_or_minus_one = -1;
	lws_client_connect_via_info(&target);
	for (time_t until = time(NULL) + 20; !done && time(NULL) < until;)
		lws_service(target.context, 0);
	printf("{\"version\":\"%.20s\",\"results\":{\"subprotocol\":%s", lws_get_library_version(), subprotocol ? "true" : "false");
	for (size_t index = 0; index < STEPS; index++) {
		if (is_left_out(index))
			continue;
		int all = good[index];
		while (index + 1 < STEPS && !strcmp(script[index].part, script[index + 1].part))
			if (!is_left_out(++index))
				all &= good[index];
		printf(",\"%s\":%s", script[index].part, all ? "true" : "false");
	}
	printf("}}\n");
	lws_context_destroy(target.context);
	return 0;
}
