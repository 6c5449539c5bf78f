#include "daemon/registry/out/handout.h"

#include <string.h>
#include <unistd.h>

#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/cases/halt.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/err.h"

#define HTTP_NOT_FOUND 404
#define HTTP_BUSY 503

/* Was the message that has it given to this party, and is it still to be answered? */
static int judge(struct node *n, const char *party, const struct store_file *f)
{
	struct db *db = store_db(n->store);
	struct store_outbox row;
	enum halt halt = HALT_NONE;
	int rc = f->state == STATE_ATTACHED ? store_outbox_get(db, &row, NULL, f->message)
					    : RXP_ERR_NOT_FOUND;

	if (rc == 0 && (strcmp(row.peer, party) != 0 || row.attempts == 0 || !row.planned))
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0 && !state_final(row.state))
		rc = halt_judge_going(&halt, db, n->own, &row);
	return rc == 0 && halt != HALT_NONE ? RXP_ERR_NOT_FOUND : rc;
}

int handout_open(
    struct node *n, const char *party, const uint8_t digest[32], int *fd, uint64_t *length)
{
	struct store_file f;
	char path[FILE_PATH_MAX];
	int rc = node_may_send(n, party) ? store_file_find(store_db(n->store), &f, "", digest)
					 : RXP_ERR_FULL;

	if (rc == 0)
		rc = judge(n, party, &f);
	if (rc != 0)
		return rc;
	file_path_whole(path, "", digest);
	rc = file_open(path, fd);
	if (rc == RXP_ERR_NOT_FOUND)
		log_event(LOG_ATTACHMENT_LOST, LOG_S(party), LOG_X(digest, 32),
		    LOG_S(state_word(f.state)));
	if (rc == 0)
		*length = f.ciphertext_length;
	return rc;
}

void handout_give(struct node *n, uint64_t request, const struct msg_give *m)
{
	struct msg_not_given refused = {.http_status = HTTP_BUSY};
	struct msg_given given = {0};
	int fd = -1, rc = handout_open(n, m->party, m->digest, &fd, &given.length);

	if (rc == RXP_ERR_NOT_FOUND)
		refused.http_status = HTTP_NOT_FOUND;
	if (rc != 0) {
		link_answer(n->gateway, IPC_not_given, request, &refused, NULL, 0);
		return;
	}
	link_answer(n->gateway, IPC_given, request, &given, &fd, 1);
	close(fd);
}
