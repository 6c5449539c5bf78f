#include "daemon/registry/watch/own_files.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_list.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/watch/found.h"
#include "protocol/base/err.h"

#define ID_TIME_OCTETS 6 /* with which an id begins: milliseconds */

struct own_files {
	struct node *node;
	struct peers *peers;
	struct timer *next;
	EVP_MD_CTX *md;
	bool busy, placed;
	int64_t looked_ms; /* when the look began */
	uint8_t before[RXP_ID_OCTETS]; /* behind which the file is that is being looked at, … */
	uint8_t place[RXP_ID_OCTETS]; /* … behind which it goes on, … */
	uint8_t first[RXP_ID_OCTETS]; /* … and where it began; */
	bool round; /* it has come to the last, and goes on from the first of all */
	uint64_t octets; /* of this look */
	unsigned n_found;
	/* the file that is being looked at */
	struct store_file file;
	int fd;
	uint64_t at;
	uint8_t is[RXP_DIGEST_OCTETS]; /* zeros: it cannot be read to the end that its row names */
	struct rec_message_row document;
	bool open; /* nobody has noted it */
	struct store_item item;
	uint8_t piece[REGISTRY_FILE_LOOK_PIECE];
};

static void go_on(struct own_files *o)
{
	timer_arm(o->next, REGISTRY_FILE_LOOK_PAUSE_MS);
}

static void end_file(struct own_files *o)
{
	if (o->fd >= 0)
		close(o->fd);
	o->fd = -1;
}

/* What this machine cannot do now says nothing of the file. */
static void look_again(struct own_files *o)
{
	end_file(o);
	memcpy(o->place, o->before, sizeof o->place);
	go_on(o);
}

/* --- what was found ------------------------------------------------------------------------------------ */

static int apply(void *arg, struct db *db)
{
	struct own_files *o = arg;
	struct store_difference d = {.peer = o->document.peer,
	    .what = RXP_LOG_OWN_FILE,
	    .n = o->file.number,
	    .message_id = o->document.message_id,
	    .at_ms = o->looked_ms};
	int rc;

	memcpy(d.log_id, o->file.ciphertext_digest, sizeof d.log_id);
	memcpy(d.shown, o->is, sizeof d.shown); /* what is done to it later is another one */
	o->open = true;
	rc = store_difference_put(db, &d, &o->open);
	return rc == RXP_ERR_FULL ? 0 : rc; /* those that are kept wait for a person already */
}

static void done(void *arg, int result)
{
	const struct rxp_log_difference_row *row = rxp_log_difference_row(RXP_LOG_OWN_FILE);
	struct own_files *o = arg;
	struct peer *peer = peers_find(o->peers, o->document.peer);
	char id[RXP_ID_TEXT];

	rxp_id_text(id, o->document.message_id);
	if (result == 0 && o->open)
		log_event(LOG_LOG_DIFFERS, LOG_S(o->document.peer), LOG_S(row->word),
		    LOG_N(o->file.number), LOG_S(id), LOG_S(""), LOG_S(row->meaning));
	if (peer != NULL)
		found_count(o->node, peer);
	if (result != 0)
		look_again(o);
	else
		go_on(o);
}

/* Its row may be gone by now, with the file, or the document. */
static bool is_there_still(struct own_files *o)
{
	struct db *db = store_db(o->node->store);
	struct store_file now;

	return store_file_get(db, &now, o->file.id) == 0 && now.state == STATE_ATTACHED &&
	       memcmp(now.ciphertext_digest, o->file.ciphertext_digest,
		   sizeof now.ciphertext_digest) == 0 &&
	       store_list_message(db, &o->document, NULL, NULL, now.message) == 0;
}

/* Whether it is what its row says. */
static void judge(struct own_files *o)
{
	end_file(o);
	if (memcmp(o->is, o->file.ciphertext_digest, sizeof o->is) == 0 || !is_there_still(o)) {
		go_on(o);
		return;
	}
	o->n_found++;
	o->item = (struct store_item){.apply = apply, .done = done, .arg = o};
	store_submit(o->node->store, &o->item);
}

/* --- a file ---------------------------------------------------------------------------------------------- */

static void hash_on(struct own_files *o)
{
	const uint64_t left = o->file.ciphertext_length - o->at;
	const size_t len = left < sizeof o->piece ? (size_t)left : sizeof o->piece;

	if (file_read(o->fd, o->piece, len, o->at) != 0) {
		judge(o);
		return;
	}
	o->at += len;
	o->octets += len;
	if (EVP_DigestUpdate(o->md, o->piece, len) != 1 ||
	    (o->at == o->file.ciphertext_length && EVP_DigestFinal_ex(o->md, o->is, NULL) != 1)) {
		end_file(o); /* no memory: tomorrow */
		go_on(o);
	} else if (o->at < o->file.ciphertext_length) {
		go_on(o);
	} else {
		judge(o);
	}
}

