#include "daemon/gateway/budget.h"

#include <string.h>

#include "daemon/gateway/limits.h"

static const struct {
	unsigned count;
	const char *text;
} rows[] = {
#define BUDGET(name, count, text) {count, text},
#include "daemon/gateway/budget.def"
#undef BUDGET
};

bool budget_spend(struct budget *b, enum budget_item item, int64_t now_ms)
{
	if (now_ms - b->since_ms >= GATEWAY_BUDGET_MS) {
		memset(b->spent, 0, sizeof b->spent);
		b->since_ms = now_ms;
	}
	return ++b->spent[item] <= rows[item].count;
}

void budget_earn(struct budget *b, enum budget_item item, unsigned n)
{
	b->spent[item] -= n < b->spent[item] ? n : b->spent[item];
}

const char *budget_text(enum budget_item item)
{
	return rows[item].text;
}
