#include "daemon/registry/out/ferry.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/err.h"

#define HTTP_OK 200 /* the peer held all of it before */
#define HTTP_CREATED 201
#define HTTP_SERVER_FAILS 500 /* from here on the peer's node fails, and not this message */

/* One attachment at the gateway. */
struct passage {
	uint64_t request; /* 0: there is none */
	uint32_t number;
	uint8_t digest[32];
};

/* The attachments of one message. */
struct crossing {
	struct crossing *next;
	struct peer *peer;
	uint8_t local_id[16];
	uint32_t number; /* of the attachment that is next */
	bool all; /* none is next any more: all are begun, or one of them failed */
	struct passage under_way[REGISTRY_UPLOADS_PER_MESSAGE];
	bool further; /* the peer holds more of it than was known */
	enum ferry_outcome outcome; /* to be told once nothing is under way */
	char why[RECORD_NAME_MAX];
	ferry_done *done;
	void *arg;
};

struct ferry {
	struct node *node;
	struct crossing *first, **end; /* in order */
	bool kicked; /* there may be room for one that waits */
};

static unsigned under_way(const struct crossing *c)
{
	unsigned n = 0;

	for (size_t i = 0; i < REGISTRY_UPLOADS_PER_MESSAGE; i++)
		n += c->under_way[i].request != 0;
	return n;
}

static struct passage *passage_of(struct crossing *c, uint64_t request)
{
	for (size_t i = 0; i < REGISTRY_UPLOADS_PER_MESSAGE; i++)
		if (c->under_way[i].request == request)
			return &c->under_way[i];
	return NULL;
}

/* Nothing more of it is begun; the first reason counts. */
static void stop(struct crossing *c, enum ferry_outcome outcome, const char *why)
{
	c->all = true;
	if (c->outcome != FERRY_ALL)
		return;
	c->outcome = outcome;
	snprintf(c->why, sizeof c->why, "%s", why);
}

/* Does nothing while something of it is under way: whoever is told may begin it anew. */
static void finish(struct ferry *f, struct crossing *c)
{
	struct crossing **at = &f->first;

	if (!c->all || under_way(c) > 0)
		return;
	while (*at != NULL && *at != c)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every crossing is in the list */
	*at = c->next;
	if (f->end == &c->next)
		f->end = at;
	f->kicked = true;
	if (c->outcome == FERRY_PEER && c->further)
		c->outcome = FERRY_FURTHER;
	c->done(c->arg, c->outcome, c->why);
	free(c);
}

/* --- sending ------------------------------------------------------------------------------------- */

static bool has_room(const struct ferry *f, const struct peer *peer)
{
	unsigned n = 0;

	for (const struct crossing *c = f->first; c != NULL; c = c->next)
		n += c->peer == peer ? under_way(c) : 0;
	return n < REGISTRY_UPLOADS_PER_PEER && link_has_room(f->node->gateway, IPC_upload);
}

static int send_file(
    struct ferry *f, const struct crossing *c, const struct store_file *row, uint64_t *request)
{
	struct msg_upload q = {.length = row->ciphertext_length};
	char path[FILE_PATH_MAX];
	int fd, rc;

	file_path_whole(path, row->party, row->ciphertext_digest);
	rc = file_open(path, &fd);
	if (rc != 0)
		return rc;
	memcpy(q.peer, c->peer->party, sizeof q.peer);
	memcpy(q.digest, row->ciphertext_digest, sizeof q.digest);
	rc = link_request(f->node->gateway, IPC_upload, &q, &fd, 1, request);
	close(fd);
	return rc == 0 ? 0 : RXP_ERR_IO;
}

/* The next attachment, for which there is a passage, or the end. */
static void go(struct ferry *f, struct crossing *c)
{
	struct passage *p = passage_of(c, 0);
	struct store_file row;
	int rc =
	    store_file_of_message(store_db(f->node->store), &row, NULL, c->local_id, c->number);

	if (p == NULL)
		abort(); /* fewer than REGISTRY_UPLOADS_PER_MESSAGE are under way */
	if (rc == RXP_ERR_NOT_FOUND) {
		stop(c, FERRY_ALL, "");
		return;
	}
	if (rc == 0)
		rc = send_file(f, c, &row, &p->request);
	if (rc == 0) {
		p->number = c->number++;
		memcpy(p->digest, row.ciphertext_digest, sizeof p->digest);
	} else if (rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_DAMAGED) {
		stop(c, FERRY_MESSAGE, "the file of an attachment is missing");
	} else {
		stop(c, FERRY_OWN, "");
	}
}

/* One more of each message of which so many are under way. */
static void round_of(struct ferry *f, unsigned n)
{
	struct crossing *next;

	for (struct crossing *c = f->first; c != NULL; c = next) {
		next = c->next;
		if (!c->all && under_way(c) == n && has_room(f, c->peer))
			go(f, c);
		finish(f, c);
	}
}

void ferry_round(struct ferry *f)
{
	while (f->kicked) {
		f->kicked = false;
		for (unsigned n = 0; n < REGISTRY_UPLOADS_PER_MESSAGE; n++)
			round_of(f, n);
	}
}

/* --- the answer ---------------------------------------------------------------------------------- */

