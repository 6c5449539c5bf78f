/*
 * switchboard - what moves between the modules of an assembly once they are made: what the links bring goes to the module that it is
 * for, what a module tells without knowing to whom is passed on, and each has its turn in a round of the loop and at a tick.
 *
 * The arg of each function is the struct assembly, which is borrowed. None fails: what cannot go on ends the process (node_fail()).
 */
#ifndef REGISTRY_SWITCHBOARD_H
#define REGISTRY_SWITCHBOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/link.h"
#include "daemon/registry/in/pull.h"

struct peer;

/* --- links (daemon/base/link.h, work.h) --- */

void switchboard_gateway(void *arg, struct link *l, const struct link_message *m);
void switchboard_desk(void *arg, struct link *l, const struct link_message *m);
void switchboard_closed(void *arg, struct link *l, int why);
void switchboard_work_lost(void *arg, int why);

/* --- turns --- */

/* At the end of each round of the loop, until nothing that was committed lets something else go on. */
void switchboard_round(void *arg);
/* Duties by the wall clock; arms the tick anew. */
void switchboard_tick(void *arg);

/* --- what modules tell, and ask; each as the header of the module says --- */

void switchboard_keys_changed(void *arg); /* peers/keys.h */
void switchboard_described(void *arg); /* the same */
void switchboard_peer_changed(void *arg, struct peer *peer); /* peers/refresh.h */
void switchboard_received(void *arg); /* in/admit.h */
void switchboard_own_fetched(void *arg, const char *party, struct bytes answer,
    pulled_own_done *done, void *done_arg); /* in/pull.h */
bool switchboard_file_active(
    void *arg, const char *party, const uint8_t digest[32]); /* files/tidy.h */
void switchboard_changed(void *arg, const uint8_t local_id[16]); /* out/outbox.h */
void switchboard_returned(
    void *arg, const char *party, const uint8_t message_id[16]); /* out/returned.h */
void switchboard_unknown(void *arg, struct peer *peer); /* watch/logwatch.h */

#endif
