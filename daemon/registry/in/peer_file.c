#include "daemon/registry/in/peer_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/files/file_hash.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/err.h"
#include "protocol/ident.h"

enum {
	HTTP_OK = 200,
	HTTP_CREATED = 201,
	HTTP_ACCEPTED = 202,
	HTTP_BAD = 400,
	HTTP_NOT_FOUND = 404,
	HTTP_CONFLICT = 409,
	HTTP_TOO_LARGE = 413,
	HTTP_UNPROCESSABLE = 422,
	HTTP_BUSY = 503,
};

enum phase {
	ANNOUNCED, /* its row waits for the commit */
	WRITING, /* the gateway has it */
	VERIFYING, /* whole; waits for its turn, or is being hashed */
	SETTLING, /* what became of it waits for the commit */
};

/* Who asked, and is to be answered; what a whole file, right or wrong, means for the answer. */
enum asked { ASKED_HEAD, ASKED_PUT, ASKED_END };

static const struct {
	enum ipc_type type;
	uint32_t right, wrong;
} answers[] = {
    [ASKED_HEAD] = {IPC_staged, HTTP_OK, HTTP_NOT_FOUND},
    [ASKED_PUT] = {IPC_staged, HTTP_CONFLICT, HTTP_UNPROCESSABLE},
    [ASKED_END] = {IPC_stage_ended, HTTP_CREATED, HTTP_UNPROCESSABLE},
};

struct staging {
	struct staging *next;
	struct peer_files *set;
	enum phase phase;
	enum asked asked;
	uint64_t request;
	struct store_file row;
	int fd; /* for hashing and syncing; -1 while ANNOUNCED */
	struct file_hash_job job;
	struct store_item item;
};

struct peer_files {
	struct node *node;
	struct staging *first;
	size_t n;
	struct file_hash *hash;
};

/* --- answers ------------------------------------------------------------------------------------- */

/* Both messages have the same fields. */
static void answer(
    struct node *n, enum asked asked, uint64_t request, uint32_t status, uint64_t held)
{
	const struct msg_staged m = {.http_status = status, .held = held};
	const struct msg_stage_ended ended = {.http_status = status, .held = held};

	if (asked == ASKED_END)
		link_answer(n->gateway, IPC_stage_ended, request, &ended, NULL, 0);
	else
		link_answer(n->gateway, IPC_staged, request, &m, NULL, 0);
}

