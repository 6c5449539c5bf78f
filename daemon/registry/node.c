#include "daemon/registry/node.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_claim.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

int node_digest(uint8_t out[32], const void *octets, size_t len)
{
	uint8_t made[EVP_MAX_MD_SIZE];

	if (EVP_Digest(octets, len, made, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	memcpy(out, made, 32);
	return 0;
}

int64_t node_time_told(int64_t told_ms, int64_t since_ms)
{
	int64_t now = clock_wall_ms();

	return told_ms > now || told_ms < since_ms ? now : told_ms;
}

/* Where the database does not say, nothing is. */
bool node_may_send(const struct node *n, const char *peer)
{
	bool differs = true;

	return n->proved.sends && !n->proved.unkept &&
	       store_difference_sends(store_db(n->store), &differs, peer) == 0 && !differs;
}

bool node_may_destroy(const struct node *n)
{
	bool differs = true;

	return n->proved.all && !n->proved.unkept &&
	       store_difference_own(store_db(n->store), &differs) == 0 && !differs;
}

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_bytes_ex(NULL, out, len, 0) == 1 ? 0 : RXP_ERR_CRYPTO;
}

void node_fail(struct node *n, const char *what, int why)
{
	if (n->ended)
		return;
	n->ended = true;
	if (why != RXP_ERR_CLOSED) /* who ended first has its own line */
		log_event(LOG_ROLE_FAILED, LOG_S(what), LOG_S(rxp_err_text(why)));
	n->end(n->end_arg, why == RXP_ERR_CLOSED ? NODE_STATUS_QUIET : NODE_STATUS_FAILED);
}

/* What was served once is known to peers, who take no step back (RXP-DSC-034). */
static bool goes_on(const struct msg_registry_config *c, const struct store_node *served)
{
	return served->working_created_ms == 0 || c->identity_serial > served->identity_serial ||
	       (c->identity_serial == served->identity_serial &&
		   memcmp(c->identity, served->identity, sizeof c->identity) == 0);
}

/* RXP_ERR_STATE, after all else: the identity is an older one. */
static int claim_row(struct node *n)
{
	const struct msg_registry_config *c = &n->config;
	struct db *db = store_db(n->store);
	struct store_node row;
	struct rxp_buf working, descriptor;
	int rc;

	rxp_buf_init(&working, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = store_node_get(db, &row, &working, &descriptor);
	rxp_buf_free(&working);
	rxp_buf_free(&descriptor);
	if (rc == RXP_ERR_NOT_FOUND)
		return c->rehearsal ? 0 : store_node_add(db, n->own, c->test_node != 0);
	if (rc == 0 && (strcmp(row.own, n->own) != 0 || row.test_node != (c->test_node != 0)))
		rc = RXP_ERR_MISMATCH;
	return rc == 0 && !goes_on(c, &row) ? RXP_ERR_STATE : rc;
}

/* The data belong to one party for ever, and to the storage keys of their epochs (RXP-RET-014). */
static int claim_data(struct node *n)
{
	uint64_t begun = 0;
	int row = claim_row(n);
	bool look = n->config.rehearsal != 0 || row != 0;
	int rc = row == RXP_ERR_STATE ? 0 : row;

	if (rc == 0)
		rc = store_claim(
		    store_db(n->store), n->config.storage_checks, look, clock_wall_ms(), &begun);
	if (begun > 1)
		log_event(LOG_EPOCH_BEGUN, LOG_N(begun));
	return rc != 0 ? rc : row;
}

/* What a person has to do something about before any process can go on. */
static const struct {
	int code;
	enum unfit why;
} lasting[] = {
    {RXP_ERR_EXISTS, UNFIT_DATA_USED},
    {RXP_ERR_NOT_FOUND, UNFIT_DATA_GONE},
    {RXP_ERR_UNSUPPORTED, UNFIT_DATA_NEWER},
    {RXP_ERR_SCHEMA, UNFIT_DATA_SHAPE},
    {RXP_ERR_MISMATCH, UNFIT_DATA_PARTY},
    {RXP_ERR_KEY, UNFIT_STORAGE_OTHER},
    {RXP_ERR_STATE, UNFIT_IDENTITY_OLDER},
    {RXP_ERR_DAMAGED, UNFIT_DATA_DAMAGED},
};

/* Whoever reads the log is to know that something of later is missing. */
static int look_put_back(const struct node *n)
{
	char at[RXP_TIME_TEXT];
	int64_t at_ms;
	int rc = store_put_back_get(store_db(n->store), &at_ms);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	if (at_ms < 0 || at_ms > RXP_MAX_TIME_MS)
		return RXP_ERR_DAMAGED;
	rxp_time_text(at, at_ms);
	log_event(LOG_DATA_PUT_BACK, LOG_S(at));
	return 0;
}

int node_open_data(struct node *n, enum unfit *why)
{
	int rc;

	if (access("restore/ready", F_OK) == 0) {
		*why = UNFIT_DATA_RESTORING;
		return RXP_ERR_CONFIG;
	}
	rc = store_open(&n->store);
	if (rc == 0)
		rc = db_follow(store_db(n->store), n->config.table_keys);
	if (rc == 0)
		rc = claim_data(n);
	if (rc == 0)
		rc = look_put_back(n);
	for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++) {
		if (rc == lasting[i].code) {
			*why = lasting[i].why;
			return RXP_ERR_CONFIG;
		}
	}
	if (rc != 0)
		log_event(LOG_ROLE_FAILED, LOG_S("data"), LOG_S(rxp_err_text(rc)));
	return rc;
}

/* The octets of the message go with it. */
static void keep(uint8_t *to, size_t max, struct bytes *octets)
{
	octets->len = octets->len < max ? octets->len : max;
	if (octets->len > 0)
		memcpy(to, octets->data, octets->len);
	octets->data = to;
}

void node_init(struct node *n, const struct msg_registry_config *config, struct loop *loop,
    node_end_fn *end, void *arg)
{
	*n = (struct node){
	    .config = *config, .loop = loop, .random = {.fill = fill}, .end = end, .end_arg = arg};
	n->started_mono = clock_mono_ms();
	memcpy(n->own, config->own, sizeof n->own);
	keep(n->storage_checks, sizeof n->storage_checks, &n->config.storage_checks);
	keep(n->table_keys, sizeof n->table_keys, &n->config.table_keys);
	keep(n->revoked, sizeof n->revoked, &n->config.revoked);
}

void node_clear(struct node *n)
{
	store_close(n->store);
	OPENSSL_cleanse(n->table_keys, sizeof n->table_keys);
	work_free(n->work);
	link_free(n->desk);
	link_free(n->gateway);
}
