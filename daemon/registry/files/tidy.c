#include "daemon/registry/files/tidy.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/err.h"

#define STRAY_MAX 8192 /* files that have no row, of those found at the start */
#define STRAY_STEP 64

struct tidy {
	struct node *node;
	tidy_active *active;
	void *active_arg;
	int64_t looked_ms; /* wall time of the last look */
	bool busy; /* the item waits for its commit */
	struct store_item item;
	int n, dropped;
	struct store_file files[REGISTRY_PAGE_MAX];
	struct file_name *stray; /* found at the start */
	size_t n_stray;
};

/* --- at the start -------------------------------------------------------------------------------- */

/* The row is the truth: it says whether such a file is to be there, and in which directory. 1: it is not. */
static int is_stray(const struct node *n, const struct file_name *name)
{
	struct store_file row;
	int rc = RXP_ERR_NOT_FOUND;

	if (name->kind == FILE_OTHER)
		return 0; /* none of ours */
	if (name->kind != FILE_NEW)
		rc = store_file_find(store_db(n->store), &row, name->party, name->digest);
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 1 : rc;
	return (row.state == STATE_STAGING) != (name->kind == FILE_PART) ? 1 : 0;
}

/* What has no room is found at the next start. */
static int note_stray(void *arg, const struct file_name *name)
{
	struct tidy *t = arg;
	struct file_name *more;
	int rc = t->n_stray < STRAY_MAX ? is_stray(t->node, name) : 0;

	if (rc != 1)
		return rc;
	if (t->n_stray % STRAY_STEP == 0) {
		more = realloc(t->stray, (t->n_stray + STRAY_STEP) * sizeof *more);
		if (more == NULL)
			return RXP_ERR_NOMEM;
		t->stray = more;
	}
	t->stray[t->n_stray++] = *name;
	return 0;
}

/* That a row is missing is believed when the tables are proved (RXP-LOG-032). By then the file may be wanted again. */
static void remove_stray(struct tidy *t)
{
	if (t->n_stray == 0 || !node_may_destroy(t->node))
		return;
	for (size_t i = 0; i < t->n_stray; i++) {
		const struct file_name *name = &t->stray[i];

		if (!t->active(t->active_arg, name->party, name->digest) &&
		    is_stray(t->node, name) == 1)
			file_remove(name->path);
	}
	free(t->stray);
	t->stray = NULL;
	t->n_stray = 0;
}

/* --- each hour ----------------------------------------------------------------------------------- */

/* One that a message got meanwhile stays. */
static int drop_apply(void *arg, struct db *db)
{
	struct tidy *t = arg;
	int kept = 0;

	for (int i = 0; i < t->n; i++) {
		int rc = store_file_drop(db, t->files[i].id);

		if (rc == 0)
			t->files[kept++] = t->files[i];
		else if (rc != RXP_ERR_STATE && rc != RXP_ERR_NOT_FOUND)
			return rc;
	}
	t->dropped = kept;
	return 0;
}

static void drop_done(void *arg, int result)
{
	struct tidy *t = arg;
	char path[FILE_PATH_MAX];

	t->busy = false;
	if (result != 0)
		return;
	for (int i = 0; i < t->dropped; i++) {
		const struct store_file *f = &t->files[i];

		if (f->state == STATE_STAGING)
			file_path_part(path, f->party, f->ciphertext_digest);
		else
			file_path_whole(path, f->party, f->ciphertext_digest);
		file_remove(path);
	}
	if (t->dropped > 0)
		log_event(LOG_ATTACHMENTS_UNCLAIMED, LOG_N(t->dropped));
	if (t->n == REGISTRY_PAGE_MAX)
		t->looked_ms = 0; /* there may be more */
}

/* What is being written or verified is left alone; it is looked at again in an hour. */
static void leave_active(struct tidy *t)
{
	int kept = 0;

	for (int i = 0; i < t->n; i++)
		if (!t->active(t->active_arg, t->files[i].party, t->files[i].ciphertext_digest))
			t->files[kept++] = t->files[i];
	t->n = kept;
}

void tidy_tick(struct tidy *t)
{
	int64_t now = clock_wall_ms();

	remove_stray(t);
	if (t->busy || !node_may_destroy(t->node) ||
	    (now >= t->looked_ms && now - t->looked_ms < REGISTRY_TIDY_MS))
		return;
	t->looked_ms = now;
	t->n = store_file_old(store_db(t->node->store), now - REGISTRY_UNCLAIMED_MS, t->files,
	    sizeof t->files / sizeof t->files[0]);
	if (t->n <= 0)
		return; /* an error shows elsewhere, and the next look comes */
	leave_active(t);
	t->busy = true;
	t->item = (struct store_item){.apply = drop_apply, .done = drop_done, .arg = t};
	store_submit(t->node->store, &t->item);
}

int tidy_new(struct tidy **out, struct node *n, tidy_active *active, void *arg)
{
	struct tidy *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	t->node = n;
	t->active = active;
	t->active_arg = arg;
	rc = file_each(note_stray, t);
	if (rc != 0) {
		tidy_free(t);
		return rc;
	}
	remove_stray(t);
	*out = t;
	return 0;
}

void tidy_free(struct tidy *t)
{
	if (t == NULL)
		return;
	free(t->stray);
	free(t);
}
