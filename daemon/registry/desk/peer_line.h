/*
 * peer_line - the desk says how the line to a peer may be used.
 */
#ifndef REGISTRY_PEER_LINE_H
#define REGISTRY_PEER_LINE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct peering;

/* Answers `peer_lined`: RXP_ERR_NOT_FOUND, RXP_ERR_SYNTAX, RXP_ERR_BOUND, or as store.h says. What is "" stays. */
void peer_line_take(const struct peering *by, uint64_t request, const struct msg_peer_line *m);

#endif
