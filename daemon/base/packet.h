/*
 * packet - one message of ipc.def as one packet of a SOCK_SEQPACKET socket, out and in.
 *
 * Form: type (u16), flags (u16), length of the record (u32), request (u64), big-endian; then the
 * record, unless it is longer than IPC_INLINE_MAX: it then stands in a memory file with all seals,
 * which is the first descriptor of the packet (flag PACKET_IN_FILE).
 */
#ifndef BASE_PACKET_H
#define BASE_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "protocol/base/buf.h"

#define PACKET_HEAD 16 /* octets before the record */
#define PACKET_FDS_MAX (1 + IPC_FDS_MAX)

enum { PACKET_IN_FILE = 1 }; /* flags */

/* Going out. Belongs to link: `next`, `queued` and `kept` say in which of its places it is. */
struct packet {
	struct packet *next;
	bool queued; /* waits in the out-queue */
	bool kept; /* kept for another try until it is answered */
	enum ipc_type type;
	uint64_t request;
	struct rxp_buf octets;
	int fds[PACKET_FDS_MAX]; /* owned */
	size_t n_fds;
};

/* Encode; the descriptors are duplicated. The number of descriptors must be the row's.
 * RXP_ERR_BOUND (longer than IPC_MESSAGE_MAX), RXP_ERR_NOMEM, RXP_ERR_IO. */
int packet_new(struct packet **out, enum ipc_type type, uint64_t request, const void *body,
    const int *fds, size_t n_fds);
void packet_free(struct packet *p); /* NULL is allowed */

/* Try once. RXP_ERR_FULL: not now; RXP_ERR_CLOSED; RXP_ERR_IO. */
int packet_send(int socket, const struct packet *p);

/* Coming in: one buffer, used again and again. */
struct packet_in {
	enum ipc_type type;
	uint64_t request;
	const uint8_t *record; /* in `octets`, or mapped */
	size_t record_len;
	int fds[IPC_FDS_MAX];
	size_t n_fds;
	uint8_t *map; /* memory file, NULL if none */
	size_t used; /* octets received */
	uint8_t octets[PACKET_HEAD + IPC_INLINE_MAX + 1];
};

/* Receive one. The type is a row's, the descriptors are as many as the row says; the record is not
 * decoded yet. 0: to be released by packet_done(). Otherwise nothing is held: RXP_ERR_FULL (nothing
 * there), RXP_ERR_CLOSED, RXP_ERR_PEER (malformed), RXP_ERR_IO. */
int packet_receive(struct packet_in *in, int socket);

/* Unmap, close the descriptors, wipe the octets. */
void packet_done(struct packet_in *in);

#endif