/* What waits to go the same way would fail alike. */
static void stop_all_of_peer(struct ferry *f, const struct peer *peer, const char *why)
{
	struct crossing *next;

	for (struct crossing *c = f->first; c != NULL; c = next) {
		next = c->next;
		if (under_way(c) > 0 || c->peer != peer)
			continue;
		stop(c, FERRY_PEER, why);
		finish(f, c);
	}
}

/* What is known of that attachment, or an empty place. What is known is not given up for more: else of many that
 * take turns nothing would ever be known. NULL: there is no place. */
static struct peer_held *held_of(struct peer *peer, const uint8_t digest[32], int64_t mono)
{
	struct peer_held *place = NULL;

	for (size_t i = 0; i < REGISTRY_HELDS_MAX; i++) {
		struct peer_held *h = &peer->held[i];

		if (h->until_mono <= mono)
			*h = (struct peer_held){0};
		if (h->until_mono != 0 && memcmp(h->digest, digest, sizeof h->digest) == 0)
			return h;
		if (h->until_mono == 0)
			place = h;
	}
	return place;
}

/* Does the peer hold more of it than was known? Keeps what is known now. */
static bool went_further(struct peer *peer, const struct passage *p, uint64_t held)
{
	int64_t now = clock_mono_ms();
	struct peer_held *h = held_of(peer, p->digest, now);
	bool further = h != NULL && held > h->octets;

	if (h != NULL) {
		memcpy(h->digest, p->digest, sizeof h->digest);
		h->octets = held > h->octets ? held : h->octets;
		h->until_mono = now + REGISTRY_HELD_KNOWN_MS;
	}
	return further;
}

static void forget(struct peer *peer, const struct passage *p)
{
	struct peer_held *h = held_of(peer, p->digest, clock_mono_ms());

	if (h != NULL)
		*h = (struct peer_held){0};
}

/* What it says of that attachment; why: words, unless it is FERRY_ALL. */
static enum ferry_outcome judge(
    char why[RECORD_NAME_MAX], uint32_t number, const struct msg_uploaded *m)
{
	if (m->outcome != 0) {
		snprintf(why, RECORD_NAME_MAX, "%s", m->transport);
		return FERRY_PEER;
	}
	snprintf(why, RECORD_NAME_MAX, "attachment %u not taken, HTTP status %u", (unsigned)number,
	    (unsigned)m->http_status);
	if (m->http_status == HTTP_OK || m->http_status == HTTP_CREATED)
		return FERRY_ALL;
	return m->http_status >= HTTP_SERVER_FAILS ? FERRY_PEER : FERRY_MESSAGE;
}

static void remember(struct crossing *c, const struct passage *p, enum ferry_outcome outcome,
    const struct msg_uploaded *m)
{
	if (outcome != FERRY_PEER)
		forget(c->peer, p);
	else if (went_further(c->peer, p, m->held))
		c->further = true;
	if (outcome == FERRY_ALL && m->http_status == HTTP_CREATED)
		c->further = true;
}

void ferry_uploaded(struct ferry *f, uint64_t request, const struct msg_uploaded *m)
{
	struct crossing *c = f->first;
	struct passage *p = NULL;
	enum ferry_outcome outcome;
	struct peer *peer;
	char why[RECORD_NAME_MAX];

	while (c != NULL && (p = passage_of(c, request)) == NULL)
		c = c->next;
	if (c == NULL)
		abort(); /* the link passes on answers to open requests only */
	p->request = 0;
	f->kicked = true;
	peer = c->peer;
	outcome = judge(why, p->number, m);
	if (outcome == FERRY_PEER && (int32_t)m->outcome != RXP_ERR_TIMEOUT &&
	    (int32_t)m->outcome != RXP_ERR_EXISTS)
		pace_node_failed(peer);
	remember(c, p, outcome, m);
	if (outcome == FERRY_ALL)
		return; /* the round sees whether it was the last */
	stop(c, outcome, why);
	finish(f, c);
	if (outcome == FERRY_PEER)
		stop_all_of_peer(f, peer, why);
}

/* --- the module ---------------------------------------------------------------------------------- */

int ferry_begin(
    struct ferry *f, struct peer *peer, const uint8_t local_id[16], ferry_done *done, void *arg)
{
	struct store_file row;
	struct crossing *c;
	int rc = store_file_of_message(store_db(f->node->store), &row, NULL, local_id, 1);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return RXP_ERR_NOMEM;
	c->peer = peer;
	memcpy(c->local_id, local_id, sizeof c->local_id);
	c->number = 1;
	c->done = done;
	c->arg = arg;
	*f->end = c;
	f->end = &c->next;
	f->kicked = true;
	return 1;
}

int ferry_new(struct ferry **out, struct node *n)
{
	struct ferry *f = calloc(1, sizeof *f);

	if (f == NULL)
		return RXP_ERR_NOMEM;
	f->node = n;
	f->end = &f->first;
	*out = f;
	return 0;
}

void ferry_free(struct ferry *f)
{
	if (f == NULL)
		return;
	while (f->first != NULL) {
		struct crossing *c = f->first;

		f->first = c->next;
		free(c);
	}
	free(f);
}
