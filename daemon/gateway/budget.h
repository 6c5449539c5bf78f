/*
 * budget - counts what a connection does in a period of time, by the rows of budget.def: what costs its sender little and this node
 * more is bounded by number (RXP-HTTP-014).
 *
 * A plain value of its connection, all zeros at first. Every period of GATEWAY_BUDGET_MS begins anew.
 */
#ifndef GATEWAY_BUDGET_H
#define GATEWAY_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

enum budget_item {
#define BUDGET(name, count, text) BUDGET_##name,
#include "daemon/gateway/budget.def"
#undef BUDGET
	BUDGET_ITEMS
};

struct budget {
	int64_t since_ms; /* monotonic start of the period */
	unsigned spent[BUDGET_ITEMS];
};

/* Count one. false: that was one too many. */
bool budget_spend(struct budget *b, enum budget_item item, int64_t now_ms);

/* Take back up to n, because our own traffic called for them. */
void budget_earn(struct budget *b, enum budget_item item, unsigned n);

/* Fixed text of a budget that is spent. */
const char *budget_text(enum budget_item item);

#endif
