#include "daemon/registry/peers/keys.h"

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
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define KEY_OCTETS_MAX 512 /* public part and wrapped private part */
#define RETRY_MS 5000 /* after a step that failed */

struct own_key {
	struct rec_own_key rec; /* its BYTES point into octets */
	struct rxp_buf octets;
	int64_t made_ms;
};

struct keys {
	struct node *node;
	struct keys_calls calls;
	struct own_key all[REGISTRY_KEYS_MAX];
	size_t n;
	struct store_node working; /* its BYTES point into the two buffers */
	struct rxp_buf working_part, descriptor;
	bool
	    ahead_told; /* that one of our parts is dated ahead, since the last time that none was */
	int64_t anew_ms; /* what was made before is not enough; 0: it is */
	struct timer *retry;
	bool busy; /* one step at a time */
	/* the step that is under way */
	struct store_item item;
	struct own_key made;
	struct store_node sealed;
	struct rxp_buf sealed_part, sealed_descriptor;
	uint8_t destroyed[32];
};

/* --- keys in memory ----------------------------------------------------------------------------- */

static int key_copy(struct own_key *out, const struct rec_own_key *from, int64_t made_ms)
{
	struct own_key key = {.rec = *from, .made_ms = made_ms};
	int rc;

	rxp_buf_init(&key.octets, KEY_OCTETS_MAX);
	rxp_buf_put(&key.octets, from->spki.data, from->spki.len);
	rc = rxp_buf_put(&key.octets, from->wrapped.data, from->wrapped.len);
	if (rc != 0) {
		rxp_buf_free(&key.octets);
		return rc;
	}
	key.rec.spki.data = key.octets.data;
	key.rec.wrapped.data = key.octets.data + from->spki.len;
	*out = key;
	return 0;
}

static int load_one(void *arg, const struct rec_own_key *key, int64_t made_ms)
{
	struct keys *k = arg;
	int rc = k->n == REGISTRY_KEYS_MAX ? RXP_ERR_FULL : key_copy(&k->all[k->n], key, made_ms);

	if (rc == 0)
		k->n++;
	return rc;
}

static const struct own_key *newest(const struct keys *k)
{
	const struct own_key *found = NULL;

	for (size_t i = 0; i < k->n; i++)
		if (found == NULL || k->all[i].rec.from_ms > found->rec.from_ms)
			found = &k->all[i];
	return found;
}

int keys_put(const struct keys *k, struct rxp_buf *out)
{
	for (size_t i = 0; i < k->n; i++)
		record_list_put(out, REC_own_key, &record_own_key, &k->all[i].rec);
	return rxp_buf_error(out);
}

struct bytes keys_descriptor(const struct keys *k, uint8_t root[32])
{
	memcpy(root, k->working.root, sizeof k->working.root);
	return (struct bytes){.data = k->descriptor.data, .len = k->descriptor.len};
}

struct bytes keys_working(const struct keys *k)
{
	return (struct bytes){.data = k->working_part.data, .len = k->working_part.len};
}

int64_t keys_until_ms(const struct keys *k)
{
	const struct own_key *key = newest(k);

	return key != NULL ? key->rec.until_ms : 0;
}

/* --- dates ahead --------------------------------------------------------------------------------- */

static int64_t identity_created_ms(const struct keys *k)
{
	return k->node->config.identity_created_ms;
}

static bool is_ahead(int64_t created_ms, int64_t now_ms)
{
	return created_ms > now_ms + RXP_MAX_PART_AHEAD_MS;
}

unsigned keys_ahead(const struct keys *k, int64_t now_ms)
{
	return (unsigned)is_ahead(identity_created_ms(k), now_ms) +
	       (unsigned)is_ahead(k->working.working_created_ms, now_ms);
}

static void tell_ahead(struct keys *k, int64_t now_ms)
{
	bool ahead = keys_ahead(k, now_ms) > 0;
	int64_t latest_ms = identity_created_ms(k);

	if (latest_ms < k->working.working_created_ms)
		latest_ms = k->working.working_created_ms;
	if (ahead && !k->ahead_told)
		log_event(LOG_OWN_AHEAD, LOG_N((latest_ms - now_ms) / 1000));
	k->ahead_told = ahead;
}

/* --- steps -------------------------------------------------------------------------------------- */

static void step_failed(struct keys *k)
{
	k->busy = false;
	timer_arm(k->retry, RETRY_MS);
}

static void step_done(struct keys *k)
{
	k->busy = false;
	keys_tick(k);
}

static void tell_descriptor(struct keys *k)
{
	struct msg_own_descriptor m = {
	    .octets = {.data = k->descriptor.data, .len = k->descriptor.len}};

	if (link_request(k->node->gateway, IPC_own_descriptor, &m, NULL, 0, NULL) != 0)
		node_fail(k->node, "own descriptor", RXP_ERR_FULL);
}

static void commit(struct keys *k, store_apply *apply, store_done *done)
{
	k->item = (struct store_item){.apply = apply, .done = done, .arg = k};
	store_submit(k->node->store, &k->item);
}

