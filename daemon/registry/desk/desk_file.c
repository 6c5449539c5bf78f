#include "daemon/registry/desk/desk_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define ROWS_MAX (128UL * 1024) /* octets of RXP_MAX_ATTACHMENTS rows without keys */

/* One file that the desk is writing, or whose row waits for its commit. */
struct writing {
	struct writing *next;
	struct desk_files *set;
	int fd; /* for syncing */
	bool keeping;
	uint64_t request; /* attachment_done */
	char user[RECORD_NAME_MAX];
	struct store_file row; /* its id is the attachment's */
	struct rxp_buf key;
	struct store_item item;
};

struct desk_files {
	struct node *node;
	struct writing *first;
	size_t n;
	bool no_room; /* that has been said */
};

/* --- files that are written ---------------------------------------------------------------------- */

static void writing_free(struct writing *w)
{
	if (w->fd >= 0)
		close(w->fd);
	rxp_buf_free(&w->key);
	free(w);
}

static void forget(struct writing *w)
{
	struct writing **at = &w->set->first;

	while (*at != NULL && *at != w)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every file that is written is in the list */
	*at = w->next;
	w->set->n--;
	writing_free(w);
}

static int writing_new(struct writing **out, struct desk_files *set)
{
	struct writing *w = calloc(1, sizeof *w);
	int64_t now = clock_wall_ms();
	int rc;

	if (w == NULL)
		return RXP_ERR_NOMEM;
	w->set = set;
	w->fd = -1;
	w->row.state = STATE_KEPT;
	rxp_buf_init(&w->key, REGISTRY_FILE_KEY_MAX);
	rc = rxp_id_make_v7(w->row.id, now, &set->node->random);
	if (rc != 0) {
		writing_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

static void deny(struct node *n, uint64_t request, int result)
{
	const struct msg_attachment_denied m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_attachment_denied, request, &m, NULL, 0);
}

/* The reserve keeps the database writable when files have filled the disk. */
static int look_for_room(struct desk_files *set)
{
	int rc = file_room(REGISTRY_CIPHERTEXT_MAX);

	if (rc == RXP_ERR_FULL && !set->no_room)
		log_event(LOG_ATTACHMENT_NO_ROOM, LOG_N(REGISTRY_DISK_RESERVE_OCTETS));
	if (rc == 0 || rc == RXP_ERR_FULL)
		set->no_room = rc != 0;
	return rc;
}

static int begin(
    struct desk_files *set, struct writing **out, int *fd, const struct msg_attachment_new *m)
{
	struct writing *w = NULL;
	char path[FILE_PATH_MAX];
	int rc = m->user[0] == '\0' ? RXP_ERR_SYNTAX : look_for_room(set);

	if (rc == 0 && set->n == REGISTRY_DESK_FILES_MAX)
		rc = RXP_ERR_FULL;
	if (rc == 0)
		rc = writing_new(&w, set);
	if (rc != 0)
		return rc;
	memcpy(w->user, m->user, sizeof w->user);
	memcpy(w->row.type, m->type, sizeof w->row.type);
	memcpy(w->row.media_type, m->media_type, sizeof w->row.media_type);
	memcpy(w->row.checked_by, m->checked_by, sizeof w->row.checked_by);
	file_path_new(path, w->row.id);
	rc = file_stage(path, &w->fd, fd);
	if (rc != 0) {
		file_remove(path);
		writing_free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void desk_file_begin(struct desk_files *set, uint64_t request, const struct msg_attachment_new *m)
{
	struct msg_attachment_opened a = {.attachment = {0}};
	struct writing *w;
	int fd, rc = begin(set, &w, &fd, m);

	if (rc != 0) {
		deny(set->node, request, rc);
		return;
	}
	w->next = set->first;
	set->first = w;
	set->n++;
	memcpy(a.attachment, w->row.id, sizeof a.attachment);
	link_answer(set->node->desk, IPC_attachment_opened, request, &a, &fd, 1);
	close(fd);
}

/* --- files that are done ------------------------------------------------------------------------- */

static void answer_done(struct node *n, uint64_t request, int result)
{
	const struct msg_attachment_kept m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_attachment_kept, request, &m, NULL, 0);
}

static void drop(struct writing *w, uint64_t request, int result)
{
	char path[FILE_PATH_MAX];

	file_path_new(path, w->row.id);
	file_remove(path);
	answer_done(w->set->node, request, result);
	forget(w);
}

static struct writing *find(const struct desk_files *set, const uint8_t id[16])
{
	struct writing *w = set->first;

	while (w != NULL && (w->keeping || memcmp(w->row.id, id, sizeof w->row.id) != 0))
		w = w->next;
	return w;
}

/* Its name must be free, since naming it replaces what is there: neither a row has it nor one that
 * waits for its commit. */
static int check_name(const struct writing *w)
{
	struct store_file other;
	int rc =
	    store_file_find(store_db(w->set->node->store), &other, "", w->row.ciphertext_digest);

	for (const struct writing *o = w->set->first; o != NULL; o = o->next)
		if (o->keeping && memcmp(o->row.ciphertext_digest, w->row.ciphertext_digest,
				      sizeof o->row.ciphertext_digest) == 0)
			return RXP_ERR_EXISTS;
	if (rc == RXP_ERR_NOT_FOUND)
		return 0;
	return rc == 0 ? RXP_ERR_EXISTS : rc;
}

static int check_length(const struct writing *w)
{
	uint64_t length;
	int rc = file_length(w->fd, &length);

	if (rc != 0)
		return rc;
	if (w->row.length > REGISTRY_FILE_OCTETS)
		return RXP_ERR_BOUND;
	return length == w->row.ciphertext_length &&
		       length == store_file_ciphertext_length(w->row.length)
		   ? 0
		   : RXP_ERR_MISMATCH;
}

static int name_file(struct writing *w)
{
	char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
	int rc;

	file_path_new(from, w->row.id);
	file_path_whole(to, "", w->row.ciphertext_digest);
	rc = file_keep(w->fd, from, to);
	if (rc != 0)
		file_remove(to);
	return rc;
}

static int keep_apply(void *arg, struct db *db)
{
	const struct writing *w = arg;
	int rc =
	    store_file_add(db, &w->row, (struct bytes){.data = w->key.data, .len = w->key.len});

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = w->row.since_ms,
					       .user = w->user,
					       .action = JOURNAL_ATTACHMENT_ADD,
					       .local_id = w->row.id});
}

