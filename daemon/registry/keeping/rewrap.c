#include "daemon/registry/keeping/rewrap.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_claim.h"
#include "daemon/registry/store/store_epoch.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define PAUSE_MS 2 /* between two slices */
#define BUSY_MS 50 /* when the sealers have no room, or the disk none */
#define COPY_KIND STORE_WRAPPED_KINDS /* behind the kinds: boxes within copies */

/* One box under way. */
struct slot {
	struct rewrap *of;
	struct store_box box;
	struct store_box_copy copy;
	struct rxp_buf before, after; /* the box; of a copy the draft around it */
	bool made;
};

struct rewrap {
	struct node *node;
	rewrap_over *over;
	void *arg;
	struct timer *next;
	struct store_epoch epochs[STORE_EPOCHS_MAX];
	size_t n_epochs;
	size_t epoch; /* in work: 1 is the first older one */
	int kind; /* enum store_wrapped, or COPY_KIND */
	bool begun; /* behind the box `last` */
	uint8_t last[BOX_NAME_OCTETS];
	struct slot slots[REGISTRY_REWRAP_SLICE];
	size_t n, waits; /* of a slice; and how many are with the sealers */
	uint64_t left, damaged; /* in this pass */
	int64_t again_ms; /* monotonic: no pass before */
	bool busy;
	struct store_item item;
	struct rewrap_state state;
};

/* --- a pass ------------------------------------------------------------------------------------------ */

static void begin_pass(struct rewrap *r)
{
	r->epoch = 1;
	r->kind = 0;
	r->begun = false;
	r->left = r->damaged = 0;
}

static void next_kind(struct rewrap *r)
{
	r->begun = false;
	if (++r->kind > COPY_KIND) {
		r->kind = 0;
		r->epoch++;
	}
}

/* Every key that nothing needs is told; the parent destroys it, and the next set knows no more of it. */
static void tell_over(struct rewrap *r)
{
	const struct bytes checks = r->node->config.storage_checks;
	size_t at = 0;

	if (!node_may_destroy(r->node))
		return; /* the next pass tells it */
	while (store_claim_over(store_db(r->node->store), checks, at, &at) == 0)
		r->over(r->arg, checks.data + at * 32);
}

static void end_pass(struct rewrap *r)
{
	r->state.damaged = r->damaged;
	r->again_ms = clock_mono_ms() + REGISTRY_REWRAP_AGAIN_MS;
	if (r->damaged > 0)
		log_event(LOG_EPOCH_DAMAGED, LOG_N(r->damaged));
	else if (r->left == 0 && r->n_epochs > 1)
		log_event(LOG_EPOCH_REWRAPPED, LOG_N(r->state.made));
	tell_over(r);
	r->epoch = 0;
}

/* --- one slice --------------------------------------------------------------------------------------- */

static void clear_slots(struct rewrap *r)
{
	for (size_t i = 0; i < r->n; i++) {
		rxp_buf_free(&r->slots[i].before);
		rxp_buf_free(&r->slots[i].after);
	}
	r->n = 0;
}

static int put_copy(struct db *db, const struct slot *s)
{
	return store_box_copy_put(db, s->copy.local_id,
	    (struct bytes){s->before.data, s->before.len},
	    (struct bytes){s->after.data, s->after.len});
}

static int apply(void *arg, struct db *db)
{
	struct rewrap *r = arg;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->n; i++) {
		const struct slot *s = &r->slots[i];

		if (!s->made)
			continue;
		rc = r->kind == COPY_KIND
			 ? put_copy(db, s)
			 : store_box_put(db, (enum store_wrapped)r->kind, s->box.name,
			       (struct bytes){s->after.data, s->after.len});
	}
	return rc;
}

static void done(void *arg, int result)
{
	struct rewrap *r = arg;

	const bool stuck = r->kind == COPY_KIND && !r->slots[0].made;

	r->busy = false;
	for (size_t i = 0; result == 0 && i < r->n; i++)
		r->state.made += r->slots[i].made;
	if (result == 0 && r->n > 0 && r->kind != COPY_KIND) {
		memcpy(r->last, r->slots[r->n - 1].box.name, sizeof r->last);
		r->begun = true;
	}
	clear_slots(r);
	if (stuck)
		next_kind(r);
	timer_arm(r->next, result == 0 ? PAUSE_MS : BUSY_MS);
}

static void commit(struct rewrap *r)
{
	r->item = (struct store_item){.apply = apply, .done = done, .arg = r};
	store_submit(r->node->store, &r->item);
}

