#include "daemon/registry/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

#define DATABASE "readmit.db"
#define LOCK_FILE "readmit.lock"

static const char *const open_files[] = {DATABASE, DATABASE "-wal"};
#define OPEN_FILES (sizeof open_files / sizeof open_files[0])

struct store {
	struct db *db;
	int lock_fd;
	struct store_item *first, **end; /* what waits, in order */
	bool failing, lost, damaged;
	struct store_count count;
	struct {
		dev_t device;
		ino_t number;
	} files[OPEN_FILES]; /* under their names when they were opened */
	bool displaced_told;
};

static int lock(int *out)
{
	int fd = open(LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return RXP_ERR_IO;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		int rc = errno == EWOULDBLOCK ? RXP_ERR_EXISTS : RXP_ERR_IO;

		close(fd);
		return rc;
	}
	*out = fd;
	return 0;
}

/* That a database was made here once stands in the lock file: if it is gone, nobody may begin another one in its place, for the
 * files of attachments would be removed as those of no row, and peers would be strangers. */
static int look_gone(int lock_fd)
{
	struct stat mark, database;

	if (fstat(lock_fd, &mark) != 0)
		return RXP_ERR_IO;
	if (mark.st_size == 0)
		return 0;
	if (stat(DATABASE, &database) == 0)
		return database.st_size > 0 ? 0 : RXP_ERR_NOT_FOUND;
	return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
}

/* On a full disk that is left for another start: it keeps no node from its database. */
static void mark_made(int lock_fd)
{
	static const char mark[] = "made\n";
	struct stat is;

	if (fstat(lock_fd, &is) == 0 && is.st_size == 0 &&
	    pwrite(lock_fd, mark, sizeof mark - 1, 0) > 0)
		(void)fsync(lock_fd);
}

static int note_files(struct store *s)
{
	struct stat is;

	for (size_t i = 0; i < OPEN_FILES; i++) {
		if (stat(open_files[i], &is) != 0)
			return RXP_ERR_IO;
		s->files[i].device = is.st_dev;
		s->files[i].number = is.st_ino;
	}
	return 0;
}

int store_open(struct store **out)
{
	struct store *s = calloc(1, sizeof *s);
	int rc = RXP_ERR_NOMEM;

	if (s == NULL)
		return rc;
	s->lock_fd = -1;
	s->end = &s->first;
	rc = lock(&s->lock_fd);
	if (rc == 0)
		rc = look_gone(s->lock_fd);
	if (rc == 0)
		rc = db_open(&s->db, DATABASE);
	if (rc == 0) {
		mark_made(s->lock_fd);
		rc = note_files(s);
	}
	if (rc != 0) {
		store_close(s);
		return rc;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	db_close(s->db);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	free(s);
}

struct db *store_db(struct store *s)
{
	return s->db;
}

void store_submit(struct store *s, struct store_item *item)
{
	item->next = NULL;
	*s->end = item;
	s->end = &item->next;
}

/* --- group commit ------------------------------------------------------------------------------- */

struct batch {
	struct store_item *items[REGISTRY_BATCH_MAX];
	int results[REGISTRY_BATCH_MAX];
	size_t n;
};

static void take_batch(struct store *s, struct batch *b)
{
	b->n = 0;
	while (s->first != NULL && b->n < REGISTRY_BATCH_MAX) {
		b->items[b->n++] = s->first;
		s->first = s->first->next;
	}
	if (s->first == NULL)
		s->end = &s->first;
}

static bool fails_batch(int rc)
{
	return rc == RXP_ERR_IO || rc == RXP_ERR_NOMEM || rc == RXP_ERR_DAMAGED;
}

static int apply_one(struct db *db, struct store_item *item, int *result)
{
	int rc = db_run(db, SQL_SAVEPOINT, NULL, 0);

	if (rc != 0)
		return rc;
	*result = item->apply(item->arg, db);
	if (fails_batch(*result))
		return *result;
	if (*result != 0 && (rc = db_run(db, SQL_UNDO, NULL, 0)) != 0)
		return rc;
	return db_run(db, SQL_RELEASE, NULL, 0);
}

static int commit_batch(struct db *db, struct batch *b)
{
	int rc = db_run(db, SQL_BEGIN, NULL, 0);

	for (size_t i = 0; i < b->n && rc == 0; i++)
		rc = apply_one(db, b->items[i], &b->results[i]);
	/* The commit point of every operation of the node: answers and acknowledgements leave only
	 * after this statement returned success. */
	return rc != 0 ? rc : db_run(db, SQL_COMMIT, NULL, 0);
}

/* Said once for a time of failure, and once when it is over. */
static void note_failure(struct store *s, int rc)
{
	if (!s->failing)
		log_event(LOG_STORE_FAILED, LOG_S(db_problem(s->db)), LOG_S(rxp_err_text(rc)));
	s->failing = true;
	s->lost = s->lost || db_lost(s->db);
	s->damaged = s->damaged || (s->lost && rc == RXP_ERR_DAMAGED);
}

static void note_success(struct store *s, const struct batch *b)
{
	if (s->failing)
		log_event(LOG_STORE_BACK, LOG_S(DATABASE));
	s->failing = false;
	s->count.commits++;
	s->count.items += b->n;
}

void store_round(struct store *s)
{
	while (s->first != NULL && !s->lost) {
		struct batch b = {.n = 0};
		int rc;

		take_batch(s, &b);
		rc = commit_batch(s->db, &b);
		if (rc != 0) {
			note_failure(s, rc);
			if (db_in_transaction(s->db))
				(void)db_run(s->db, SQL_ROLLBACK, NULL, 0);
		} else {
			note_success(s, &b);
		}
		for (size_t i = 0; i < b.n; i++)
			b.items[i]->done(b.items[i]->arg, rc != 0 ? RXP_ERR_IO : b.results[i]);
	}
}

bool store_waiting(const struct store *s)
{
	return s->first != NULL;
}

bool store_failing(const struct store *s)
{
	return s->failing;
}

bool store_lost(const struct store *s)
{
	return s->lost;
}

bool store_damaged(const struct store *s)
{
	return s->damaged;
}

/* The first that is not under its name any more; NULL: both are. */
static const char *displaced(const struct store *s)
{
	struct stat is;

	for (size_t i = 0; i < OPEN_FILES; i++)
		if (stat(open_files[i], &is) != 0 || is.st_dev != s->files[i].device ||
		    is.st_ino != s->files[i].number)
			return open_files[i];
	return db_overwritten(s->db) ? DATABASE : NULL;
}

bool store_displaced(const struct store *s)
{
	return displaced(s) != NULL;
}

void store_tick(struct store *s)
{
	const char *name = displaced(s);

	if (name != NULL && !s->displaced_told)
		log_event(LOG_STORE_DISPLACED, LOG_S(name));
	s->displaced_told = name != NULL;
}

struct store_count store_counts(const struct store *s)
{
	return s->count;
}
