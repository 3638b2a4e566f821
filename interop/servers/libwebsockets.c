// An echo server on libwebsockets. Prints its port and version.
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST (2 << 20)

// One message is answered at a time, which is all that the conversation asks for.
struct session {
	unsigned char *message; // behind LWS_PRE bytes that the library writes the header into
	size_t size;
	int binary;
	enum { NOTHING, ECHO, CLOSE, PING } answer;
	size_t pieces, sent;
};

static char last[140];

static int is(const struct session *session, const char *text)
{
	return !session->binary && session->size == strlen(text) && !memcmp(session->message + LWS_PRE, text, session->size);
}

static void say(struct session *session, const char *text)
{
	session->size = strlen(text);
	memcpy(session->message + LWS_PRE, text, session->size);
}

static void judge(struct session *session)
{
	session->answer = ECHO;
	session->pieces = 1;
	session->sent = 0;
	if (is(session, "close 4002 bye"))
		session->answer = CLOSE;
	else if (is(session, "last closure"))
		say(session, last);
	else if (is(session, "ping"))
		session->answer = PING;
	else if (is(session, "fragments"))
		session->pieces = 3;
}

static int answer(struct lws *socket, struct session *session)
{
	static const char *const pieces[] = {"one,", "two,", "three"};
	unsigned char *message = session->message + LWS_PRE;

	switch (session->answer) {
	case CLOSE:
		lws_close_reason(socket, 4002, (unsigned char *)"bye", 3);
		return -1;
	case PING:
		session->answer = NOTHING;
		memcpy(message, "are you there?", 14);
		return lws_write(socket, message, 14, LWS_WRITE_PING) < 0 ? -1 : 0;
	case ECHO:
		if (session->pieces > 1)
			say(session, pieces[session->sent]);
		session->sent++;
		int first = session->sent == 1, final = session->sent == session->pieces;
		int kind = session->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
		if (lws_write(socket, message, session->size, lws_write_ws_flags(kind, first, final)) < 0)
			return -1;
		if (final) {
			session->answer = NOTHING;
			session->size = 0;
		} else {
			lws_callback_on_writable(socket);
		}
		return 0;
	default:
		return 0;
	}
}

static int hear(struct lws *socket, enum lws_callback_reasons reason, void *user, void *data, size_t size)
{
	struct session *session = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		session->message = malloc(LWS_PRE + MOST);
		return 0;
	case LWS_CALLBACK_CLOSED:
		free(session->message);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		if (lws_is_first_fragment(socket))
			session->size = 0;
		if (session->size + size > MOST)
			return -1;
		memcpy(session->message + LWS_PRE + session->size, data, size);
		session->size += size;
		session->binary = !!lws_frame_is_binary(socket);
		if (lws_is_final_fragment(socket) && !lws_remaining_packet_payload(socket)) {
			judge(session);
			lws_callback_on_writable(socket);
		}
		return 0;
	case LWS_CALLBACK_RECEIVE_PONG:
		session->answer = ECHO;
		session->pieces = 1;
		session->sent = 0;
		say(session, "pong came");
		lws_callback_on_writable(socket);
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return answer(socket, session);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (size >= 2)
			snprintf(last, sizeof(last), "%d %.*s", ((unsigned char *)data)[0] << 8 | ((unsigned char *)data)[1],
				 (int)size - 2, (char *)data + 2);
		return 0;
	default:
		return 0;
	}
}

static const struct lws_protocols protocols[] = {{"interop", hear, sizeof(struct session), 65536}, {0}};
static const struct lws_extension extensions[] = {
	{"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"}, {0}};

int main(void)
{
	struct lws_context_creation_info info = {
		.port = 0, .iface = "127.0.0.1", .protocols = protocols, .extensions = extensions, .vhost_name = "default"};

	lws_set_log_level(LLL_ERR, NULL);
	struct lws_context *context = lws_create_context(&info);
	struct lws_vhost *host = context ? lws_get_vhost_by_name(context, "default") : NULL;
	if (!host)
		return 1;
	printf("{\"port\":%d,\"version\":\"%.20s\"}\n", lws_get_vhost_listen_port(host), lws_get_library_version());
	fflush(stdout);
	while (lws_service(context, 0) >= 0)
		;
	return 0;
}
