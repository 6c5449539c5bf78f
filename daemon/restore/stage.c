#include "daemon/restore/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "daemon/base/clock.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_epoch.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/restore/say.h"
#include "daemon/restore/source.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define DATABASE "readmit.db"
#define CHUNK 65536
#define DEPTH 16 /* directories open at a time */

/* --- files --------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int stage_remove(void)
{
	if (access(STAGE, F_OK) != 0)
		return 0;
	return nftw(STAGE, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : say_errno(STAGE);
}

/* Whom the data directory belongs to, its content belongs to. */
static int own(int fd)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	return stat(".", &st) == 0 && fchown(fd, st.st_uid, st.st_gid) == 0 ? 0 : RXP_ERR_IO;
}

static int make_folder(const char *path)
{
	int fd = mkdir(path, 0700) == 0 ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int rc = fd >= 0 && own(fd) == 0 ? 0 : say_errno(path);

	if (fd >= 0)
		close(fd);
	return rc;
}

static int sync_path(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : say_errno(path);

	if (fd >= 0)
		close(fd);
	return rc;
}

static int copy_octets(int from, int to)
{
	char chunk[CHUNK];
	ssize_t n;

	while ((n = read(from, chunk, sizeof chunk)) > 0)
		for (ssize_t done = 0, wrote; done < n; done += wrote)
			if ((wrote = write(to, chunk + done, (size_t)(n - done))) <= 0)
				return RXP_ERR_IO;
	return n == 0 && own(to) == 0 && fsync(to) == 0 ? 0 : RXP_ERR_IO;
}

/* What was measured is measured again where it is now. */
static int copy_file(const struct source *s, const struct manifest_file *m)
{
	char from[SOURCE_PATH], to[SOURCE_PATH];
	struct manifest_file is;
	int in, out;
	int rc = source_path(from, s->data, m->name);

	if (rc == 0)
		rc = source_path(to, STAGE, m->name);
	if (rc != 0)
		return rc;
	in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (in < 0 || out < 0 || copy_octets(in, out) != 0)
		rc = say_errno(in < 0 ? from : to);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (rc == 0 &&
	    (manifest_measure(&is, to) != 0 || memcmp(is.digest, m->digest, sizeof is.digest) != 0))
		rc = say(to, "did not get there whole");
	return rc;
}

static int copy_all(const struct source *s)
{
	static const char *const folders[] = {STAGE, STAGE "/attachments",
	    STAGE "/attachments/staging", STAGE "/attachments/in", STAGE "/attachments/out"};
	const size_t n = sizeof folders / sizeof folders[0];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = make_folder(folders[i]);
	for (size_t i = 0; rc == 0 && i < s->n_files; i++)
		rc = copy_file(s, &s->files[i]);
	for (size_t i = n; rc == 0 && i > 0; i--)
		rc = sync_path(folders[i - 1], O_DIRECTORY);
	return rc;
}

/* --- the database -------------------------------------------------------------------------------- */

static int read_own(struct db *db, char own_party[4])
{
	struct rxp_buf working, descriptor;
	struct store_node node;
	int rc;

	rxp_buf_init(&working, RXP_MAX_PART_OCTETS);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = store_node_get(db, &node, &working, &descriptor);
	rxp_buf_free(&working);
	rxp_buf_free(&descriptor);
	if (rc == 0)
		memcpy(own_party, node.own, sizeof node.own);
	return rc;
}

/* What the data that stand erased since the list was made stays erased, too (RXP-RET-018): their list goes on where the
 * given one ends. */
static int take_standing_list(struct source *s, struct db *db)
{
	struct erasure e = {.n = 0};
	uint8_t head[32];
	uint64_t n = 0, common;
	int rc;

	if (store_erasure_last(db, &n, head) != 0 || n == 0)
		return 0;
	common = n < s->n_list ? n : s->n_list;
	if (common > 0 && (store_erasure_next(db, &e, common - 1) != 0 ||
			      memcmp(e.head, s->list[common - 1].head, sizeof e.head) != 0))
		return say(s->erasures,
		    "is not the list of the data that stand here: move these away, if nothing of them is to stay");
	for (rc = 0; rc == 0 && s->n_list < n;)
		rc = store_erasure_next(db, &e, s->n_list) == 0
			 ? source_add(s, &e)
			 : say(s->data, "the list of the data that stand here cannot be read");
	return rc;
}

/* Data of one party do not take the place of another's. What stands may be damaged: then nothing is known of it. */
static int check_standing(struct source *s)
{
	char party[4] = "";
	struct db *db = NULL;
	int rc = access(DATABASE, F_OK) == 0 ? db_open(&db, DATABASE) : RXP_ERR_NOT_FOUND;

	if (rc == RXP_ERR_UNSUPPORTED || rc == RXP_ERR_SCHEMA)
		return say(DATABASE,
		    "the data that stand here are of another version: restore with that one, or move them away");
	if (rc != 0)
		return 0;
	if (read_own(db, party) == 0)
		rc = strcmp(party, s->party) == 0
			 ? take_standing_list(s, db)
			 : say(s->data, "is of another party than the data that stand here");
	db_close(db);
	return rc;
}