static void keep_done(void *arg, int result)
{
	struct writing *w = arg;
	char path[FILE_PATH_MAX];

	/* Where it is unknown what was committed, the next start finds out. */
	if (result != 0 && !store_lost(w->set->node->store)) {
		file_path_whole(path, "", w->row.ciphertext_digest);
		file_remove(path);
	}
	answer_done(w->set->node, w->request, result);
	forget(w);
}

void desk_file_done(struct desk_files *set, uint64_t request, const struct msg_attachment_done *m)
{
	struct writing *w = find(set, m->attachment);
	int rc;

	if (w == NULL || m->key.len == 0) {
		if (w != NULL)
			drop(w, request, 0);
		else
			answer_done(set->node, request, RXP_ERR_NOT_FOUND);
		return;
	}
	w->row.length = m->length;
	w->row.ciphertext_length = m->ciphertext_length;
	memcpy(w->row.file_digest, m->file_digest, sizeof w->row.file_digest);
	memcpy(w->row.ciphertext_digest, m->ciphertext_digest, sizeof w->row.ciphertext_digest);
	w->row.since_ms = clock_wall_ms();
	rc = check_length(w);
	if (rc == 0)
		rc = rxp_buf_put(&w->key, m->key.data, m->key.len);
	if (rc == 0)
		rc = check_name(w);
	if (rc == 0)
		rc = name_file(w);
	if (rc != 0) {
		drop(w, request, rc);
		return;
	}
	w->keeping = true;
	w->request = request;
	w->item = (struct store_item){.apply = keep_apply, .done = keep_done, .arg = w};
	store_submit(set->node->store, &w->item);
}

/* --- the list ------------------------------------------------------------------------------------ */

static int put_rows(struct node *n, struct rxp_buf *rows, struct bytes ids)
{
	struct store_file f;
	size_t count = ids.len / RXP_ID_OCTETS;
	int rc = 0;

	if (ids.len % RXP_ID_OCTETS != 0 || count > RXP_MAX_ATTACHMENTS)
		return RXP_ERR_BOUND;
	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = store_file_get(store_db(n->store), &f, ids.data + i * RXP_ID_OCTETS);
		if (rc == 0 && f.party[0] != '\0')
			rc = RXP_ERR_NOT_FOUND;
		if (rc == 0)
			rc = store_file_put(rows, &f, (uint32_t)i + 1);
	}
	return rc;
}

void desk_file_list(struct node *n, uint64_t request, const struct msg_attachment_list *m)
{
	struct msg_attachment_listed a = {0};
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, ROWS_MAX);
	rc = put_rows(n, &rows, m->ids);
	a.result = (uint32_t)rc;
	if (rc == 0 || rc == RXP_ERR_NOT_FOUND) /* then of those before the one that is not there */
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(n->desk, IPC_attachment_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

/* --- the module ---------------------------------------------------------------------------------- */

int desk_file_new(struct desk_files **out, struct node *n)
{
	struct desk_files *set = calloc(1, sizeof *set);

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->node = n;
	*out = set;
	return 0;
}

void desk_file_free(struct desk_files *set)
{
	if (set == NULL)
		return;
	while (set->first != NULL) {
		struct writing *w = set->first;

		set->first = w->next;
		writing_free(w);
	}
	free(set);
}