static int make_apply(void *arg, struct db *db)
{
	struct keys *k = arg;

	return store_key_add(db, &k->made.rec, k->made.made_ms);
}

static void make_done(void *arg, int result)
{
	struct keys *k = arg;

	if (result != 0) {
		rxp_buf_free(&k->made.octets);
		step_failed(k);
		return;
	}
	k->all[k->n++] = k->made;
	rxp_buf_init(&k->made.octets, KEY_OCTETS_MAX);
	log_event(LOG_KEY_MADE, LOG_X(k->made.rec.key_id, sizeof k->made.rec.key_id));
	k->calls.changed(k->calls.arg); /* before any peer can learn of the key */
	step_done(k);
}

/* A peer whose clock is slow finds the key in use too. */
static void key_made(void *arg, int result, const struct link_message *answer)
{
	struct keys *k = arg;
	const struct msg_key_made *m = answer != NULL ? answer->body : NULL;
	int64_t now = clock_wall_ms();
	struct rec_own_key rec = {.from_ms = now - RXP_MAX_CLOCK_AHEAD_MS,
	    .until_ms = now + REGISTRY_KEY_USE_MS,
	    .destroy_ms = now + REGISTRY_KEY_USE_MS + REGISTRY_KEY_KEEP_MS};

	if (result != 0 || m == NULL || m->result != 0) {
		step_failed(k);
		return;
	}
	memcpy(rec.key_id, m->key_id, sizeof rec.key_id);
	rec.spki = m->spki;
	rec.wrapped = m->wrapped;
	if (key_copy(&k->made, &rec, now) != 0)
		step_failed(k);
	else
		commit(k, make_apply, make_done);
}

static int seal_apply(void *arg, struct db *db)
{
	struct keys *k = arg;

	return store_node_working(db, &k->sealed);
}

static void seal_done(void *arg, int result)
{
	struct keys *k = arg;

	if (result != 0) {
		rxp_buf_free(&k->sealed_part);
		rxp_buf_free(&k->sealed_descriptor);
		step_failed(k);
		return;
	}
	rxp_buf_free(&k->working_part);
	rxp_buf_free(&k->descriptor);
	k->working = k->sealed;
	k->working_part = k->sealed_part;
	k->descriptor = k->sealed_descriptor;
	rxp_buf_init(&k->sealed_part, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&k->sealed_descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	tell_descriptor(k);
	k->calls.described(k->calls.arg);
	step_done(k);
}

static void working_sealed(void *arg, int result, const struct link_message *answer)
{
	struct keys *k = arg;
	const struct msg_working_sealed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0) {
		rxp_buf_put(&k->sealed_part, m->working.data, m->working.len);
		rxp_buf_put(&k->sealed_descriptor, m->descriptor.data, m->descriptor.len);
		memcpy(k->sealed.root, m->root, sizeof k->sealed.root);
		rc = rxp_buf_error(&k->sealed_part) != 0 ? RXP_ERR_NOMEM
							 : rxp_buf_error(&k->sealed_descriptor);
	}
	if (rc != 0) {
		rxp_buf_free(&k->sealed_part);
		rxp_buf_free(&k->sealed_descriptor);
		step_failed(k);
		return;
	}
	k->sealed.working = (struct bytes){.data = k->sealed_part.data, .len = k->sealed_part.len};
	k->sealed.descriptor =
	    (struct bytes){.data = k->sealed_descriptor.data, .len = k->sealed_descriptor.len};
	commit(k, seal_apply, seal_done);
}

static int destroy_apply(void *arg, struct db *db)
{
	struct keys *k = arg;

	return store_key_destroy(db, k->destroyed);
}

/* The octets go from the file by secure_delete, and from the write-ahead log by its truncation. */
static void destroy_done(void *arg, int result)
{
	struct keys *k = arg;

	if (result != 0 || db_checkpoint(store_db(k->node->store)) != 0) {
		step_failed(k);
		return;
	}
	for (size_t i = 0; i < k->n; i++) {
		if (memcmp(k->all[i].rec.key_id, k->destroyed, sizeof k->destroyed) != 0)
			continue;
		rxp_buf_free(&k->all[i].octets);
		k->all[i] = k->all[--k->n];
		break;
	}
	log_event(LOG_KEY_DESTROYED, LOG_X(k->destroyed, sizeof k->destroyed));
	k->calls.changed(k->calls.arg);
	step_done(k);
}

/* --- what is due -------------------------------------------------------------------------------- */

static bool start_destroy(struct keys *k, int64_t now)
{
	for (size_t i = 0; i < k->n; i++) {
		if (k->all[i].rec.destroy_ms > now || !node_may_destroy(k->node))
			continue;
		memcpy(k->destroyed, k->all[i].rec.key_id, sizeof k->destroyed);
		k->busy = true;
		commit(k, destroy_apply, destroy_done);
		return true;
	}
	return false;
}

static bool start_make(struct keys *k, int64_t now)
{
	const struct own_key *key = newest(k);
	struct msg_make_key m = {0};

	if ((key != NULL && now < key->made_ms + REGISTRY_KEY_MAKE_MS &&
		key->made_ms >= k->anew_ms) ||
	    k->n == REGISTRY_KEYS_MAX)
		return false;
	k->busy = true;
	if (work_submit(k->node->work, IPC_make_key, &m, NULL, 0, key_made, k) != 0)
		step_failed(k);
	return true;
}

