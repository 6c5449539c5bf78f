#include "daemon/registry/in/staging.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/in/arrival.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/base/err.h"

static const struct {
	enum ipc_type type, desk;
	uint32_t right, wrong;
} answers[] = {
    [ASKED_HEAD] = {IPC_staged, IPC_bundle_staged, HTTP_OK, HTTP_NOT_FOUND},
    [ASKED_PUT] = {IPC_staged, IPC_bundle_staged, HTTP_CONFLICT, HTTP_UNPROCESSABLE},
    [ASKED_END] = {IPC_stage_ended, IPC_bundle_stage_ended, HTTP_CREATED, HTTP_UNPROCESSABLE},
};

/* --- answers ------------------------------------------------------------------------------------- */

/* All these messages have the same fields. */
void staging_answer(struct node *n, enum staging_asked asked, struct stage_asker asker,
    uint32_t status, uint64_t held)
{
	const struct msg_staged m = {.http_status = status, .held = held};
	const struct msg_stage_ended ended = {.http_status = status, .held = held};
	const void *body = asked == ASKED_END ? (const void *)&ended : &m;

	link_answer(asker.desk ? n->desk : n->gateway,
	    asker.desk ? answers[asked].desk : answers[asked].type, asker.request, body, NULL, 0);
}

struct staging *staging_find(
    const struct stagings *set, const char *party, const uint8_t digest[32])
{
	struct staging *s = set->first;

	while (s != NULL && (strcmp(s->row.party, party) != 0 ||
				memcmp(s->row.ciphertext_digest, digest, 32) != 0))
		s = s->next;
	return s;
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

void staging_end(struct staging *s, uint32_t status, uint64_t held)
{
	staging_answer(s->set->node, s->asked, s->asker, status, held);
	forget(s);
}

struct staging *staging_new(struct stagings *set, struct stage_asker asker,
    const struct msg_stage *m, const struct store_file *row)
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
	s->asker = asker;
	s->row = *row;
	s->next = set->first;
	set->first = s;
	set->n++;
	return s;
}

void staging_free_all(struct stagings *set)
{
	while (set->first != NULL) {
		struct staging *s = set->first;

		set->first = s->next;
		staging_free(s);
	}
	file_hash_free(set->hash);
	timer_free(set->closing);
}

/* --- a whole file -------------------------------------------------------------------------------- */

static int held_apply(void *arg, struct db *db)
{
	struct staging *s = arg;
	int rc;

	s->completes = false;
	rc = store_file_whole(db, s->row.id, s->row.since_ms);
	return rc != 0 ? rc : arrival_take(&s->completes, db, s->set->node, &s->row);
}

/* If it is not committed for sure, the file goes back to where its row says that it is. */
static void held_done(void *arg, int result)
{
	struct staging *s = arg;

	if (result == 0) {
		if (s->completes)
			peers_count(
			    peers_find(s->set->peers, s->row.party), STATE_NONE, STATE_WAITING);
		staging_end(s, answers[s->asked].right, s->row.ciphertext_length);
		return;
	}
	if (!store_lost(s->set->node->store)) {
		char part[FILE_PATH_MAX], whole[FILE_PATH_MAX];

		file_path_part(part, s->row.party, s->row.ciphertext_digest);
		file_path_whole(whole, s->row.party, s->row.ciphertext_digest);
		file_rename(whole, part);
	}
	staging_end(s, HTTP_BUSY, 0);
}

static int dropped_apply(void *arg, struct db *db)
{
	struct staging *s = arg;

	return store_file_drop(db, s->row.id);
}

static void dropped_done(void *arg, int result)
{
	struct staging *s = arg;
	char path[FILE_PATH_MAX];

	if (result != 0) {
		staging_end(s, HTTP_BUSY, 0);
		return;
	}
	if (s->row.state == STATE_STAGING)
		file_path_part(path, s->row.party, s->row.ciphertext_digest);
	else
		file_path_whole(path, s->row.party, s->row.ciphertext_digest);
	file_remove(path);
	staging_end(s, answers[s->asked].wrong, 0);
}

