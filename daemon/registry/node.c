#include "daemon/registry/node.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/work.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/desk/collect.h"
#include "daemon/registry/desk/desk.h"
#include "daemon/registry/desk/desk_file.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/desk/file_read.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/in/peer_file.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/out/schedule.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/files/tidy.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

int node_digest(uint8_t out[32], const void *octets, size_t len)
{
	uint8_t made[EVP_MAX_MD_SIZE];

	if (EVP_Digest(octets, len, made, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	memcpy(out, made, 32);
	return 0;
}

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_bytes_ex(NULL, out, len, 0) == 1 ? 0 : RXP_ERR_CRYPTO;
}

static int status_of(int why)
{
	if (why == RXP_ERR_CLOSED)
		return NODE_STATUS_QUIET;
	return why == RXP_ERR_CONFIG ? NODE_STATUS_CONFIG : NODE_STATUS_FAILED;
}

void node_fail(struct node *n, const char *what, int why)
{
	if (n->ended)
		return;
	n->ended = true;
	if (why != RXP_ERR_CLOSED) /* who ended first has its own line */
		log_event(LOG_ROLE_FAILED, LOG_S(what), LOG_S(rxp_err_text(why)));
	n->config.end(n->config.arg, status_of(why));
}

void node_sealer_died(struct node *n, uint32_t number)
{
	n->sealers_lost++;
	work_sealer_died(n->work, number);
}

/* --- links --------------------------------------------------------------------------------------- */

static void on_gateway(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;

	(void)l;
	if (m->type == IPC_admit)
		admit_take(n->admit, m->request, m->body);
	else if (m->type == IPC_delivery)
		outbox_delivery(n->outbox, m->request, m->body);
	else if (m->type == IPC_stage)
		peer_file_stage(n->peer_files, m->request, m->body);
	else if (m->type == IPC_stage_end)
		peer_file_stage_end(n->peer_files, m->request, m->body);
	else if (m->type == IPC_uploaded)
		ferry_uploaded(n->ferry, m->request, m->body);
	else
		peers_contact(n->peers, ((const struct msg_contact *)m->body)->party);
}

static void on_desk(void *arg, struct link *l, const struct link_message *m)
{
	struct node *n = arg;

	(void)l;
	desk_take(n->desk, m);
}

/* The parent ends the set when one of the others goes; so does this process. */
static void on_closed(void *arg, struct link *l, int why)
{
	struct node *n = arg;

	if (why != RXP_ERR_CLOSED)
		log_event(LOG_LINK_BROKEN, LOG_S(l == n->gateway ? "gateway" : "desk"),
		    LOG_S(rxp_err_text(why)));
	node_fail(n, "link", why);
}

static void on_work_lost(void *arg, int why)
{
	node_fail(arg, "sealers", why);
}

static int join(
    struct node *n, struct link **out, int fd, enum ipc_role peer, link_handler *handler)
{
	const struct link_config config = {.fd = fd,
	    .self = IPC_REGISTRY,
	    .peer = peer,
	    .handler = handler,
	    .closed = on_closed,
	    .arg = n};
	int rc = link_new(out, n->loop, &config);

	if (rc != 0)
		close(fd);
	return rc;
}

static int join_all(struct node *n, const struct node_config *c)
{
	int rc = join(n, &n->gateway, c->gateway_fd, IPC_GATEWAY, on_gateway);
	int rc2 = join(n, &n->desk_link, c->desk_fd, IPC_DESK, on_desk);
	int rc3 = work_new(&n->work, n->loop, c->sealers_fd, IPC_REGISTRY, on_work_lost, n);

	if (rc3 != 0)
		close(c->sealers_fd);
	return rc != 0 ? rc : (rc2 != 0 ? rc2 : rc3);
}

/* --- rounds -------------------------------------------------------------------------------------- */

/* What a round brought in shares its commits; what the commits release goes on in the same round. */
static void on_round(void *arg)
{
	struct node *n = arg;

	do {
		admit_round(n->admit);
		schedule_round(n->schedule);
		ferry_round(n->ferry);
		store_round(n->store);
		admit_round(n->admit);
		schedule_round(n->schedule);
		ferry_round(n->ferry);
	} while (store_waiting(n->store) && !store_lost(n->store));
	desk_round(n->desk);
	if (store_lost(n->store))
		node_fail(n, "database", RXP_ERR_IO);
}

static void on_tick(void *arg)
{
	struct node *n = arg;

	schedule_tick(n->schedule);
	keys_tick(n->keys);
	tidy_tick(n->tidy);
	timer_arm(n->tick, n->config.test_clock ? REGISTRY_TEST_TICK_MS : REGISTRY_TICK_MS);
}

/* --- beginning and end --------------------------------------------------------------------------- */

/* The data belong to one party for ever. */
static int claim_data(struct node *n)
{
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
		return store_node_add(db, n->own, n->config.own.test_node != 0);
	if (rc == 0 &&
	    (strcmp(row.own, n->own) != 0 || row.test_node != (n->config.own.test_node != 0)))
		rc = RXP_ERR_MISMATCH;
	return rc;
}

/* What a person has to do something about before any process can go on. */
static const struct {
	int why;
	const char *words;
} lasting[] = {
    {RXP_ERR_EXISTS, "another daemon uses this data directory"},
    {RXP_ERR_UNSUPPORTED, "the data were written by a newer version"},
    {RXP_ERR_MISMATCH, "the data belong to another party"},
    {RXP_ERR_DAMAGED, "the database is damaged: keep a copy, restore a backup"},
};

static int open_data(struct node *n)
{
	int rc = store_open(&n->store);

	if (rc == 0)
		rc = claim_data(n);
	for (size_t i = 0; i < sizeof lasting / sizeof lasting[0]; i++) {
		if (rc == lasting[i].why) {
			log_event(LOG_ROLE_FAILED, LOG_S("data"), LOG_S(lasting[i].words));
			return RXP_ERR_CONFIG;
		}
	}
	if (rc != 0)
		log_event(LOG_ROLE_FAILED, LOG_S("data"), LOG_S(rxp_err_text(rc)));
	return rc;
}

static int make_modules(struct node *n)
{
	int rc;

	if ((rc = peers_new(&n->peers, n)) != 0 || (rc = keys_new(&n->keys, n)) != 0 ||
	    (rc = schedule_new(&n->schedule, n)) != 0 || (rc = outbox_new(&n->outbox, n)) != 0 ||
	    (rc = ferry_new(&n->ferry, n)) != 0 || (rc = desk_file_new(&n->desk_files, n)) != 0 ||
	    (rc = file_read_new(&n->file_reads, n)) != 0 ||
	    (rc = peer_file_new(&n->peer_files, n)) != 0 || (rc = tidy_new(&n->tidy, n)) != 0 ||
	    (rc = admit_new(&n->admit, n)) != 0 || (rc = collect_new(&n->collect, n)) != 0 ||
	    (rc = desk_new(&n->desk, n)) != 0 ||
	    (rc = timer_new(&n->tick, n->loop, on_tick, n)) != 0)
		log_event(LOG_ROLE_FAILED, LOG_S("data"), LOG_S(rxp_err_text(rc)));
	return rc;
}

int node_new(struct node **out, const struct node_config *config)
{
	struct node *n = calloc(1, sizeof *n);
	int rc;

	if (n == NULL)
		return RXP_ERR_NOMEM;
	n->config = *config;
	n->loop = config->loop;
	n->random = (struct rxp_random){.fill = fill};
	memcpy(n->own, config->own.own, sizeof n->own);
	if ((rc = join_all(n, config)) != 0 || (rc = open_data(n)) != 0 ||
	    (rc = make_modules(n)) != 0) {
		node_free(n);
		return rc;
	}
	peers_publish(n->peers);
	keys_tick(n->keys);
	timer_arm(n->tick, config->test_clock ? REGISTRY_TEST_TICK_MS : REGISTRY_TICK_MS);
	loop_on_round(n->loop, on_round, n);
	*out = n;
	return 0;
}

void node_free(struct node *n)
{
	if (n == NULL)
		return;
	timer_free(n->tick);
	desk_free(n->desk);
	tidy_free(n->tidy);
	peer_file_free(n->peer_files);
	desk_file_free(n->desk_files);
	file_read_free(n->file_reads);
	ferry_free(n->ferry);
	collect_free(n->collect);
	admit_free(n->admit);
	outbox_free(n->outbox);
	schedule_free(n->schedule);
	keys_free(n->keys);
	peers_free(n->peers);
	store_close(n->store);
	work_free(n->work);
	link_free(n->desk_link);
	link_free(n->gateway);
	free(n);
}
