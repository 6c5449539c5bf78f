/*
 * bundle - messages, answers, attachments, descriptors and pages of logs that people carry in a file (RXP-BND).
 *
 * The registry sees no archive: readmitctl reads and writes that, and each object goes the way that it would go on
 * a line, so that the three ways have one effect. What is put into a bundle is noted as an attempt before its
 * octets leave; what comes out of one is trusted by its seal.
 */
#ifndef REGISTRY_BUNDLE_H
#define REGISTRY_BUNDLE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct admit;
struct history;
struct logpages;
struct logwatch;
struct node;
struct outbox;
struct pace;
struct peers;
struct recovery;
struct refresh;
struct returned;

/* What it works on; all borrowed. It stays where it is. */
struct bundle {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct outbox *outbox;
	struct returned *returned;
	struct refresh *refresh;
	struct admit *admit;
	struct logwatch *logwatch;
	struct logpages *logpages;
	struct recovery *recovery;
	struct history *history;
};

/* Answers `bundle_given`. RXP_ERR_NOT_FOUND: no such peer. */
void bundle_next(const struct bundle *by, uint64_t request, const struct msg_bundle_next *m);

/* Answers `bundle_own_given` (RXP-BND-009). RXP_ERR_NOT_FOUND: no such peer. */
void bundle_own(const struct bundle *by, uint64_t request, const struct msg_bundle_own *m);

/* Answers `bundle_file_given` or `bundle_file_denied`. */
void bundle_file(const struct bundle *by, uint64_t request, const struct msg_bundle_file *m);

/* Answers `bundle_log_given`. RXP_ERR_NOT_FOUND: no such peer; RXP_ERR_FULL: not now. */
void bundle_log(const struct bundle *by, uint64_t request, const struct msg_bundle_log *m);

/* Answers `bundle_brought`. RXP_ERR_NOT_FOUND: no such peer; RXP_ERR_SYNTAX: no such kind. */
void bundle_bring(const struct bundle *by, uint64_t request, const struct msg_bundle_bring *m);

#endif
