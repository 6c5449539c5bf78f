#include "daemon/registry/in/known.h"

#include <stdlib.h>

#include "daemon/registry/in/reseal.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"

#define HTTP_RECEIPT 200 /* RXP-HTTP-004 */
#define HTTP_BUSY 503

/* Who waits for the stored answer, of which a sealer looks at the seal. */
struct waiting {
	struct known *by;
	struct waiting *next;
	struct admit_asker asker;
};

struct known {
	struct node *node;
	struct reseal *reseal;
	struct admit_counts *count;
	struct waiting *first;
};

uint32_t known_status(const char *refusal)
{
	enum rxp_refusal code;

	if (refusal[0] == '\0' || rxp_refusal_parse(&code, refusal) != 0)
		return HTTP_RECEIPT;
	return (uint32_t)rxp_refusal_row(code)->http_status;
}

static void say(const struct admit_asker *asker, uint32_t status, struct bytes octets,
    const uint8_t *message_id)
{
	const struct admit_answer a = {
	    .http_status = status, .octets = octets, .message_id = message_id};

	asker->answered(asker->arg, asker->request, &a);
}

static void given(void *arg, int result, const struct store_answer *answer, struct bytes octets)
{
	struct waiting *w = arg;
	struct waiting **at = &w->by->first;

	while (*at != NULL && *at != w)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* each is in the list */
	*at = w->next;
	if (result == 0) {
		w->by->count->repeated++;
		say(&w->asker, known_status(answer->refusal), octets, answer->message_id);
	} else {
		w->by->count->busy++;
		say(&w->asker, HTTP_BUSY, (struct bytes){0}, NULL);
	}
	free(w);
}

static int give(struct known *k, const struct admit_asker *asker, const char *party,
    const struct store_answer *stored, struct bytes octets)
{
	struct waiting *w = malloc(sizeof *w);

	if (w == NULL)
		return RXP_ERR_NOMEM;
	*w = (struct waiting){.by = k, .next = k->first, .asker = *asker};
	k->first = w;
	reseal_give(k->reseal, party, stored, octets, given, w);
	return 0;
}

bool known_give(
    struct known *k, const struct admit_asker *asker, const char *party, const uint8_t digest[32])
{
	struct db *db = store_db(k->node->store);
	struct store_answer stored;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	rc = store_answer_of_envelope(db, &stored, &octets, party, digest);
	if (rc == 0) {
		rc = give(k, asker, party, &stored,
		    (struct bytes){.data = octets.data, .len = octets.len});
	} else if (rc == RXP_ERR_NOT_FOUND && store_quarantine_has(db, party, digest) == 0) {
		k->count->quarantined++;
		say(asker, (uint32_t)rxp_refusal_row(RXP_REFUSAL_UNOPENABLE)->http_status,
		    (struct bytes){0}, NULL);
		rc = 0;
	}
	rxp_buf_free(&octets);
	return rc == 0;
}

int known_new(struct known **out, struct node *n, struct reseal *reseal, struct admit_counts *count)
{
	struct known *k = calloc(1, sizeof *k);

	if (k == NULL)
		return RXP_ERR_NOMEM;
	*k = (struct known){.node = n, .reseal = reseal, .count = count};
	*out = k;
	return 0;
}

void known_free(struct known *k)
{
	if (k == NULL)
		return;
	while (k->first != NULL) {
		struct waiting *w = k->first;

		k->first = w->next;
		free(w);
	}
	free(k);
}
