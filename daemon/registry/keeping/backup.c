#include "daemon/registry/keeping/backup.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/work.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/schema.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define PAUSE_MS 2 /* between two steps */
#define LINES_MAX (REGISTRY_BACKUP_LINES * 256UL)

/* In this order. */
enum stage { NONE, DATABASE, LIST, ERASURES, KEYS, READY, FAILED, STAGES };

static const char *const words[STAGES] = {
    [NONE] = "none",
    [DATABASE] = "copying",
    [LIST] = "listing",
    [ERASURES] = "listing",
    [KEYS] = "sealing",
    [READY] = "ready",
    [FAILED] = "failed",
};

static const char *const paths[IPC_BACKUP_ATTACHMENT] = {
    [IPC_BACKUP_DATABASE] = "backup/readmit.db",
    [IPC_BACKUP_LIST] = "backup/attachments",
    [IPC_BACKUP_ERASURES] = "backup/erasures",
    [IPC_BACKUP_KEYS] = "backup/keys",
};

struct backup {
	struct node *node;
	struct timer *next;
	enum stage stage;
	bool begins; /* its journal entry waits for its commit */
	struct store_item item;
	char user[RECORD_NAME_MAX];
	uint64_t request; /* that began it */
	struct db_copy *copy;
	int fd; /* of the file that is written; -1: none */
	uint8_t after[16]; /* the last attachment listed */
	uint64_t total, done; /* pages */
	uint64_t erasures; /* listed … */
	uint8_t head[32]; /* … and the head of the last */
	int64_t made_ms, used_ms; /* wall; monotonic */
	int why; /* it failed */
};

static void remove_files(struct backup *b)
{
	db_copy_free(b->copy);
	b->copy = NULL;
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		file_remove(paths[i]);
	file_remove("backup/readmit.db-wal");
	file_remove("backup/readmit.db-journal");
}

static void fail(struct backup *b, int why)
{
	remove_files(b);
	b->stage = FAILED;
	b->why = why;
	log_event(LOG_BACKUP_FAILED, LOG_S(rxp_err_text(why)));
}

static void answer(struct backup *b, uint64_t request)
{
	struct msg_backup_is m = {.result = b->stage == FAILED ? (uint32_t)b->why : 0,
	    .done = b->done,
	    .total = b->total,
	    .schema = SCHEMA_VERSION,
	    .made_ms = b->made_ms,
	    .erasures = b->erasures};

	snprintf(m.state, sizeof m.state, "%s", words[b->stage]);
	memcpy(m.own, b->node->own, sizeof m.own);
	link_answer(b->node->desk, IPC_backup_is, request, &m, NULL, 0);
}

/* --- files --------------------------------------------------------------------------------------- */

