#include "daemon/registry/in/peer_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/files/file_hash.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/in/staging.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

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
static void verify_interrupted(struct peer_files *set, struct stage_asker asker,
    const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = staging_new(&set->all, asker, m, f);
	char part[FILE_PATH_MAX];

	if (s == NULL) {
		staging_answer(set->node, ASKED_PUT, asker, HTTP_BUSY, 0);
		return;
	}
	file_path_part(part, f->party, f->ciphertext_digest);
	if (file_open(part, &s->fd) != 0)
		staging_end(s, HTTP_BUSY, 0);
	else
		staging_verify(s);
}

/* To write the rest of it, if there is room. */
static struct staging *begin(struct peer_files *set, struct stage_asker asker,
    const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = NULL;

	if (staging_has_room(&set->all, m->total - m->offset))
		s = staging_new(&set->all, asker, m, f);
	if (s == NULL)
		staging_answer(set->node, ASKED_PUT, asker, HTTP_BUSY, 0);
	return s;
}

static void announce(struct peer_files *set, struct stage_asker asker, const struct msg_stage *m)
{
	int64_t now = clock_wall_ms();
	struct store_file row = {
	    .state = STATE_STAGING, .ciphertext_length = m->total, .since_ms = now};
	struct peer *peer = peers_active(set->peers, m->party);
	struct staging *s;

	memcpy(row.party, m->party, sizeof row.party);
	memcpy(row.ciphertext_digest, m->digest, sizeof row.ciphertext_digest);
	if (peer == NULL || !share_open(set->all.share, peer, m->total) ||
	    rxp_id_make_v7(row.id, now, &set->node->random) != 0) {
		staging_answer(set->node, ASKED_PUT, asker, HTTP_BUSY, 0);
		return;
	}
	s = begin(set, asker, m, &row);
	if (s != NULL)
		staging_announce(s);
}

static void go_on(struct peer_files *set, struct stage_asker asker, const struct msg_stage *m,
    const struct store_file *f)
{
	struct staging *s = begin(set, asker, m, f);

	if (s != NULL)
		staging_open(s);
}

/* --- whole files --------------------------------------------------------------------------------- */

/* Is it there as the row says? Nobody changes a whole file, but a disk may lose it, or a restored backup
 * lack it. */
static bool is_there(const struct store_file *f)
{
	char whole[FILE_PATH_MAX];
	uint64_t length;

	file_path_whole(whole, f->party, f->ciphertext_digest);
	if (file_length_at(whole, &length) == 0 && length == f->ciphertext_length)
		return true;
	log_event(LOG_ATTACHMENT_LOST, LOG_S(f->party),
	    LOG_X(f->ciphertext_digest, sizeof f->ciphertext_digest), LOG_S(state_word(f->state)));
	return false;
}

bool peer_file_all_there(const char *party, struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct store_file f = {.state = STATE_HELD};
	struct rec_attachment_row r;
	struct bytes fields;
	uint16_t tag;

	memcpy(f.party, party, sizeof f.party);
	while (record_list_next(&c, &tag, &fields) == 1) {
		if (record_decode(&r, &record_attachment_row, fields.data, fields.len) != 0)
			return false;
		memcpy(f.ciphertext_digest, r.ciphertext_digest, sizeof f.ciphertext_digest);
		f.ciphertext_length = store_file_ciphertext_length(r.length);
		if (!is_there(&f))
			return false;
	}
	return true;
}

/* What a message has cannot be brought again; the rest can. */
static void take_whole(struct peer_files *set, struct stage_asker asker, const struct msg_stage *m,
    const struct store_file *f)
{
	struct staging *s = NULL;

	if (is_there(f)) {
		staging_answer(set->node, ASKED_PUT, asker, m->head ? HTTP_OK : HTTP_CONFLICT,
		    f->ciphertext_length);
		return;
	}
	if (f->state == STATE_HELD)
		s = staging_new(&set->all, asker, m, f);
	if (s != NULL)
		staging_lost(s);
	else
		staging_answer(set->node, ASKED_PUT, asker, HTTP_BUSY, 0);
}

/* --- requests ------------------------------------------------------------------------------------ */

/* That its sender asked for it (RXP-ATT-015). */
struct asked_for {
	struct store_item item;
	uint8_t id[16];
	int64_t now_ms;
};

static int asked_apply(void *arg, struct db *db)
{
	const struct asked_for *a = arg;

	return store_file_asked(db, a->id, a->now_ms);
}

static void asked_done(void *arg, int result)
{
	(void)result; /* the next question says it again */
	free(arg);
}

static void note_asked(const struct peer_files *set, const struct store_file *f)
{
	int64_t now = clock_wall_ms();
	struct asked_for *a;

	if (f->state == STATE_ATTACHED || now - f->since_ms < REGISTRY_ASKED_AFTER_MS)
		return;
	a = calloc(1, sizeof *a);
	if (a == NULL)
		return;
	a->item = (struct store_item){.apply = asked_apply, .done = asked_done, .arg = a};
	memcpy(a->id, f->id, sizeof a->id);
	a->now_ms = now;
	store_submit(set->node->store, &a->item);
}

