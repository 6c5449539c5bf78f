#include "daemon/gateway/transport.h"

#include <assert.h>

#include "daemon/base/record.h"
#include "protocol/base/err.h"

static const struct {
	int outcome;
	const char *text;
} rows[] = {
#define TRANSPORT(name, outcome, text) {outcome, text},
#include "daemon/gateway/transport.def"
#undef TRANSPORT
};

#define TRANSPORT(name, outcome, text) \
	static_assert(sizeof(text) <= RECORD_NAME_MAX, "a transport text fits a NAME");
#include "daemon/gateway/transport.def"
#undef TRANSPORT

const char *transport_text(enum transport why)
{
	return rows[why].text;
}

int transport_outcome(enum transport why)
{
	return rows[why].outcome;
}
