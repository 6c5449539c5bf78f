#include "daemon/registry/out/ferry.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/link.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/err.h"

#define HTTP_OK 200 /* the peer held all of it before */
#define HTTP_CREATED 201
#define HTTP_SERVER_FAILS 500 /* from here on the peer's node fails, and not this message */

/* The attachments of one message. */
struct crossing {
	struct crossing *next;
	char peer[4];
	uint8_t local_id[16];
	uint32_t number; /* of the attachment that is next or under way */
	uint64_t request; /* at the gateway; 0 while it waits for room */
	ferry_done *done;
	void *arg;
};

struct ferry {
	struct node *node;
	struct crossing *first, **end; /* in order */
	bool kicked; /* there may be room for one that waits */
};

static void finish(struct ferry *f, struct crossing *c, enum ferry_outcome outcome, const char *why)
{
	struct crossing **at = &f->first;

	while (*at != NULL && *at != c)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every crossing is in the list */
	*at = c->next;
	if (f->end == &c->next)
		f->end = at;
	f->kicked = true;
	c->done(c->arg, outcome, why);
	free(c);
}

/* --- sending ------------------------------------------------------------------------------------- */

static bool has_room(const struct ferry *f, const char *peer)
{
	unsigned under_way = 0;

	for (const struct crossing *c = f->first; c != NULL; c = c->next)
		under_way += c->request != 0 && strcmp(c->peer, peer) == 0;
	return under_way < REGISTRY_UPLOADS_PER_PEER && link_has_room(f->node->gateway, IPC_upload);
}

static int send_file(struct ferry *f, struct crossing *c, const struct store_file *row)
{
	struct msg_upload q = {.length = row->ciphertext_length};
	char path[FILE_PATH_MAX];
	int fd, rc;

	file_path_whole(path, row->party, row->ciphertext_digest);
	rc = file_open(path, &fd);
	if (rc != 0)
		return rc;
	memcpy(q.peer, c->peer, sizeof q.peer);
	memcpy(q.digest, row->ciphertext_digest, sizeof q.digest);
	rc = link_request(f->node->gateway, IPC_upload, &q, &fd, 1, &c->request);
	close(fd);
	return rc == 0 ? 0 : RXP_ERR_IO;
}

/* The next attachment, or the end. */
static void go(struct ferry *f, struct crossing *c)
{
	struct store_file row;
	int rc =
	    store_file_of_message(store_db(f->node->store), &row, NULL, c->local_id, c->number);

	if (rc == RXP_ERR_NOT_FOUND) {
		finish(f, c, FERRY_ALL, "");
		return;
	}
	if (rc == 0)
		rc = send_file(f, c, &row);
	if (rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_DAMAGED)
		finish(f, c, FERRY_MESSAGE, "the file of an attachment is missing");
	else if (rc != 0)
		finish(f, c, FERRY_OWN, "");
}

void ferry_round(struct ferry *f)
{
	struct crossing *next;

	while (f->kicked) {
		f->kicked = false;
		for (struct crossing *c = f->first; c != NULL; c = next) {
			next = c->next;
			if (c->request == 0 && has_room(f, c->peer))
				go(f, c);
		}
	}
}

/* --- the answer ---------------------------------------------------------------------------------- */

/* What waits to go the same way would fail alike. */
static void finish_all_of_peer(struct ferry *f, const char *peer, const char *why)
{
	struct crossing *next;

	for (struct crossing *c = f->first; c != NULL; c = next) {
		next = c->next;
		if (c->request == 0 && strcmp(c->peer, peer) == 0)
			finish(f, c, FERRY_PEER, why);
	}
}

void ferry_uploaded(struct ferry *f, uint64_t request, const struct msg_uploaded *m)
{
	struct crossing *c = f->first;
	char why[RECORD_NAME_MAX], peer[4];

	while (c != NULL && c->request != request)
		c = c->next;
	if (c == NULL)
		abort(); /* the link passes on answers to open requests only */
	c->request = 0;
	f->kicked = true;
	memcpy(peer, c->peer, sizeof peer);
	snprintf(why, sizeof why, "attachment %u not taken, HTTP status %u", (unsigned)c->number,
	    (unsigned)m->http_status);
	if (m->outcome != 0)
		finish_all_of_peer(f, peer, m->transport);
	else if (m->http_status >= HTTP_SERVER_FAILS)
		finish_all_of_peer(f, peer, why);
	else if (m->http_status == HTTP_OK || m->http_status == HTTP_CREATED)
		c->number++;
	else
		finish(f, c, FERRY_MESSAGE, why);
}

/* --- the module ---------------------------------------------------------------------------------- */

int ferry_begin(
    struct ferry *f, const char *peer, const uint8_t local_id[16], ferry_done *done, void *arg)
{
	struct store_file row;
	struct crossing *c;
	int rc = store_file_of_message(store_db(f->node->store), &row, NULL, local_id, 1);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return RXP_ERR_NOMEM;
	memcpy(c->peer, peer, sizeof c->peer);
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