static void staging_free(struct staging *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static void forget(struct staging *s)
{
	struct staging **at = &s->set->first;

	while (*at != NULL && *at != s)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every file that is staged is in the list */
	*at = s->next;
	s->set->n--;
	staging_free(s);
}

static void end(struct staging *s, uint32_t status, uint64_t held)
{
	answer(s->set->node, s->asked, s->request, status, held);
	forget(s);
}

static struct staging *find(
    const struct peer_files *set, const char *party, const uint8_t digest[32])
{
	struct staging *s = set->first;

	while (s != NULL && (strcmp(s->row.party, party) != 0 ||
				memcmp(s->row.ciphertext_digest, digest, 32) != 0))
		s = s->next;
	return s;
}

bool peer_file_active(const struct peer_files *set, const char *party, const uint8_t digest[32])
{
	return find(set, party, digest) != NULL;
}

/* --- a whole file -------------------------------------------------------------------------------- */

static int held_apply(void *arg, struct db *db)
{
	struct staging *s = arg;

	return store_file_whole(db, s->row.id, s->row.since_ms);
}

/* If it is not committed for sure, the file goes back to where its row says that it is. */
static void held_done(void *arg, int result)
{
	struct staging *s = arg;

	if (result == 0) {
		end(s, answers[s->asked].right, s->row.ciphertext_length);
		return;
	}
	if (!store_lost(s->set->node->store)) {
		char part[FILE_PATH_MAX], whole[FILE_PATH_MAX];

		file_path_part(part, s->row.party, s->row.ciphertext_digest);
		file_path_whole(whole, s->row.party, s->row.ciphertext_digest);
		file_rename(whole, part);
	}
	end(s, HTTP_BUSY, 0);
}

static int dropped_apply(void *arg, struct db *db)
{
	struct staging *s = arg;

	return store_file_drop(db, s->row.id);
}

static void dropped_done(void *arg, int result)
{
	struct staging *s = arg;
	char part[FILE_PATH_MAX];

	if (result != 0) {
		end(s, HTTP_BUSY, 0);
		return;
	}
	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	file_remove(part);
	end(s, answers[s->asked].wrong, 0);
}

static void settle(struct staging *s, store_apply *apply, store_done *done)
{
	s->phase = SETTLING;
	s->row.since_ms = clock_wall_ms();
	s->item = (struct store_item){.apply = apply, .done = done, .arg = s};
	store_submit(s->set->node->store, &s->item);
}

static void drop(struct staging *s)
{
	log_event(LOG_ATTACHMENT_FALSE, LOG_S(s->row.party),
	    LOG_X(s->row.ciphertext_digest, sizeof s->row.ciphertext_digest));
	settle(s, dropped_apply, dropped_done);
}

static void hold(struct staging *s)
{
	char part[FILE_PATH_MAX], whole[FILE_PATH_MAX];

	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	file_path_whole(whole, s->row.party, s->row.ciphertext_digest);
	if (file_keep(s->fd, part, whole) != 0) {
		file_rename(whole, part);
		end(s, HTTP_BUSY, 0);
		return;
	}
	settle(s, held_apply, held_done);
}

/* --- verifying ----------------------------------------------------------------------------------- */

static void hashed(void *arg, int result, const uint8_t digest[32])
{
	struct staging *s = arg;

	if (result != 0)
		end(s, HTTP_BUSY, 0);
	else if (memcmp(digest, s->row.ciphertext_digest, sizeof s->row.ciphertext_digest) != 0)
		drop(s);
	else
		hold(s);
}

/* As many octets are there as the file is to have, or more. */
static void verify(struct staging *s, uint64_t held)
{
	if (held > s->row.ciphertext_length) {
		drop(s);
		return;
	}
	s->phase = VERIFYING;
	s->job = (struct file_hash_job){
	    .fd = s->fd, .length = s->row.ciphertext_length, .done = hashed, .arg = s};
	file_hash_submit(s->set->hash, &s->job);
}

/* --- beginnings ---------------------------------------------------------------------------------- */

/* Is there room on the disk for so many octets more, behind all that the files being written may still
 * take? */
static bool has_room(const struct peer_files *set, uint64_t octets)
{
	uint64_t held;

	for (const struct staging *s = set->first; s != NULL; s = s->next) {
		if (s->phase != ANNOUNCED && s->phase != WRITING)
			continue;
		if (s->fd < 0 || file_length(s->fd, &held) != 0)
			held = 0;
		if (held < s->row.ciphertext_length)
			octets += s->row.ciphertext_length - held;
	}
	return file_room(octets) == 0;
}

/* NULL: no memory, or too many. */
static struct staging *staging_new(struct peer_files *set, const struct msg_stage *m)
{
	struct staging *s;
	size_t of_party = 0;

	for (s = set->first; s != NULL; s = s->next)
		of_party += strcmp(s->row.party, m->party) == 0;
	if (set->n >= REGISTRY_STAGINGS_MAX || of_party >= REGISTRY_PEER_STAGINGS_MAX)
		return NULL;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->set = set;
	s->fd = -1;
	s->asked = m->head ? ASKED_HEAD : ASKED_PUT;
	s->next = set->first;
	set->first = s;
	set->n++;
	return s;
}

/* The gateway gets the file. */
static void open_file(struct staging *s)
{
	struct msg_stage_opened m = {0};
	char part[FILE_PATH_MAX];
	int fd;

	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	if (file_stage(part, &s->fd, &fd) != 0) {
		end(s, HTTP_BUSY, 0);
		return;
	}
	if (file_length(s->fd, &m.held) != 0) {
		close(fd);
		end(s, HTTP_BUSY, 0);
		return;
	}
	s->phase = WRITING;
	link_answer(s->set->node->gateway, IPC_stage_opened, s->request, &m, &fd, 1);
	close(fd);
}

/* The whole file may be hashed after a crash between its last octet and the end. */
static void verify_interrupted(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = staging_new(set, m);
	char part[FILE_PATH_MAX];
	uint64_t held;

	if (s == NULL) {
		answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
		return;
	}
	s->row = *f;
	s->request = request;
	file_path_part(part, f->party, f->ciphertext_digest);
	if (file_open(part, &s->fd) != 0 || file_length(s->fd, &held) != 0)
		end(s, HTTP_BUSY, 0);
	else
		verify(s, held);
}

/* What a peer may keep here without a document is counted when whole, so that what has begun can end. */
static int announce_apply(void *arg, struct db *db)
{
	static const struct bytes no_key;
	struct staging *s = arg;
	uint64_t files, octets;
	int rc = store_file_unclaimed(db, s->row.party, &files, &octets);

	if (rc != 0)
		return rc;
	if (files >= REGISTRY_UNCLAIMED_MAX ||
	    octets + s->row.ciphertext_length > REGISTRY_UNCLAIMED_OCTETS_MAX)
		return RXP_ERR_FULL;
	return store_file_add(db, &s->row, no_key);
}

static void announce_done(void *arg, int result)
{
	struct staging *s = arg;

	if (result != 0)
		end(s, HTTP_BUSY, 0);
	else
		open_file(s);
}

static void announce(struct peer_files *set, uint64_t request, const struct msg_stage *m)
{
	struct staging *s = NULL;
	char part[FILE_PATH_MAX];
	int64_t now = clock_wall_ms();

	if (has_room(set, m->total))
		s = staging_new(set, m);
	if (s == NULL) {
		answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
		return;
	}
	s->request = request;
	s->phase = ANNOUNCED;
	s->row = (struct store_file){
	    .state = STATE_STAGING, .ciphertext_length = m->total, .since_ms = now};
	memcpy(s->row.party, m->party, sizeof s->row.party);
	memcpy(s->row.ciphertext_digest, m->digest, sizeof s->row.ciphertext_digest);
	if (rxp_id_make_v7(s->row.id, now, &set->node->random) != 0) {
		end(s, HTTP_BUSY, 0);
		return;
	}
	/* Octets without a row are nothing. */
	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	file_remove(part);
	s->item = (struct store_item){.apply = announce_apply, .done = announce_done, .arg = s};
	store_submit(set->node->store, &s->item);
}

/* --- requests ------------------------------------------------------------------------------------ */

static void go_on(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	struct staging *s = NULL;

	if (has_room(set, m->total - m->offset))
		s = staging_new(set, m);
	if (s == NULL) {
		answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
		return;
	}
	s->row = *f;
	s->request = request;
	open_file(s);
}

/* A file whose row is there. */
static void take_known(
    struct peer_files *set, uint64_t request, const struct msg_stage *m, const struct store_file *f)
{
	char part[FILE_PATH_MAX];
	uint64_t held = f->ciphertext_length;

	if (f->state != STATE_STAGING) {
		answer(set->node, ASKED_PUT, request, m->head ? HTTP_OK : HTTP_CONFLICT, held);
		return;
	}
	file_path_part(part, f->party, f->ciphertext_digest);
	if (file_length_at(part, &held) != 0)
		answer(set->node, ASKED_PUT, request, HTTP_BUSY, 0);
	else if (held >= f->ciphertext_length)
		verify_interrupted(set, request, m, f);
	else if (m->head)
		answer(set->node, ASKED_HEAD, request, held > 0 ? HTTP_OK : HTTP_NOT_FOUND, held);
	else if (m->total != f->ciphertext_length)
		answer(set->node, ASKED_PUT, request, HTTP_BAD, 0);
	else if (m->offset != held)
		answer(set->node, ASKED_PUT, request, HTTP_CONFLICT, held);
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

	if (s->phase != WRITING || file_length(s->fd, &held) != 0 ||
	    held >= s->row.ciphertext_length)
		status = HTTP_BUSY;
	else if (held == 0)
		status = HTTP_NOT_FOUND;
	answer(s->set->node, ASKED_HEAD, request, status, held);
}

void peer_file_stage(struct peer_files *set, uint64_t request, const struct msg_stage *m)
{
	struct node *n = set->node;
	const struct staging *active = find(set, m->party, m->digest);
	uint32_t wrong = judge(m);
	struct store_file f;
	int rc;

	if (wrong == 0 &&
	    (peers_active(n->peers, m->party) == NULL || (active != NULL && !m->head)))
		wrong = HTTP_BUSY;
	if (wrong != 0) {
		answer(n, ASKED_PUT, request, wrong, 0);
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
		answer(n, ASKED_PUT, request, HTTP_BUSY, 0);
	else if (m->head)
		answer(n, ASKED_HEAD, request, HTTP_NOT_FOUND, 0);
	else if (m->offset != 0)
		answer(n, ASKED_PUT, request, HTTP_CONFLICT, 0);
	else
		announce(set, request, m);
}

void peer_file_stage_end(struct peer_files *set, uint64_t request, const struct msg_stage_end *m)
{
	struct staging *s = find(set, m->party, m->digest);
	uint64_t held;

	if (s == NULL || s->phase != WRITING) {
		answer(set->node, ASKED_END, request, HTTP_BUSY, 0);
		return;
	}
	s->asked = ASKED_END;
	s->request = request;
	if (file_length(s->fd, &held) != 0)
		end(s, HTTP_BUSY, 0);
	else if (held < s->row.ciphertext_length)
		end(s, HTTP_ACCEPTED, held);
	else
		verify(s, held);
}

/* --- the module ---------------------------------------------------------------------------------- */

int peer_file_new(struct peer_files **out, struct node *n)
{
	struct peer_files *set = calloc(1, sizeof *set);
	int rc;

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->node = n;
	rc = file_hash_new(&set->hash, n->loop);
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
	file_hash_free(set->hash);
	while (set->first != NULL) {
		struct staging *s = set->first;

		set->first = s->next;
		staging_free(s);
	}
	free(set);
}