static int check_epochs(struct db *db, const struct source *s)
{
	struct store_epoch living[STORE_EPOCHS_MAX];
	size_t n = 0;

	if (store_epochs(db, living, &n) != 0 || n == 0)
		return say(s->data, "the database is damaged");
	for (size_t i = 0; i < n; i++) {
		bool given = false;

		for (size_t k = 0; k < s->n_checks; k++)
			given = given || memcmp(living[i].check, s->checks[k], 32) == 0;
		if (!given)
			return say(s->keys,
			    "a storage key of these data is not here: it was destroyed at a rollover, or these keys are of another backup");
	}
	return 0;
}

static int owe(struct db *db, const struct source *s)
{
	uint8_t head[32];
	uint64_t n = 0;

	if (store_erasure_last(db, &n, head) != 0)
		return say(s->data, "the database is damaged");
	if (n > s->n_list)
		return say(s->erasures,
		    "is older than the data: give the list of their backup, or a newer one");
	if (n > 0 && memcmp(s->list[n - 1].head, head, sizeof head) != 0)
		return say(s->erasures, "is not the list of these data");
	for (; n < s->n_list; n++)
		if (store_erasure_owe(db, &s->list[n]) != 0)
			return say(STAGE, "the database cannot be written");
	return 0;
}

static int count_missing(struct db *db, uint64_t *missing)
{
	struct store_file f = {.number = 0};
	char path[SOURCE_PATH], hex[65];
	int rc;

	*missing = 0;
	while ((rc = store_file_next(db, &f, f.id)) == 0) {
		if (f.state == STATE_STAGING)
			continue;
		rxp_hex_put(hex, f.ciphertext_digest, sizeof f.ciphertext_digest, false);
		snprintf(path, sizeof path, STAGE "/attachments/%s/%s%s%s",
		    f.party[0] != '\0' ? "in" : "out", f.party, f.party[0] != '\0' ? "-" : "", hex);
		*missing += access(path, F_OK) != 0;
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : say(STAGE, "the database is damaged");
}

static int prepare(struct db *db, const struct source *s, uint64_t *missing)
{
	char party[4] = "";
	int rc = db_check(db) == 0 && read_own(db, party) == 0
		     ? 0
		     : say(s->data, "the database is damaged");

	if (rc == 0 && strcmp(party, s->party) != 0)
		rc = say(s->data, "the database is of another party than the manifest says");
	if (rc == 0)
		rc = check_epochs(db, s);
	if (rc == 0)
		rc = count_missing(db, missing);
	if (rc == 0 && db_run(db, SQL_BEGIN, NULL, 0) != 0)
		rc = say(STAGE, "the database cannot be written");
	if (rc == 0)
		rc = owe(db, s);
	if (rc == 0 && (store_put_back_mark(db, clock_wall_ms()) != 0 ||
			   db_run(db, SQL_COMMIT, NULL, 0) != 0 || db_checkpoint(db) != 0))
		rc = say(STAGE, "the database cannot be written");
	return rc;
}

static void swap(uint8_t a[32], uint8_t b[32])
{
	uint8_t kept[32];

	memcpy(kept, a, sizeof kept);
	memcpy(a, b, sizeof kept);
	memcpy(b, kept, sizeof kept);
	OPENSSL_cleanse(kept, sizeof kept);
}

/* The key of the present epoch comes first, for what is written is under the first (db.h): the others may be gone when the node
 * starts. */
static void order_keys(struct source *s, struct db *db)
{
	struct store_epoch living[STORE_EPOCHS_MAX];
	size_t n = 0;

	if (store_epochs(db, living, &n) != 0 || n == 0)
		return; /* check_epochs() tells it */
	for (size_t i = 1; i < s->n_checks; i++)
		if (memcmp(s->checks[i], living[0].check, sizeof s->checks[i]) == 0) {
			swap(s->checks[0], s->checks[i]);
			swap(s->tables[0], s->tables[i]);
		}
}

static int follow(struct source *s, struct db *db)
{
	const struct bytes keys = {s->tables[0], s->n_checks * sizeof s->tables[0]};

	order_keys(s, db);
	return db_follow(db, keys);
}

static int open_database(struct db **out, struct source *s)
{
	int rc = db_open(out, STAGE "/" DATABASE);

	if (rc == 0)
		rc = follow(s, *out);

	if (rc == RXP_ERR_UNSUPPORTED)
		return say(s->data, "the data are of a newer version: install that one");
	if (rc == RXP_ERR_SCHEMA)
		return say(s->data, "the data are of another version: install that one");
	return rc == 0 ? 0 : say(s->data, "the database is damaged");
}

int stage_make(struct source *s, uint64_t *missing)
{
	struct db *db = NULL;
	int ready = -1;
	int rc = check_standing(s);

	if (rc == 0)
		rc = copy_all(s);
	if (rc == 0)
		rc = open_database(&db, s);
	if (rc == 0)
		rc = prepare(db, s, missing);
	db_close(db);
	if (rc == 0)
		rc = sync_path(STAGE "/" DATABASE, 0);
	if (rc == 0)
		rc = sync_path(STAGE, O_DIRECTORY);
	if (rc == 0)
		ready = open(STAGE_READY, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (rc == 0 && (ready < 0 || fsync(ready) != 0))
		rc = say_errno(STAGE_READY);
	if (ready >= 0)
		close(ready);
	if (rc == 0)
		rc = sync_path(STAGE, O_DIRECTORY);
	return rc == 0 ? sync_path(".", O_DIRECTORY) : rc;
}
