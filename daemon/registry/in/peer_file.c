#include "daemon/registry/in/peer_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/files/file_hash.h"
#include "daemon/registry/in/staging.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/err.h"
#include "protocol/ident.h"

struct peer_files {
	struct node *node;
	struct peers *peers;
	struct stagings all;
};

bool peer_file_active(const struct peer_files *set, const char *party, const uint8_t digest[32])
{
	return staging_find(&set->all, party, digest) != NULL;
}

/* --- files that begin, or go on ------------------------------------------------------------------ */

/* The whole file may be hashed after a crash between its last octet and the end. */
static void verify_interrupted(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = staging_new(&set->all, request, m, f);
	char part[FILE_PATH_MAX];
	uint64_t held;

	if (s == NULL) {
		staging_answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
		return;
	}
	file_path_part(part, f->party, f->ciphertext_digest);
	if (file_open(part, &s->fd) != 0 || file_length(s->fd, &held) != 0)
		staging_end(s, HTTP_BUSY, 0);
	else
		staging_verify(s, held);
}

/* To write the rest of it, if there is room. */
static struct staging *begin(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = NULL;

	if (staging_has_room(&set->all, m->total - m->offset))
		s = staging_new(&set->all, request, m, f);
	if (s == NULL)
		staging_answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
	return s;
}

static void announce(struct peer_files *set, uint64_t request, const struct msg_stage *m)
{
	int64_t now = clock_wall_ms();
	struct store_file row = {
	    .state = STATE_STAGING, .ciphertext_length = m->total, .since_ms = now};
	struct staging *s;

	memcpy(row.party, m->party, sizeof row.party);
	memcpy(row.ciphertext_digest, m->digest, sizeof row.ciphertext_digest);
	if (rxp_id_make_v7(row.id, now, &set->node->random) != 0) {
		staging_answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
		return;
	}
	s = begin(set, request, m, &row);
	if (s != NULL)
		staging_announce(s);
}

static void go_on(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = begin(set, request, m, f);

	if (s != NULL)
		staging_open(s);
}

/* --- requests ------------------------------------------------------------------------------------ */

/* A file whose row is there. */
static void take_known(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	char part[FILE_PATH_MAX];
	uint64_t held = f->ciphertext_length;

	if (f->state != STATE_STAGING) {
		staging_answer(
		    set->node, ASKED_PUT, request, m->head ? HTTP_OK : HTTP_CONFLICT, held);
		return;
	}
	file_path_part(part, f->party, f->ciphertext_digest);
	if (file_length_at(part, &held) != 0)
		staging_answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
	else if (held >= f->ciphertext_length)
		verify_interrupted(set, request, m, f);
	else if (m->head)
		staging_answer(
		    set->node, ASKED_HEAD, request, held > 0 ? HTTP_OK : HTTP_NOT_FOUND, held);
	else if (m->total != f->ciphertext_length)
		staging_answer(set->node, ASKED_PUT, request, HTTP_BAD, 0);
	else if (m->offset != held)
		staging_answer(set->node, ASKED_PUT, request, HTTP_CONFLICT, held);
	else
		go_on(set, request, m, f);
}

/* 0: it can be the length of such a file, and the offset lies in it. */
static uint32_t judge(const struct msg_stage *m)
{
	if (m->head)
		return 0;
	if (m->total > REGISTRY_CIPHERTEXT_MAX)
		return HTTP_TOO_LARGE;
	return m->total < REGISTRY_TAG_OCTETS || m->offset >= m->total ? HTTP_BAD : 0;
}

/* HEAD of a file that is being written. */
static void say_written(const struct staging *s, uint64_t request)
{
	uint64_t held = 0;
	uint32_t status = HTTP_OK;

	if (s->phase != STAGING_WRITING || file_length(s->fd, &held) != 0 ||
	    held >= s->row.ciphertext_length)
		status = HTTP_BUSY;
	else if (held == 0)
		status = HTTP_NOT_FOUND;
	staging_answer(s->set->node, ASKED_HEAD, request, status, held);
}

void peer_file_stage(struct peer_files *set, uint64_t request, const struct msg_stage *m)
{
	struct node *n = set->node;
	const struct staging *active = staging_find(&set->all, m->party, m->digest);
	uint32_t wrong = judge(m);
	struct store_file f;
	int rc;

	if (wrong == 0 &&
	    (peers_active(set->peers, m->party) == NULL || (active != NULL && !m->head)))
		wrong = HTTP_BUSY;
	if (wrong != 0) {
		staging_answer(n, ASKED_PUT, request, wrong, 0);
		return;
	}
	if (active != NULL) {
		say_written(active, request);
		return;
	}
	rc = store_file_find(store_db(n->store), &f, m->party, m->digest);
	if (rc == 0)
		take_known(set, request, m, &f);
	else if (rc != RXP_ERR_NOT_FOUND)
		staging_answer(n, ASKED_PUT, request, HTTP_BUSY, 0);
	else if (m->head)
		staging_answer(n, ASKED_HEAD, request, HTTP_NOT_FOUND, 0);
	else if (m->offset != 0)
		staging_answer(n, ASKED_PUT, request, HTTP_CONFLICT, 0);
	else
		announce(set, request, m);
}

void peer_file_stage_end(struct peer_files *set, uint64_t request, const struct msg_stage_end *m)
{
	struct staging *s = staging_find(&set->all, m->party, m->digest);
	uint64_t held;

	if (s == NULL || s->phase != STAGING_WRITING) {
		staging_answer(set->node, ASKED_END, request, HTTP_BUSY, 0);
		return;
	}
	s->asked = ASKED_END;
	s->request = request;
	if (file_length(s->fd, &held) != 0)
		staging_end(s, HTTP_BUSY, 0);
	else if (held < s->row.ciphertext_length)
		staging_end(s, HTTP_ACCEPTED, held);
	else
		staging_verify(s, held);
}

/* --- the module ---------------------------------------------------------------------------------- */

int peer_file_new(struct peer_files **out, struct node *n, struct peers *peers)
{
	struct peer_files *set = calloc(1, sizeof *set);
	int rc;

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->node = set->all.node = n;
	set->peers = peers;
	rc = file_hash_new(&set->all.hash, n->loop);
	if (rc != 0) {
		free(set);
		return rc;
	}
	*out = set;
	return 0;
}

void peer_file_free(struct peer_files *set)
{
	if (set == NULL)
		return;
	file_hash_free(set->all.hash);
	staging_free_all(&set->all);
	free(set);
}
