#include "daemon/registry/in/reseal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

/* One answer that a sealer looks at, or whose new octets are being stored. */
struct giving {
	struct reseal *by;
	struct giving *next;
	char peer[4];
	struct store_answer answer;
	struct rxp_buf before, now; /* now: empty if before stands */
	reseal_done *done;
	void *arg;
	struct store_item item;
};

struct reseal {
	struct node *node;
	struct giving *first;
};

static void giving_free(struct giving *g)
{
	rxp_buf_free(&g->before);
	rxp_buf_free(&g->now);
	free(g);
}

static void finish(struct giving *g, int result)
{
	const struct rxp_buf *octets = g->now.len > 0 ? &g->now : &g->before;
	struct giving **at = &g->by->first;

	while (*at != NULL && *at != g)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* each is in the list */
	*at = g->next;
	g->done(g->arg, result, &g->answer,
	    (struct bytes){.data = octets->data, .len = result == 0 ? octets->len : 0});
	giving_free(g);
}

static int apply(void *arg, struct db *db)
{
	struct giving *g = arg;

	return store_answer_reseal(db, g->peer, &g->answer,
	    (struct bytes){.data = g->before.data, .len = g->before.len},
	    (struct bytes){.data = g->now.data, .len = g->now.len});
}

/* With EXISTS another request had it sealed meanwhile: everybody gets the same octets. */
static void committed(void *arg, int result)
{
	struct giving *g = arg;
	char id[RXP_ID_TEXT];

	if (result == RXP_ERR_EXISTS) {
		rxp_buf_reset(&g->now);
		result = store_answer_of_document(store_db(g->by->node->store), &g->answer, &g->now,
		    g->peer, g->answer.message_id, g->answer.fingerprint);
	} else if (result == 0) {
		rxp_id_text(id, g->answer.message_id);
		log_event(LOG_ANSWER_RESEALED, LOG_S(g->peer), LOG_S(id));
	}
	finish(g, result);
}

static void resealed(void *arg, int result, const struct link_message *answer)
{
	struct giving *g = arg;
	const struct msg_answer_resealed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0)
		rc = rxp_buf_put(&g->now, m->octets.data, m->octets.len);
	if (rc != 0 || g->now.len == 0) {
		finish(g, rc);
		return;
	}
	g->item = (struct store_item){.apply = apply, .done = committed, .arg = g};
	store_submit(g->by->node->store, &g->item);
}

static int giving_new(struct giving **out, struct reseal *r, const char *peer,
    const struct store_answer *answer, struct bytes octets)
{
	struct giving *g = calloc(1, sizeof *g);
	int rc;

	if (g == NULL)
		return RXP_ERR_NOMEM;
	g->by = r;
	memcpy(g->peer, peer, sizeof g->peer);
	g->answer = *answer;
	rxp_buf_init(&g->before, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&g->now, RXP_MAX_ANSWER_OCTETS);
	rc = rxp_buf_put(&g->before, octets.data, octets.len);
	if (rc == 0)
		*out = g;
	else
		giving_free(g);
	return rc;
}

/* So that one peer does not keep others from theirs. */
static bool has_place(const struct reseal *r, const char *peer)
{
	size_t n = 0;

	for (const struct giving *g = r->first; g != NULL; g = g->next)
		n += strcmp(g->peer, peer) == 0;
	return n < REGISTRY_PEER_ADMITS_MAX;
}

static int begin(struct reseal *r, const char *peer, const struct store_answer *answer,
    struct bytes octets, reseal_done *done, void *arg)
{
	const struct msg_reseal_answer q = {.now_ms = clock_wall_ms(), .octets = octets};
	struct giving *g = NULL;
	int rc = has_place(r, peer) ? giving_new(&g, r, peer, answer, octets) : RXP_ERR_FULL;

	if (rc != 0)
		return rc;
	g->done = done;
	g->arg = arg;
	rc = work_submit(r->node->work, IPC_reseal_answer, &q, NULL, 0, resealed, g);
	if (rc != 0) {
		giving_free(g);
		return rc;
	}
	g->next = r->first;
	r->first = g;
	return 0;
}

void reseal_give(struct reseal *r, const char *peer, const struct store_answer *answer,
    struct bytes octets, reseal_done *done, void *arg)
{
	int rc = 0;

	if (r->node->config.reseals == 0) {
		done(arg, 0, answer, octets);
		return;
	}
	rc = begin(r, peer, answer, octets, done, arg);
	if (rc != 0)
		done(arg, rc, answer, (struct bytes){0});
}

int reseal_new(struct reseal **out, struct node *n)
{
	struct reseal *r = calloc(1, sizeof *r);

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->node = n;
	*out = r;
	return 0;
}

void reseal_free(struct reseal *r)
{
	struct giving *g;

	if (r == NULL)
		return;
	while ((g = r->first) != NULL) {
		r->first = g->next;
		giving_free(g);
	}
	free(r);
}