static void settle(struct staging *s, store_apply *apply, store_done *done)
{
	s->phase = STAGING_SETTLING;
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

void staging_lost(struct staging *s)
{
	settle(s, dropped_apply, dropped_done);
}

static void hold(struct staging *s)
{
	char part[FILE_PATH_MAX], whole[FILE_PATH_MAX];

	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	file_path_whole(whole, s->row.party, s->row.ciphertext_digest);
	if (file_keep(s->fd, part, whole) != 0) {
		file_rename(whole, part);
		staging_end(s, HTTP_BUSY, 0);
		return;
	}
	settle(s, held_apply, held_done);
}

/* --- verifying ----------------------------------------------------------------------------------- */

static void hashed(void *arg, int result, const uint8_t digest[32])
{
	struct staging *s = arg;

	if (result != 0)
		staging_end(s, HTTP_BUSY, 0);
	else if (memcmp(digest, s->row.ciphertext_digest, sizeof s->row.ciphertext_digest) != 0)
		drop(s);
	else
		hold(s);
}

/* What it kept open it may write to whenever it likes. Only its end closes it. */
static void breach(struct staging *s)
{
	struct node *n = s->set->node;

	log_event(LOG_ATTACHMENT_OPEN, LOG_S(s->row.party),
	    LOG_X(s->row.ciphertext_digest, sizeof s->row.ciphertext_digest));
	staging_end(s, HTTP_BUSY, 0);
	node_fail(n, "gateway", RXP_ERR_STATE);
}

/* An honest gateway may be a moment late: the link closes a descriptor behind the handler that had it. */
static void wait_for_close(struct staging *s)
{
	int64_t now = clock_mono_ms();

	if (s->phase != STAGING_CLOSING)
		s->close_until_mono = now + REGISTRY_CLOSE_MS;
	s->phase = STAGING_CLOSING;
	if (now >= s->close_until_mono)
		breach(s);
	else if (!timer_armed(s->set->closing))
		timer_arm(s->set->closing, REGISTRY_CLOSE_LOOK_MS);
}

/* The length counts that it has when nobody can change it any more. */
void staging_verify(struct staging *s)
{
	uint64_t held;
	int rc = file_settled(s->fd);

	if (rc == RXP_ERR_STATE) {
		wait_for_close(s);
		return;
	}
	if (rc != 0 || file_length(s->fd, &held) != 0) {
		staging_end(s, HTTP_BUSY, 0);
		return;
	}
	if (held != s->row.ciphertext_length) {
		drop(s);
		return;
	}
	s->phase = STAGING_VERIFYING;
	s->job = (struct file_hash_job){
	    .fd = s->fd, .length = s->row.ciphertext_length, .done = hashed, .arg = s};
	file_hash_submit(s->set->hash, &s->job);
}

static void on_closing(void *arg)
{
	struct stagings *set = arg;
	struct staging *next;

	for (struct staging *s = set->first; s != NULL; s = next) {
		next = s->next;
		if (s->phase == STAGING_CLOSING)
			staging_verify(s);
	}
}

int staging_begin(struct stagings *set)
{
	int rc = file_hash_new(&set->hash, set->node->loop);

	return rc != 0 ? rc : timer_new(&set->closing, set->node->loop, on_closing, set);
}

/* --- a file to be written ------------------------------------------------------------------------ */

bool staging_has_room(const struct stagings *set, uint64_t octets)
{
	uint64_t held;

	for (const struct staging *s = set->first; s != NULL; s = s->next) {
		if (s->phase != STAGING_ANNOUNCED && s->phase != STAGING_WRITING)
			continue;
		if (s->fd < 0 || file_length(s->fd, &held) != 0)
			held = 0;
		if (held < s->row.ciphertext_length)
			octets += s->row.ciphertext_length - held;
	}
	return share_room(set->share, octets);
}

void staging_open(struct staging *s)
{
	struct msg_stage_opened m = {0};
	char part[FILE_PATH_MAX];
	int fd;

	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	if (file_stage(part, &s->fd, &fd) != 0) {
		staging_end(s, HTTP_BUSY, 0);
		return;
	}
	if (file_length(s->fd, &m.held) != 0) {
		close(fd);
		staging_end(s, HTTP_BUSY, 0);
		return;
	}
	s->phase = STAGING_WRITING;
	if (s->asker.desk)
		link_answer(
		    s->set->node->desk, IPC_bundle_stage_opened, s->asker.request, &m, &fd, 1);
	else
		link_answer(s->set->node->gateway, IPC_stage_opened, s->asker.request, &m, &fd, 1);
	close(fd);
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
	rc = store_file_add(db, &s->row, no_key);
	return rc != 0 ? rc : share_check(s->set->share, db, s->row.party);
}

static void announce_done(void *arg, int result)
{
	struct staging *s = arg;

	if (result != 0)
		staging_end(s, HTTP_BUSY, 0);
	else
		staging_open(s);
}

void staging_announce(struct staging *s)
{
	char part[FILE_PATH_MAX];

	s->phase = STAGING_ANNOUNCED;
	/* Octets without a row are nothing. */
	file_path_part(part, s->row.party, s->row.ciphertext_digest);
	file_remove(part);
	s->item = (struct store_item){.apply = announce_apply, .done = announce_done, .arg = s};
	store_submit(s->set->node->store, &s->item);
}