static int open_file(struct backup *b, enum ipc_backup_file kind)
{
	b->fd = open(paths[kind], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return b->fd >= 0 ? 0 : RXP_ERR_IO;
}

static int append(struct backup *b, const void *octets, size_t len)
{
	return write(b->fd, octets, len) == (ssize_t)len ? 0 : RXP_ERR_IO;
}

static void close_file(struct backup *b)
{
	close(b->fd);
	b->fd = -1;
}

/* --- steps --------------------------------------------------------------------------------------- */

/* Each: 1, there is more of the stage; 0, it is over; or why it failed. */

static int step_database(struct backup *b)
{
	int rc = db_copy_step(b->copy, REGISTRY_BACKUP_PAGES);

	b->total = db_copy_total(b->copy);
	b->done = b->total - db_copy_left(b->copy);
	if (rc != 0)
		return rc;
	b->made_ms = clock_wall_ms(); /* what is committed now is in it, and nothing later */
	db_copy_free(b->copy);
	b->copy = NULL;
	memset(b->after, 0, sizeof b->after);
	return open_file(b, IPC_BACKUP_LIST);
}

/* Those that are whole: a file that is still being written comes again. */
static int step_list(struct backup *b)
{
	struct db *db = store_db(b->node->store);
	char path[FILE_PATH_MAX], line[FILE_PATH_MAX + 32];
	struct store_file f;
	struct rxp_buf lines;
	int rc = 0;

	rxp_buf_init(&lines, LINES_MAX);
	for (int i = 0; rc == 0 && i < REGISTRY_BACKUP_LINES; i++) {
		rc = store_file_next(db, &f, b->after);
		if (rc != 0)
			break;
		memcpy(b->after, f.id, sizeof b->after);
		if (f.state == STATE_STAGING)
			continue;
		file_path_whole(path, f.party, f.ciphertext_digest);
		snprintf(
		    line, sizeof line, "%s %llu\n", path, (unsigned long long)f.ciphertext_length);
		rc = rxp_buf_puts(&lines, line);
	}
	if (rc == 0 || rc == RXP_ERR_NOT_FOUND) {
		int wrote = append(b, lines.data, lines.len);

		rc = wrote != 0 ? wrote : (rc == 0 ? 1 : 0);
	}
	rxp_buf_free(&lines);
	if (rc != 0)
		return rc;
	close_file(b);
	b->erasures = 0;
	memset(b->head, 0, sizeof b->head);
	return open_file(b, IPC_BACKUP_ERASURES);
}

static void sealed(void *arg, int result, const struct link_message *reply)
{
	struct backup *b = arg;
	const struct msg_escrowed *m = reply != NULL ? reply->body : NULL;

	if (b->stage != KEYS)
		return; /* it was ended meanwhile */
	if (result == 0)
		result = m == NULL ? RXP_ERR_DAMAGED : (int)m->result;
	if (result == 0)
		result = open_file(b, IPC_BACKUP_KEYS);
	if (result == 0)
		result = append(b, m->octets.data, m->octets.len);
	if (result != 0) {
		fail(b, result);
		return;
	}
	close_file(b);
	b->stage = READY;
	b->used_ms = clock_mono_ms();
	log_event(LOG_BACKUP_READY, LOG_N(b->total), LOG_N(b->erasures), LOG_S(b->user));
}

static int step_erasures(struct backup *b)
{
	struct db *db = store_db(b->node->store);
	struct msg_escrow m = {.made_ms = b->made_ms};
	char line[ERASURE_LINE];
	struct erasure e;
	struct rxp_buf lines;
	int rc = 0, wrote;

	rxp_buf_init(&lines, LINES_MAX);
	for (int i = 0; rc == 0 && i < REGISTRY_BACKUP_LINES; i++) {
		rc = store_erasure_next(db, &e, b->erasures);
		if (rc != 0)
			break;
		b->erasures = e.n;
		memcpy(b->head, e.head, sizeof b->head);
		erasure_write(line, &e);
		rc = rxp_buf_puts(&lines, line);
	}
	wrote = rc == 0 || rc == RXP_ERR_NOT_FOUND ? append(b, lines.data, lines.len) : rc;
	rxp_buf_free(&lines);
	if (wrote != 0 || rc == 0)
		return wrote != 0 ? wrote : 1;
	close_file(b);
	m.erasures = b->erasures;
	memcpy(m.head, b->head, sizeof m.head);
	return work_submit(b->node->work, IPC_escrow, &m, NULL, 0, sealed, b);
}

static void on_next(void *arg)
{
	static int (*const steps[STAGES])(struct backup * b) = {
	    [DATABASE] = step_database, [LIST] = step_list, [ERASURES] = step_erasures};
	struct backup *b = arg;
	int rc;

	if (steps[b->stage] == NULL)
		return;
	rc = steps[b->stage](b);
	if (rc == 0)
		b->stage++;
	if (rc < 0)
		fail(b, rc);
	else
		timer_arm(b->next, PAUSE_MS);
}

/* --- requests ------------------------------------------------------------------------------------ */

static int apply(void *arg, struct db *db)
{
	const struct backup *b = arg;

	return store_journal(
	    db, &(struct store_journal_entry){
		    .at_ms = clock_wall_ms(), .user = b->user, .action = JOURNAL_BACKUP_MAKE});
}

static void done(void *arg, int result)
{
	struct backup *b = arg;

	b->begins = false;
	if (result == 0)
		result =
		    db_copy_new(&b->copy, store_db(b->node->store), paths[IPC_BACKUP_DATABASE]);
	if (result != 0) {
		fail(b, result);
	} else {
		b->stage = DATABASE;
		timer_arm(b->next, PAUSE_MS);
	}
	answer(b, b->request);
}

/* One at a time; who begins another joins it. */
static bool begin(struct backup *b, uint64_t request, const char *user)
{
	if (b->begins || (b->stage != NONE && b->stage != READY && b->stage != FAILED))
		return false;
	remove_files(b);
	b->stage = NONE;
	b->done = b->total = b->erasures = 0;
	b->made_ms = 0;
	if (file_room((uint64_t)db_size(store_db(b->node->store))) != 0) {
		fail(b, RXP_ERR_FULL);
		return false;
	}
	b->begins = true;
	b->request = request;
	snprintf(b->user, sizeof b->user, "%s", user);
	b->item = (struct store_item){.apply = apply, .done = done, .arg = b};
	store_submit(b->node->store, &b->item);
	return true;
}

void backup_take(struct backup *b, uint64_t request, const struct msg_backup *m)
{
	b->used_ms = clock_mono_ms();
	if (m->what == IPC_BACKUP_BEGIN && begin(b, request, m->user))
		return; /* answered when it has begun */
	if (m->what == IPC_BACKUP_END && !b->begins) {
		remove_files(b);
		b->stage = NONE;
	}
	answer(b, request);
}

static int open_one(struct backup *b, const struct msg_backup_file *m, int *fd)
{
	char path[FILE_PATH_MAX];

	if (b->stage != READY)
		return RXP_ERR_STATE;
	if (m->kind < IPC_BACKUP_ATTACHMENT)
		return file_open(paths[m->kind], fd);
	file_path_whole(path, m->party, m->digest);
	return file_open(path, fd);
}

void backup_file(struct backup *b, uint64_t request, const struct msg_backup_file *m)
{
	struct msg_backup_file_given given = {0};
	struct msg_backup_file_denied denied;
	int fd = -1, rc = open_one(b, m, &fd);

	b->used_ms = clock_mono_ms();
	if (rc == 0)
		rc = file_length(fd, &given.length);
	if (rc == 0) {
		link_answer(b->node->desk, IPC_backup_file_given, request, &given, &fd, 1);
	} else {
		denied.result = (uint32_t)rc;
		link_answer(b->node->desk, IPC_backup_file_denied, request, &denied, NULL, 0);
	}
	if (fd >= 0)
		close(fd);
}

void backup_tick(struct backup *b)
{
	if (b->stage == READY && clock_mono_ms() - b->used_ms > REGISTRY_BACKUP_KEPT_MS) {
		remove_files(b);
		b->stage = NONE;
	}
}

/* --- the module ---------------------------------------------------------------------------------- */

int backup_new(struct backup **out, struct node *node)
{
	struct backup *b = calloc(1, sizeof *b);
	int rc;

	if (b == NULL)
		return RXP_ERR_NOMEM;
	*b = (struct backup){.node = node, .fd = -1};
	rc = timer_new(&b->next, node->loop, on_next, b);
	if (rc != 0) {
		free(b);
		return rc;
	}
	remove_files(b);
	*out = b;
	return 0;
}

void backup_free(struct backup *b)
{
	if (b == NULL)
		return;
	remove_files(b);
	timer_free(b->next);
	free(b);
}
