#include "daemon/gateway/rate.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/gateway/limits.h"
#include "protocol/base/err.h"

#define CARRIED_BY 16 /* one octet more for so many: frames, records, packets */
#define BITS 8

struct bucket {
	char party[4];
	uint64_t rate; /* octets in a second */
	uint64_t held; /* octets */
	int64_t at_ms; /* when it was filled */
};

struct rates {
	struct bucket *all;
	size_t n;
};

int rates_new(struct rates **out)
{
	struct rates *r = calloc(1, sizeof *r);

	if (r == NULL)
		return RXP_ERR_NOMEM;
	*out = r;
	return 0;
}

void rates_free(struct rates *r)
{
	if (r != NULL)
		free(r->all);
	free(r);
}

static struct bucket *find(const struct rates *r, const char party[4])
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->all[i].party, party) == 0)
			return &r->all[i];
	return NULL;
}

int rates_replace(struct rates *r, struct bytes rows)
{
	struct rates fresh = {NULL, 0};
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct rec_rate row;
	struct bytes fields;
	uint16_t tag;
	int rc;

	fresh.all = calloc(GATEWAY_PARTIES, sizeof *fresh.all);
	if (fresh.all == NULL)
		return RXP_ERR_NOMEM;
	while ((rc = record_list_next(&c, &tag, &fields)) == 1) {
		const struct bucket *before;

		if (tag != REC_rate)
			continue;
		if (record_decode(&row, &record_rate, fields.data, fields.len) != 0 ||
		    row.bits < BITS || fresh.n == GATEWAY_PARTIES) {
			free(fresh.all);
			return RXP_ERR_SYNTAX;
		}
		before = find(r, row.party);
		if (before != NULL)
			fresh.all[fresh.n] = *before;
		memcpy(fresh.all[fresh.n].party, row.party, sizeof row.party);
		fresh.all[fresh.n++].rate = row.bits / BITS;
	}
	if (rc < 0) {
		free(fresh.all);
		return RXP_ERR_SYNTAX;
	}
	free(r->all);
	*r = fresh;
	return 0;
}

/* A second's octets, or one frame's if that is more. */
static uint64_t most(const struct bucket *b)
{
	const uint64_t frame = GATEWAY_OUT_OCTETS + GATEWAY_OUT_OCTETS / CARRIED_BY;

	return b->rate > frame ? b->rate : frame;
}

static void fill(struct bucket *b, int64_t now_ms)
{
	uint64_t ms = now_ms > b->at_ms ? (uint64_t)(now_ms - b->at_ms) : 0;
	uint64_t second = 1000;

	if (ms > 60 * second)
		ms = 60 * second;
	if (ms * b->rate < second)
		return; /* not an octet yet */
	b->held += ms * b->rate / second;
	if (b->held > most(b))
		b->held = most(b);
	b->at_ms = now_ms;
}

int64_t rates_take(struct rates *r, const char party[4], size_t octets, int64_t now_ms)
{
	struct bucket *b = find(r, party);
	uint64_t wanted = octets + octets / CARRIED_BY;

	if (b == NULL)
		return 0;
	fill(b, now_ms);
	if (b->held < wanted)
		return (int64_t)((wanted - b->held) * 1000 / b->rate + 1);
	b->held -= wanted;
	return 0;
}
