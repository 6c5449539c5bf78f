#include "conformance/script/script.h"

#include <stdlib.h>

#define FIELD_OCTETS 32 /* that RFC 9113 counts for a field beside its octets */

/* --- how the tables are written -------------------------------------------------------------- */

#define TEXT(t) (t), sizeof(t) - 1
#define STEPS(...) \
	(const struct step[]) \
	{ \
		__VA_ARGS__, \
		{ \
			.kind = STEP_END \
		} \
	}

#define OCTETS(t) \
	{ \
		.kind = STEP_OCTETS, .octets = (t), .octets_len = sizeof(t) - 1 \
	}
#define FRAME_OF(a_type, a_flags, a_stream, t) \
	{ \
		.kind = STEP_FRAME, .type = (a_type), .flags = (a_flags), .stream = (a_stream), \
		.octets = (t), .octets_len = sizeof(t) - 1 \
	}
#define FRAME(type, flags, stream, t) FRAME_OF(FRAME_##type, flags, stream, t)
#define LONG_FRAME(a_type, a_flags, a_stream) \
	{ \
		.kind = STEP_LONG_FRAME, .type = FRAME_##a_type, .flags = (a_flags), \
		.stream = (a_stream) \
	}
#define FIELDS(...) \
	(const struct script_field[]) \
	{ \
		__VA_ARGS__, \
		{ \
			{NULL, 0, NULL, 0}, VALUE_WRITTEN, 0 \
		} \
	}
/* prefix: octets of HPACK before the fields. */
#define CODED(a_flags, a_stream, prefix, cut, ...) \
	{ \
		.kind = STEP_HEADERS, .flags = (a_flags), .stream = (a_stream), \
		.octets = (prefix), .octets_len = sizeof(prefix) - 1, .n = (cut), \
		.fields = FIELDS(__VA_ARGS__) \
	}
#define HEADERS(flags, stream, ...) CODED(flags, stream, "", 0, __VA_ARGS__)
#define SPLIT(flags, stream, cut, ...) CODED(flags, stream, "", cut, __VA_ARGS__)
#define BODY_BY(a_flags, a_stream, piece) \
	{ \
		.kind = STEP_BODY, .flags = (a_flags), .stream = (a_stream), .n = (piece) \
	}
#define BODY(flags, stream) BODY_BY(flags, stream, FRAMES_PIECE)
#define BODY_START(a_stream) \
	{ \
		.kind = STEP_BODY_START, .stream = (a_stream) \
	}
#define BODY_REST(a_flags, a_stream) \
	{ \
		.kind = STEP_BODY_REST, .flags = (a_flags), .stream = (a_stream) \
	}
#define FILL(a_flags, a_stream, count) \
	{ \
		.kind = STEP_FILL, .flags = (a_flags), .stream = (a_stream), .n = (count) \
	}
#define AWAIT_OF(what, a_stream, count) \
	{ \
		.kind = STEP_AWAIT, .await = AWAIT_##what, .stream = (a_stream), .n = (count) \
	}
#define AWAIT(what) AWAIT_OF(what, 1, 1)
/* The steps behind it n times; stride: how much further each time the streams are. */
#define REPEAT(times, stride) \
	{ \
		.kind = STEP_REPEAT, .n = (times), .stream = (stride) \
	}
#define REPEAT_BEYOND(times) \
	{ \
		.kind = STEP_REPEAT_BEYOND, .n = (times), .stream = 2 \
	}
#define DO(what) \
	{ \
		.kind = STEP_##what \
	}

#define F(name, value) \
	{ \
		{TEXT(name), TEXT(value)}, VALUE_WRITTEN, 0 \
	}
#define F_AUTHORITY \
	{ \
		{TEXT(":authority"), TEXT("")}, VALUE_AUTHORITY, 0 \
	}
#define F_LENGTH(more) \
	{ \
		{TEXT("content-length"), TEXT("")}, VALUE_LENGTH, more \
	}
/* A value of 10,000 octets. */
#define F_LONG(name) \
	{ \
		{TEXT(name), TEXT("")}, VALUE_LONG, 0 \
	}
/* A value with which the section counts so many octets; no field is behind it. */
#define F_UP_TO(name, octets) \
	{ \
		{TEXT(name), TEXT("")}, VALUE_FILL, octets \
	}
#define METHOD F(":method", "POST")
#define SCHEME F(":scheme", "https")
#define PATH F(":path", "/rxp/1/messages")
#define TYPE F("content-type", "application/rxp+xml")
#define POST METHOD, SCHEME, F_AUTHORITY, PATH, TYPE
#define GET F(":method", "GET"), SCHEME, F_AUTHORITY, F(":path", "/rxp/1/descriptor")

#define PREFACE OCTETS("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
#define SETTINGS(t) FRAME(SETTINGS, 0, 0, t)
#define HELLO PREFACE, SETTINGS("")
#define PING FRAME(PING, 0, 0, "readmits")
#define PING_PONG(count) PING, AWAIT_OF(PONG, 0, count)
#define MESSAGE HEADERS(0, 1, POST), BODY(FLAG_END_STREAM, 1)
#define RESET(stream, code) FRAME(RST_STREAM, 0, stream, "\0\0\0" code)
#define WINDOW(stream, octets) FRAME(WINDOW_UPDATE, 0, stream, octets)