/* The copy again around its new box. */
static int wrap_copy(struct slot *s, struct bytes box)
{
	struct record_cursor c = {.at = s->before.data, .left = s->before.len};
	struct rec_node_history_copy copy;
	struct bytes fields;
	uint16_t tag;

	if (record_list_next(&c, &tag, &fields) != 1 ||
	    record_decode(&copy, &record_node_history_copy, fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	copy.wrapped_key = box;
	return record_list_put(&s->after, REC_node_history_copy, &record_node_history_copy, &copy);
}

static void on_made(void *arg, int result, const struct link_message *answer)
{
	struct slot *s = arg;
	struct rewrap *r = s->of;
	const struct msg_rewrapped *m = answer != NULL ? answer->body : NULL;

	if (result == 0 && m != NULL && m->result == 0)
		result = r->kind == COPY_KIND ? wrap_copy(s, m->box)
					      : rxp_buf_put(&s->after, m->box.data, m->box.len);
	else
		result = RXP_ERR_DAMAGED;
	s->made = result == 0;
	r->damaged += result != 0;
	if (--r->waits == 0)
		commit(r);
}

static int submit(struct slot *s, enum box_purpose purpose, struct bytes place, struct bytes box)
{
	const struct msg_rewrap m = {.purpose = (uint32_t)purpose, .context = place, .box = box};

	return work_submit(s->of->node->work, IPC_rewrap, &m, NULL, 0, on_made, s);
}

/* A content key is bound to who sent the document, and its MessageId. */
static int submit_copy(struct slot *s)
{
	struct record_cursor c = {.at = s->before.data, .left = s->before.len};
	struct rec_node_history_copy copy;
	uint8_t place[RXP_PARTY_TEXT - 1 + RXP_ID_OCTETS];
	struct bytes fields;
	uint16_t tag;

	if (record_list_next(&c, &tag, &fields) != 1 ||
	    record_decode(&copy, &record_node_history_copy, fields.data, fields.len) != 0)
		return RXP_ERR_DAMAGED;
	memcpy(place, s->copy.peer, RXP_PARTY_TEXT - 1);
	memcpy(place + RXP_PARTY_TEXT - 1, copy.message_id, sizeof copy.message_id);
	return submit(s, BOX_CONTENT_KEY, (struct bytes){place, sizeof place}, copy.wrapped_key);
}

/* One box more, or RXP_ERR_NOT_FOUND. */
static int find(struct rewrap *r, struct slot *s, const uint8_t *after)
{
	const uint8_t *check = r->epochs[r->epoch].check;
	struct db *db = store_db(r->node->store);

	return r->kind == COPY_KIND ? store_box_copy(db, &s->copy, &s->before, check)
				    : store_box_next(db, &s->box, &s->before,
					  (enum store_wrapped)r->kind, check, after);
}

static int fill_slot(struct rewrap *r, const uint8_t *after)
{
	struct slot *s = &r->slots[r->n];
	int rc;

	*s = (struct slot){.of = r};
	rxp_buf_init(&s->before, IPC_MESSAGE_MAX);
	rxp_buf_init(&s->after, IPC_MESSAGE_MAX);
	rc = find(r, s, after);
	if (rc == 0)
		rc = r->kind == COPY_KIND
			 ? submit_copy(s)
			 : submit(s, s->box.purpose, (struct bytes){s->box.place, s->box.place_len},
			       (struct bytes){s->before.data, s->before.len});
	if (rc == 0) {
		r->n++;
		r->waits++;
	} else {
		rxp_buf_free(&s->before);
		rxp_buf_free(&s->after);
	}
	return rc;
}

/* Those that nobody makes anew are gone soon: the pass ends, and the next one looks again. */
static bool only_waited_for(struct rewrap *r)
{
	struct store_box box;

	if (r->kind == COPY_KIND || store_box_stays((enum store_wrapped)r->kind))
		return false;
	r->left += store_box_next(store_db(r->node->store), &box, NULL, (enum store_wrapped)r->kind,
		       r->epochs[r->epoch].check, NULL) == 0;
	return true;
}

static void slice(struct rewrap *r)
{
	const size_t max = r->kind == COPY_KIND ? 1 : REGISTRY_REWRAP_SLICE;
	const uint8_t *after = r->begun ? r->last : NULL;
	int rc = only_waited_for(r) ? RXP_ERR_NOT_FOUND : 0;

	while (rc == 0 && r->n < max) {
		rc = fill_slot(r, after);
		after = r->slots[r->n > 0 ? r->n - 1 : 0].box.name;
	}
	r->busy = r->n > 0;
	if (r->busy)
		return;
	r->damaged += rc == RXP_ERR_DAMAGED;
	if (rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_DAMAGED)
		next_kind(r);
	timer_arm(r->next, rc == RXP_ERR_NOT_FOUND ? PAUSE_MS : BUSY_MS);
}

static void on_next(void *arg)
{
	struct rewrap *r = arg;

	if (r->busy || r->epoch == 0)
		return;
	if (r->epoch >= r->n_epochs)
		end_pass(r);
	else
		slice(r);
}

void rewrap_tick(struct rewrap *r)
{
	if (r->busy || r->epoch != 0 || r->node->config.storage_checks.len <= 32 ||
	    clock_mono_ms() < r->again_ms)
		return;
	begin_pass(r);
	on_next(r);
}

/* --- the module -------------------------------------------------------------------------------------- */

struct rewrap_state rewrap_state(const struct rewrap *r)
{
	return r->state;
}

int rewrap_new(struct rewrap **out, struct node *node, rewrap_over *over, void *arg)
{
	struct rewrap *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL)
		return RXP_ERR_NOMEM;
	*r = (struct rewrap){.node = node, .over = over, .arg = arg};
	rc = timer_new(&r->next, node->loop, on_next, r);
	if (rc == 0)
		rc = store_epochs(store_db(node->store), r->epochs, &r->n_epochs);
	if (rc != 0) {
		timer_free(r->next);
		free(r);
		return rc;
	}
	r->state.epochs = (uint32_t)r->n_epochs;
	*out = r;
	return 0;
}

void rewrap_free(struct rewrap *r)
{
	if (r == NULL)
		return;
	clear_slots(r);
	timer_free(r->next);
	free(r);
}
