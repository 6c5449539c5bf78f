/*
 * transport - the reasons for which a connection or a delivery ends, from transport.def.
 */
#ifndef GATEWAY_TRANSPORT_H
#define GATEWAY_TRANSPORT_H

enum transport {
#define TRANSPORT(name, outcome, text) TRANSPORT_##name,
#include "daemon/gateway/transport.def"
#undef TRANSPORT
	TRANSPORTS
};

/* Fixed text of a reason, shorter than RECORD_NAME_MAX. */
const char *transport_text(enum transport why);

/* 0 or the RXP_ERR_* code that a delivery with this end has. */
int transport_outcome(enum transport why);

#endif