static bool is_of_identity(const struct keys *k)
{
	const struct msg_registry_config *own = &k->node->config;

	return k->working.working_created_ms != 0 &&
	       k->working.identity_serial == own->identity_serial &&
	       memcmp(k->working.identity, own->identity, sizeof own->identity) == 0;
}

static bool sealed_is_current(const struct keys *k)
{
	const struct own_key *key = newest(k);

	return is_of_identity(k) && (key == NULL || key->made_ms < k->working.working_created_ms);
}

/* How many keys begin later than that one, or at the same time and were made behind it. */
static size_t count_later(const struct keys *k, size_t than)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n; i++)
		n += k->all[i].rec.from_ms > k->all[than].rec.from_ms ||
		     (i > than && k->all[i].rec.from_ms == k->all[than].rec.from_ms);
	return n;
}

/* Keys in force now or later, with the boxes of their private parts, by which a sealer sees that they are our own: the latest that
 * a part has room for, also where each of many losses made one (keys_anew()). What is encrypted to one of the others opens all the same. */
static int put_public(const struct keys *k, struct rxp_buf *out, int64_t now)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct rec_own_key rec = k->all[i].rec;

		if (rec.until_ms > now && count_later(k, i) < RXP_MAX_AGREEMENT_KEYS)
			record_list_put(out, REC_own_key, &record_own_key, &rec);
	}
	return rxp_buf_error(out);
}

static void start_seal(struct keys *k, int64_t now)
{
	const struct msg_registry_config *own = &k->node->config;
	const struct own_key *key = newest(k);
	struct msg_seal_working m = {.created_ms = now};
	struct rxp_buf rows;

	if (sealed_is_current(k) || key == NULL)
		return;
	/* Later than its keys and than the part before, also when the clock went back. */
	if (m.created_ms <= key->made_ms)
		m.created_ms = key->made_ms + 1;
	if (m.created_ms <= k->working.working_created_ms)
		m.created_ms = k->working.working_created_ms + 1;
	k->sealed = (struct store_node){
	    .identity_serial = own->identity_serial, .working_created_ms = m.created_ms};
	memcpy(k->sealed.identity, own->identity, sizeof k->sealed.identity);
	rxp_buf_init(&rows, RXP_MAX_PART_OCTETS);
	k->busy = true;
	if (put_public(k, &rows, now) == 0) {
		m.keys = (struct bytes){.data = rows.data, .len = rows.len};
		if (work_submit(k->node->work, IPC_seal_working, &m, NULL, 0, working_sealed, k) !=
		    0)
			step_failed(k);
	} else {
		step_failed(k);
	}
	rxp_buf_free(&rows);
}

/* While there is no descriptor peers wait for it, and old keys for their end. */
void keys_tick(struct keys *k)
{
	int64_t now = clock_wall_ms();

	tell_ahead(k, now);
	if (k->busy || timer_armed(k->retry))
		return;
	if ((k->descriptor.len == 0 || !start_destroy(k, now)) && !start_make(k, now))
		start_seal(k, now);
}

static void on_retry(void *arg)
{
	keys_tick(arg);
}

void keys_anew(struct keys *k, int64_t since_ms)
{
	if (since_ms > k->anew_ms)
		k->anew_ms = since_ms;
	keys_tick(k);
}

/* --- the module --------------------------------------------------------------------------------- */

int keys_new(struct keys **out, struct node *n, const struct keys_calls *calls)
{
	struct keys *k = calloc(1, sizeof *k);
	struct db *db = store_db(n->store);
	int rc = RXP_ERR_NOMEM;

	if (k == NULL)
		return rc;
	k->node = n;
	k->calls = *calls;
	rxp_buf_init(&k->working_part, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&k->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&k->sealed_part, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&k->sealed_descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	if ((rc = timer_new(&k->retry, n->loop, on_retry, k)) != 0 ||
	    (rc = store_key_each(db, load_one, k)) != 0 ||
	    (rc = store_node_get(db, &k->working, &k->working_part, &k->descriptor)) != 0) {
		keys_free(k);
		return rc;
	}
	/* That of a former identity part lists keys that are in use no more, and may lack those that are: whoever asks waits for the
	 * one that is sealed next. */
	if (!is_of_identity(k)) {
		rxp_buf_reset(&k->working_part);
		rxp_buf_reset(&k->descriptor);
	}
	if (k->descriptor.len > 0)
		tell_descriptor(k);
	*out = k;
	return 0;
}

void keys_free(struct keys *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++)
		rxp_buf_free(&k->all[i].octets);
	rxp_buf_free(&k->made.octets);
	rxp_buf_free(&k->sealed_part);
	rxp_buf_free(&k->sealed_descriptor);
	rxp_buf_free(&k->working_part);
	rxp_buf_free(&k->descriptor);
	timer_free(k->retry);
	free(k);
}