static void begin_file(struct own_files *o)
{
	char path[FILE_PATH_MAX];
	uint64_t length = 0;

	memset(o->is, 0, sizeof o->is);
	o->at = 0;
	file_path_whole(path, o->file.party, o->file.ciphertext_digest);
	if (EVP_DigestInit_ex(o->md, EVP_sha256(), NULL) != 1 ||
	    (file_open(path, &o->fd) != 0 &&
		(errno == EMFILE || errno == ENFILE || errno == ENOMEM)))
		look_again(o);
	else if (o->fd < 0 || file_length(o->fd, &length) != 0 ||
		 length != o->file.ciphertext_length)
		judge(o);
	else
		go_on(o);
}

/* --- one after the other --------------------------------------------------------------------------------- */

/* After a start it goes on somewhere: else a node that is started each day would never come to the last. Ids begin with the time at
 * which they were made. */
static void place(struct own_files *o)
{
	const uint64_t now = (uint64_t)clock_wall_ms();
	struct store_file oldest;
	uint64_t from = 0, any = 0;
	uint8_t random[sizeof any];

	o->placed = true;
	memset(o->place, 0, sizeof o->place);
	if (store_file_next(store_db(o->node->store), &oldest, o->place) != 0 ||
	    o->node->random.fill(o->node->random.arg, random, sizeof random) != 0)
		return;
	for (size_t i = 0; i < sizeof random; i++)
		any = any << 8 | random[i];
	for (size_t i = 0; i < ID_TIME_OCTETS; i++)
		from = from << 8 | oldest.id[i];
	if (from >= now)
		return;
	from += any % (now - from);
	for (size_t i = ID_TIME_OCTETS; i-- > 0; from >>= 8)
		o->place[i] = (uint8_t)from;
}

/* The next that a document has. RXP_ERR_NOT_FOUND: all were looked at. */
static int next_file(struct own_files *o)
{
	struct db *db = store_db(o->node->store);
	int rc;

	while ((rc = store_file_next(db, &o->file, o->place)) == 0 || rc == RXP_ERR_NOT_FOUND) {
		if (rc != 0 && o->round)
			return rc;
		if (rc != 0) {
			o->round = true;
			memset(o->place, 0, sizeof o->place);
			continue;
		}
		if (o->round && memcmp(o->file.id, o->first, sizeof o->first) > 0)
			return RXP_ERR_NOT_FOUND;
		memcpy(o->before, o->place, sizeof o->before);
		memcpy(o->place, o->file.id, sizeof o->place);
		if (o->file.state == STATE_ATTACHED)
			return 0;
	}
	return rc;
}

static void on_timer(void *arg)
{
	struct own_files *o = arg;

	if (o->fd >= 0)
		hash_on(o);
	else if (o->octets < REGISTRY_FILE_LOOK_OCTETS && o->n_found < FOUND_MAX &&
		 next_file(o) == 0)
		begin_file(o);
	else
		o->busy = false; /* what is left is looked at tomorrow */
}

void own_files_tick(struct own_files *o)
{
	int64_t now = clock_wall_ms();

	if (o->busy ||
	    (o->looked_ms != 0 && now >= o->looked_ms && now - o->looked_ms < REGISTRY_WATCH_MS))
		return;
	if (!o->placed)
		place(o);
	o->busy = true;
	o->looked_ms = now;
	memcpy(o->first, o->place, sizeof o->first);
	o->round = false;
	o->octets = 0;
	o->n_found = 0;
	go_on(o);
}

/* --- the module ---------------------------------------------------------------------------------------- */

int own_files_new(struct own_files **out, struct node *n, struct peers *peers)
{
	struct own_files *o = calloc(1, sizeof *o);
	int rc = RXP_ERR_NOMEM;

	if (o == NULL)
		return rc;
	o->node = n;
	o->peers = peers;
	o->fd = -1;
	o->md = EVP_MD_CTX_new();
	if (o->md != NULL)
		rc = timer_new(&o->next, n->loop, on_timer, o);
	if (rc != 0) {
		own_files_free(o);
		return rc;
	}
	*out = o;
	return 0;
}

void own_files_free(struct own_files *o)
{
	if (o == NULL)
		return;
	end_file(o);
	timer_free(o->next);
	EVP_MD_CTX_free(o->md);
	free(o);
}