#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

/* What is wanted, in parentheses, since it goes through more than one macro. */
#define C(name) (1U << CODE_##name)
#define WANT(a_kind, a_stream, a_codes, a_status) \
	{ \
		.kind = WANTED_##a_kind, .stream = (a_stream), .codes = (a_codes), \
		.status = (a_status) \
	}
#define RECEIPT RECEIPT_ON(1)
#define RECEIPT_ON(stream) (A_RECEIPT, stream, 0, 0)
#define STATUS(status) (STATUS, 1, 0, status)
#define STREAM_ENDS(codes) (STREAM_ENDS, 1, codes, 0)
#define STREAM_ENDS_ON(stream, codes) (STREAM_ENDS, stream, codes, 0)
#define CONNECTION_ENDS(codes) (CONNECTION_ENDS, 1, codes, 0)
#define NO_HTTP (NO_HTTP, 1, 0, 0)
#define NOTHING NOTHING_ON(1)
#define NOTHING_ON(stream) (NO_ANSWER, stream, 0, 0)
#define RECEIPT_OR_END (RECEIPT_OR_END, 1, 0, 0)
#define LEFT_OUT (LEFT_OUT, 1, 0, 0)
#define ANYTHING (ANYTHING, 1, 0, 0)

#define MANNER(kind, version, protocols) \
	{ \
		MANNER_##kind, version, protocols, NULL \
	}
#define USUAL (AS_EVER, TLS_1_3, NULL)
#define NO_TLS (PLAIN, TLS_1_3, NULL)
#define OLD_TLS(version) (AS_EVER, version, "h2")
#define OFFERS(protocols) (AS_EVER, TLS_1_3, protocols)
#define ODD(kind) (kind, TLS_1_3, NULL)

#define ROW(requirement, number, group, manner, credential, wanted, probe, name, ...) \
	{{requirement "." number, "RXP-" requirement, name}, STAGE, GROUP_##group, MANNER manner, \
	    CREDENTIAL_##credential, WANT wanted, PROBE_##probe, STEPS(__VA_ARGS__)},
#define SCRIPT(requirement, number, wanted, probe, name, ...) \
	ROW(requirement, number, QUICK, USUAL, TLS, wanted, probe, name, __VA_ARGS__)
#define HANDSHAKE(requirement, number, manner, credential, wanted, probe, name, ...) \
	ROW(requirement, number, QUICK, manner, credential, wanted, probe, name, __VA_ARGS__)
#define FLOOD(requirement, number, name, ...) \
	ROW(requirement, number, FLOOD, USUAL, TLS, CONNECTION_ENDS(0), NONE, name, __VA_ARGS__)
#define SLOW(requirement, number, manner, wanted, probe, name, ...) \
	ROW(requirement, number, SLOW, manner, TLS, wanted, probe, name, __VA_ARGS__)
/* A field section that is malformed before a whole Envelope. */
#define MALFORMED(number, name, ...) \
	SCRIPT("HTTP-010", number, STREAM_ENDS(C(PROTOCOL_ERROR)), UNTAKEN, name, HELLO, \
	    HEADERS(0, 1, __VA_ARGS__), BODY(FLAG_END_STREAM, 1))
/* One whose field may be left out. */
#define UNLAWFUL(number, name, ...) \
	SCRIPT("HTTP-010", number, LEFT_OUT, AS_TOLD, name, HELLO, HEADERS(0, 1, __VA_ARGS__), \
	    BODY(FLAG_END_STREAM, 1))
/* An error of the connection between the fields of a request and the Envelope. */
#define BREAKS(number, codes, name, ...) \
	SCRIPT("HTTP-011", number, CONNECTION_ENDS(codes), UNTAKEN, name, HELLO, \
	    HEADERS(0, 1, POST), BODY_START(1), __VA_ARGS__, BODY_REST(FLAG_END_STREAM, 1))
/* Something lawful between the fields of a request and the Envelope. */
#define BEARS(number, name, ...) \
	SCRIPT("HTTP-015", number, RECEIPT, TAKEN, name, HELLO, HEADERS(0, 1, POST), \
	    BODY_START(1), __VA_ARGS__, BODY_REST(FLAG_END_STREAM, 1))

static const struct script scripts[] = {
#define STAGE "handshake"
#include "conformance/script/handshake.def"
#undef STAGE
#define STAGE "preface"
#include "conformance/script/preface.def"
#undef STAGE
#define STAGE "frames"
#include "conformance/script/frames.def"
#undef STAGE
#define STAGE "field section"
#include "conformance/script/fields.def"
#undef STAGE
#define STAGE "body"
#include "conformance/script/body.def"
#undef STAGE
#define STAGE "lost answer"
#include "conformance/script/lost.def"
#undef STAGE
#define STAGE "flood"
#include "conformance/script/flood.def"
#undef STAGE
#define STAGE "delay"
#include "conformance/script/delay.def"
#undef STAGE
};
#define N_SCRIPTS (sizeof scripts / sizeof scripts[0])

size_t script_counted(const struct frames_field *f)
{
	return f->name_len + f->value_len + FIELD_OCTETS;
}

size_t script_total(void)
{
	return N_SCRIPTS;
}

const struct script *script_at(size_t i)
{
	if (i >= N_SCRIPTS)
		abort();
	return &scripts[i];
}
