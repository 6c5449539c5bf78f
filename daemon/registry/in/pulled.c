#include "daemon/registry/in/pulled.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define HTTP_OK 200
#define HTTP_CREATED 201
#define HTTP_NOTHING 204
#define HTTP_BAD 400
#define HTTP_SERVER_FAILS 500

int pulled_new(struct pulled **out, struct node *n, struct admit *admit, const char *party,
    const struct msg_polled *m)
{
	struct pulled *d = calloc(1, sizeof *d);
	int rc;

	if (d == NULL)
		return RXP_ERR_NOMEM;
	d->node = n;
	d->admit = admit;
	memcpy(d->party, party, sizeof d->party);
	d->received_ms = m->received_ms;
	rxp_buf_init(&d->envelope, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&d->files, IPC_MESSAGE_MAX);
	rxp_buf_init(&d->answer, RXP_MAX_ANSWER_OCTETS);
	rc = rxp_buf_put(&d->envelope, m->envelope.data, m->envelope.len);
	if (rc != 0) {
		pulled_free(d);
		return rc;
	}
	*out = d;
	return 0;
}

void pulled_free(struct pulled *d)
{
	rxp_buf_free(&d->envelope);
	rxp_buf_free(&d->files);
	rxp_buf_free(&d->answer);
	free(d);
}

/* The peer gives it again, after a while. */
static void give_up(struct pulled *d)
{
	d->stage = PULLED_OVER;
	d->rests = true;
}

/* --- in ------------------------------------------------------------------------------------------ */

static void begin_fetch(struct pulled *d, struct bytes rows)
{
	if (rxp_buf_put(&d->files, rows.data, rows.len) != 0) {
		give_up(d);
		return;
	}
	d->file = (struct record_cursor){.at = d->files.data, .left = d->files.len};
	d->stage = PULLED_FETCH;
}

static void answered(void *arg, uint64_t request, const struct admit_answer *a)
{
	struct pulled *d = arg;

	(void)request;
	d->moved(d->moved_arg);
	rxp_buf_reset(&d->answer);
	if (a->message_id != NULL)
		memcpy(d->message_id, a->message_id, sizeof d->message_id);
	if (a->attachments.len > 0 && a->message_id != NULL)
		begin_fetch(d, a->attachments);
	else if (a->octets.len > 0 && a->message_id != NULL &&
		 rxp_buf_put(&d->answer, a->octets.data, a->octets.len) == 0)
		d->stage = PULLED_POST;
	else
		give_up(d);
}

void pulled_admit(struct pulled *d)
{
	const struct admit_asker asker = {.fetches = !d->again, .answered = answered, .arg = d};
	struct msg_admit m = {.received_ms = d->received_ms,
	    .envelope = {.data = d->envelope.data, .len = d->envelope.len}};

	d->stage = PULLED_ADMIT;
	memcpy(m.party, d->party, sizeof m.party);
	admit_bring(d->admit, &asker, &m);
}

/* --- an answer of ours --------------------------------------------------------------------------- */

#define ROOT_MAX 256 /* octets in which the namespace of a root stands */

static bool has_root(const struct rxp_buf *octets, const char *name)
{
	size_t len = octets->len < ROOT_MAX ? octets->len : ROOT_MAX;

	return memmem(octets->data, len, name, strlen(name)) != NULL;
}

static void leave(struct pulled *d)
{
	d->stage = PULLED_OVER;
	d->left = true;
}

static void own_taken(void *arg, int result)
{
	struct pulled *d = arg;

	d->moved(d->moved_arg);
	if (result >= 0 && rxp_buf_put(&d->answer, d->envelope.data, d->envelope.len) == 0)
		d->stage = PULLED_POST;
	else if (result == RXP_ERR_MISMATCH &&
		 node_digest(d->digest, d->envelope.data, d->envelope.len) == 0)
		leave(d);
	else
		give_up(d);
}

bool pulled_take_own(struct pulled *d, pulled_own *own, void *arg)
{
	if (!has_root(&d->envelope, "\"urn:rxp:1:receipt\"") &&
	    !has_root(&d->envelope, "\"urn:rxp:1:refusal\""))
		return false;
	d->own = true;
	d->stage = PULLED_ADMIT;
	own(arg, d->party, (struct bytes){.data = d->envelope.data, .len = d->envelope.len},
	    own_taken, d);
	return true;
}

/* --- attachments --------------------------------------------------------------------------------- */

/* All octets are there now (RXP-TIM-005), as many as there will be. */
static void admit_again(struct pulled *d)
{
	d->received_ms = clock_wall_ms();
	d->again = true;
	pulled_admit(d);
}

static void fetch_next(struct pulled *d)
{
	struct msg_download q;
	struct rec_attachment_row row;
	struct record_cursor at = d->file;
	struct bytes fields;
	uint16_t tag;

	if (!link_has_room(d->node->gateway, IPC_download))
		return;
	if (record_list_next(&at, &tag, &fields) != 1) {
		admit_again(d);
		return;
	}
	if (record_decode(&row, &record_attachment_row, fields.data, fields.len) != 0) {
		give_up(d);
		return;
	}
	memcpy(q.peer, d->party, sizeof q.peer);
	memcpy(q.digest, row.ciphertext_digest, sizeof q.digest);
	q.total = store_file_ciphertext_length(row.length);
	if (link_request(d->node->gateway, IPC_download, &q, NULL, 0, &d->request) != 0)
		give_up(d);
	else
		d->file = at;
}

void pulled_downloaded(struct pulled *d, const struct msg_downloaded *m)
{
	d->request = 0;
	if (m->outcome != 0 || m->http_status >= HTTP_SERVER_FAILS)
		give_up(d); /* line, peer or this node: what came is held */
	else if (m->http_status != HTTP_OK && m->http_status != HTTP_CREATED)
		admit_again(d); /* the peer does not have it: the refusal */
}

/* --- the answer ---------------------------------------------------------------------------------- */

static void post(struct pulled *d)
{
	struct msg_post q = {
	    .what = IPC_POST_ANSWER, .octets = {.data = d->answer.data, .len = d->answer.len}};

	rxp_buf_reset(&d->envelope);
	if (!link_has_room(d->node->gateway, IPC_post))
		return;
	memcpy(q.peer, d->party, sizeof q.peer);
	d->tries++;
	if (link_request(d->node->gateway, IPC_post, &q, NULL, 0, &d->request) != 0)
		give_up(d);
}

void pulled_posted(struct pulled *d, const struct msg_posted *m)
{
	d->request = 0;
	if (m->outcome == 0 && m->http_status == HTTP_NOTHING) {
		d->stage = PULLED_OVER;
		return;
	}
	if (m->outcome == 0 && m->http_status >= HTTP_SERVER_FAILS && d->tries < REGISTRY_POSTS_MAX)
		return;
	if (m->outcome == 0 && m->http_status >= HTTP_BAD && m->http_status < HTTP_SERVER_FAILS)
		log_event(
		    LOG_PULL_FAILED, LOG_S(d->party), LOG_S("the peer does not take an answer"));
	give_up(d);
}

void pulled_send(struct pulled *d)
{
	if (d->request != 0)
		return;
	if (d->stage == PULLED_FETCH)
		fetch_next(d);
	else if (d->stage == PULLED_POST)
		post(d);
}
