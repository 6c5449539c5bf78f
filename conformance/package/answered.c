#include "conformance/package/answered.h"

#include <stdlib.h>

#include <jansson.h>

#include "conformance/cases/case.h"
#include "protocol/message/answer.h"

struct json_t *answered_json(const struct expect *e)
{
	switch (e->kind) {
	case EXPECT_RECEIPT:
	case EXPECT_SAME:
		return json_string("receipt");
	case EXPECT_REFUSAL:
		return json_string(rxp_refusal_row((enum rxp_refusal)e->value)->wire);
	case EXPECT_STATUS:
		return json_sprintf("%d", e->value);
	default:
		abort();
	}
}
