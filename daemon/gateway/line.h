/*
 * line - our connection with a party: its endpoints in their order, the addresses of each in turn,
 * until one answers as that party (RXP-DSC-048); then the connection until it ends.
 */
#ifndef GATEWAY_LINE_H
#define GATEWAY_LINE_H

#include <stdbool.h>

#include "daemon/gateway/conn.h"
#include "daemon/gateway/transport.h"

struct line;
struct resolver;

struct line_config {
	struct conns *conns;
	const struct pins *pins;
	struct resolver *resolver;
	const char *party; /* copied */
	bool any_key; /* whoever answers at its endpoints, for what proves itself (RXP-DSC-032) */
	bool trusting, narrow, former_key; /* as of conn.h */
	struct h2_calls streams; /* their arg is the line */
	void (*open)(void *arg, struct line *l);
	/* Nothing has come back on it for GATEWAY_DOUBT_MS, open or on its way; again while that lasts. NULL is allowed. */
	void (*silent)(void *arg, struct line *l);
	/* Also of a line that never opened: the reason of the last address tried. Freed after this. */
	void (*closed)(void *arg, struct line *l, enum transport why);
	void *arg;
};

/* Begin; no call comes inside this one. RXP_ERR_NOT_FOUND: the party has no endpoint.
 * RXP_ERR_NOMEM. */
int line_start(struct line **out, const struct line_config *config);

/* Give up a line that has not opened yet, without a call of closed; one that has is left alone. */
void line_cancel(struct line *l);

/* End one that is open: it is no use. closed follows. */
void line_end(const struct line *l, enum transport why);

bool line_was_open(const struct line *l);
bool line_is_narrow(const struct line *l);
/* As of conn.h; also of one that is closed just now. */
bool line_has_carried(const struct line *l);
bool line_has_brought(const struct line *l);
bool line_was_owed(const struct line *l);
bool line_was_taken(const struct line *l);
bool line_is_behind(const struct line *l); /* as of conn.h */
bool line_lacks(const struct line *l); /* as of conn.h */
/* May a request be started on it now? */
bool line_accepts(const struct line *l);
struct h2 *line_h2(const struct line *l);
int64_t line_until_ms(const struct line *l); /* of one that is open: as conn_until_ms() */
const char *line_authority(const struct line *l); /* of the endpoint that answered */
/* Why a stream of it ended so; called while the stream hears of its end. */
enum transport line_stream_why(const struct line *l, enum h2_end end);

#endif