/* A file whose row is there. */
static void take_known(struct peer_files *set, struct stage_asker asker, const struct msg_stage *m,
    const struct store_file *f)
{
	char part[FILE_PATH_MAX];
	uint64_t held;

	if (m->head)
		note_asked(set, f);
	if (f->state != STATE_STAGING) {
		take_whole(set, asker, m, f);
		return;
	}
	file_path_part(part, f->party, f->ciphertext_digest);
	if (file_length_at(part, &held) != 0)
		staging_answer(set->node, ASKED_PUT, asker, HTTP_BUSY, 0);
	else if (held >= f->ciphertext_length)
		verify_interrupted(set, asker, m, f);
	else if (m->head)
		staging_answer(
		    set->node, ASKED_HEAD, asker, held > 0 ? HTTP_OK : HTTP_NOT_FOUND, held);
	else if (m->total != f->ciphertext_length)
		staging_answer(set->node, ASKED_PUT, asker, HTTP_BAD, 0);
	else if (m->offset != held)
		staging_answer(set->node, ASKED_PUT, asker, HTTP_CONFLICT, held);
	else
		go_on(set, asker, m, f);
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
static void say_written(const struct staging *s, struct stage_asker asker)
{
	uint64_t held = 0;
	uint32_t status = HTTP_OK;

	if (s->phase != STAGING_WRITING || file_length(s->fd, &held) != 0 ||
	    held >= s->row.ciphertext_length)
		status = HTTP_BUSY;
	else if (held == 0)
		status = HTTP_NOT_FOUND;
	staging_answer(s->set->node, ASKED_HEAD, asker, status, held);
}

static void stage(struct peer_files *set, struct stage_asker asker, const struct msg_stage *m)
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
		staging_answer(n, ASKED_PUT, asker, wrong, 0);
		return;
	}
	if (active != NULL) {
		say_written(active, asker);
		return;
	}
	rc = store_file_find(store_db(n->store), &f, m->party, m->digest);
	if (rc == 0)
		take_known(set, asker, m, &f);
	else if (rc != RXP_ERR_NOT_FOUND)
		staging_answer(n, ASKED_PUT, asker, HTTP_BUSY, 0);
	else if (m->head)
		staging_answer(n, ASKED_HEAD, asker, HTTP_NOT_FOUND, 0);
	else if (m->offset != 0)
		staging_answer(n, ASKED_PUT, asker, HTTP_CONFLICT, 0);
	else
		announce(set, asker, m);
}

static void stage_end(
    struct peer_files *set, struct stage_asker asker, const struct msg_stage_end *m)
{
	struct staging *s = staging_find(&set->all, m->party, m->digest);
	uint64_t held;

	if (s == NULL || s->phase != STAGING_WRITING) {
		staging_answer(set->node, ASKED_END, asker, HTTP_BUSY, 0);
		return;
	}
	s->asked = ASKED_END;
	s->asker = asker;
	if (file_length(s->fd, &held) != 0)
		staging_end(s, HTTP_BUSY, 0);
	else if (held < s->row.ciphertext_length)
		staging_end(s, HTTP_ACCEPTED, held);
	else
		staging_verify(s);
}

void peer_file_stage(struct peer_files *set, uint64_t request, const struct msg_stage *m)
{
	stage(set, (struct stage_asker){.request = request}, m);
}

void peer_file_stage_end(struct peer_files *set, uint64_t request, const struct msg_stage_end *m)
{
	stage_end(set, (struct stage_asker){.request = request}, m);
}

void peer_file_bundle(struct peer_files *set, uint64_t request, const struct msg_bundle_stage *b)
{
	struct msg_stage m = {.head = b->head, .offset = b->offset, .total = b->total};

	memcpy(m.party, b->party, sizeof m.party);
	memcpy(m.digest, b->digest, sizeof m.digest);
	stage(set, (struct stage_asker){.desk = true, .request = request}, &m);
}

void peer_file_bundle_end(
    struct peer_files *set, uint64_t request, const struct msg_bundle_stage_end *b)
{
	struct msg_stage_end m = {.held = b->held};

	memcpy(m.party, b->party, sizeof m.party);
	memcpy(m.digest, b->digest, sizeof m.digest);
	stage_end(set, (struct stage_asker){.desk = true, .request = request}, &m);
}

/* --- the module ---------------------------------------------------------------------------------- */

int peer_file_new(struct peer_files **out, struct node *n, struct peers *peers, struct share *share)
{
	struct peer_files *set = calloc(1, sizeof *set);
	int rc;

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->node = set->all.node = n;
	set->all.share = share;
	set->peers = set->all.peers = peers;
	rc = staging_begin(&set->all);
	if (rc != 0) {
		peer_file_free(set);
		return rc;
	}
	*out = set;
	return 0;
}

void peer_file_free(struct peer_files *set)
{
	if (set == NULL)
		return;
	staging_free_all(&set->all);
	free(set);
}
