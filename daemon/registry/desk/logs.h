/*
 * logs - what a person sees of the logs that watch each other, and says about them (RXP-LOG-011).
 */
#ifndef REGISTRY_LOGS_H
#define REGISTRY_LOGS_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct logwatch;
struct node;
struct own;
struct peers;

/* What it works on; all borrowed. It stays where it is. */
struct logs {
	struct node *node;
	struct peers *peers;
	struct logwatch *logwatch;
	struct own *own;
};

/* Answers `log_listed`. */
void logs_list(const struct logs *by, uint64_t request, const struct msg_log_list *m);

/* Begins to compare, and answers `log_checked` at once. RXP_ERR_NOT_FOUND: no such peer; RXP_ERR_STATE: it is
 * distrusted; RXP_ERR_FULL. */
void logs_check(const struct logs *by, uint64_t request, const struct msg_log_check *m);

/* Answers `log_noted` after the commit, which also writes the journal. RXP_ERR_NOT_FOUND: no such peer, or nothing to
 * note. */
void logs_note(const struct logs *by, uint64_t request, const struct msg_log_note *m);

/* Answers `log_page_got`. RXP_ERR_NOT_FOUND: no page is kept of that entry. */
void logs_page(const struct logs *by, uint64_t request, const struct msg_log_page_get *m);

#endif
