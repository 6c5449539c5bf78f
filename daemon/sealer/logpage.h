/*
 * logpage - pages of logs: of ours sealed, of the peers' verified (RXP-LOG-005, RXP-LOG-009).
 */
#ifndef SEALER_LOGPAGE_H
#define SEALER_LOGPAGE_H

struct node;
struct reply;

/* Request seal_log_page. */
int logpage_seal_handle(struct node *node, const void *request, struct reply *reply);

/* Request check_log_page: seal, owner and peer; what it says is compared by the registry. A revoked certificate verifies
 * nothing here, and a retired one nothing that was made after its time. */
int logpage_check_handle(struct node *node, const void *request, struct reply *reply);

#endif
