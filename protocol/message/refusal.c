#include "protocol/message/answer.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

static const struct rxp_refusal_row rows[] = {
#define REFUSAL(name, wire, class, status, meaning, side, action) \
	[RXP_REFUSAL_##name] = {wire, RXP_CLASS_##class, status, meaning, side, action},
#include "protocol/message/refusal.def"
#undef REFUSAL
};

static const char *const class_names[] = {
    [RXP_CLASS_NEVER] = "never",
    [RXP_CLASS_AFTER_FIX] = "after-fix",
    [RXP_CLASS_LATER] = "later",
};

const struct rxp_refusal_row *rxp_refusal_row(enum rxp_refusal code)
{
	if ((unsigned)code >= RXP_REFUSAL_COUNT)
		abort();
	return &rows[code];
}

int rxp_refusal_parse(enum rxp_refusal *out, const char *wire)
{
	for (size_t i = 0; i < RXP_REFUSAL_COUNT; i++)
		if (strcmp(rows[i].wire, wire) == 0) {
			*out = (enum rxp_refusal)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

const char *rxp_refusal_class_name(enum rxp_refusal_class class)
{
	if ((unsigned)class >= sizeof class_names / sizeof class_names[0])
		abort();
	return class_names[class];
}
