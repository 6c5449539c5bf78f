#include "daemon/base/packet.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/memfile.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

union control {
	struct cmsghdr align;
	char octets[CMSG_SPACE(PACKET_FDS_MAX * sizeof(int))];
};

/* Descriptors that the control buffer may hold: alignment leaves room for more than we send. */
#define RECEIVED_MAX ((sizeof(union control) - CMSG_LEN(0)) / sizeof(int))

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

/* --- out ------------------------------------------------------------------------------------- */

static int put_record(struct packet *p, const struct rxp_buf *record)
{
	bool in_file = record->len > IPC_INLINE_MAX;
	int rc;

	rxp_buf_put_u32(&p->octets, (uint32_t)p->type << 16 | (in_file ? PACKET_IN_FILE : 0U));
	rxp_buf_put_u32(&p->octets, (uint32_t)record->len);
	rxp_buf_put_u64(&p->octets, p->request);
	if (!in_file)
		return rxp_buf_put(&p->octets, record->data, record->len);
	rc = rxp_buf_error(&p->octets);
	if (rc == 0)
		rc = memfile_make(&p->fds[0], "message", record->data, record->len);
	if (rc == 0)
		p->n_fds = 1;
	return rc;
}

int packet_new(struct packet **out, enum ipc_type type, uint64_t request, const void *body,
    const int *fds, size_t n_fds)
{
	const struct ipc_row *row = ipc_row(type);
	struct packet *p = NULL;
	struct rxp_buf record;
	int rc;

	if (row == NULL || n_fds != row->descriptors)
		abort();
	rxp_buf_init(&record, IPC_MESSAGE_MAX);
	rc = record_encode(&record, &row->type, body);
	if (rc != 0)
		goto done;
	p = calloc(1, sizeof *p);
	if (p == NULL) {
		rc = RXP_ERR_NOMEM;
		goto done;
	}
	p->type = type;
	p->request = request;
	rxp_buf_init(&p->octets, PACKET_HEAD + IPC_INLINE_MAX);
	rc = put_record(p, &record);
	for (size_t i = 0; rc == 0 && i < n_fds; i++) {
		p->fds[p->n_fds] = fcntl(fds[i], F_DUPFD_CLOEXEC, 0);
		if (p->fds[p->n_fds] < 0)
			rc = RXP_ERR_IO;
		else
			p->n_fds++;
	}
	if (rc != 0)
		goto done;
	*out = p;
	p = NULL;
done:
	packet_free(p);
	rxp_buf_free(&record);
	return rc;
}

void packet_free(struct packet *p)
{
	if (p == NULL)
		return;
	close_all(p->fds, p->n_fds);
	rxp_buf_free(&p->octets);
	free(p);
}

int packet_send(int socket, const struct packet *p)
{
	struct iovec octets = {.iov_base = p->octets.data, .iov_len = p->octets.len};
	struct msghdr msg = {.msg_iov = &octets, .msg_iovlen = 1};
	union control control;
	ssize_t n;

	memset(&control, 0, sizeof control);
	if (p->n_fds > 0) {
		struct cmsghdr *c = &control.align;

		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(p->n_fds * sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(p->n_fds * sizeof(int));
		memcpy(CMSG_DATA(c), p->fds, p->n_fds * sizeof(int));
	}
	do
		n = sendmsg(socket, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EAGAIN)
		return RXP_ERR_FULL;
	return errno == EPIPE || errno == ECONNRESET ? RXP_ERR_CLOSED : RXP_ERR_IO;
}

/* --- in -------------------------------------------------------------------------------------- */

/* All descriptors that came, also those of a packet that is refused, are owned here. */
static int collect_fds(struct msghdr *msg, int fds[RECEIVED_MAX], size_t *n_fds)
{
	int rc = (msg->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ? RXP_ERR_PEER : 0;

	*n_fds = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t len = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
			rc = RXP_ERR_PEER;
			continue;
		}
		if (len / sizeof(int) > RECEIVED_MAX - *n_fds)
			abort(); /* more than the buffer given to the kernel */
		memcpy(fds + *n_fds, CMSG_DATA(c), len);
		*n_fds += len / sizeof(int);
	}
	return rc;
}

/* The file must hold exactly the record that the head announces. */
static int map_file(struct packet_in *in, int fd)
{
	uint8_t *map;
	size_t len;
	int rc = memfile_map(&map, &len, fd, in->record_len);

	if (rc != 0)
		return rc == RXP_ERR_BOUND ? RXP_ERR_PEER : rc;
	if (len != in->record_len) {
		memfile_unmap(map, len);
		return RXP_ERR_PEER;
	}
	in->map = map;
	in->record = map;
	return 0;
}

static int parse(struct packet_in *in, int fds[RECEIVED_MAX], size_t *n_fds)
{
	const struct ipc_row *row;
	uint32_t first;
	bool in_file;
	int rc = 0;

	if (in->used < PACKET_HEAD)
		return RXP_ERR_PEER;
	first = rxp_u32_get(in->octets);
	in->type = (enum ipc_type)(first >> 16);
	in->record_len = rxp_u32_get(in->octets + 4);
	in->request = rxp_u64_get(in->octets + 8);
	in->record = in->octets + PACKET_HEAD;
	in_file = (first & 0xffff) == PACKET_IN_FILE;
	row = ipc_row(in->type);
	if (row == NULL || (!in_file && (first & 0xffff) != 0) ||
	    *n_fds != row->descriptors + (in_file ? 1 : 0) || in->record_len > IPC_MESSAGE_MAX ||
	    in->used != PACKET_HEAD + (in_file ? 0 : in->record_len) ||
	    in_file != (in->record_len > IPC_INLINE_MAX))
		return RXP_ERR_PEER;
	if (in_file) {
		rc = map_file(in, fds[0]);
		close(fds[0]);
		memmove(fds, fds + 1, --*n_fds * sizeof(int));
	}
	return rc;
}

int packet_receive(struct packet_in *in, int socket)
{
	struct iovec octets = {.iov_base = in->octets, .iov_len = sizeof in->octets};
	union control control;
	struct msghdr msg = {
	    .msg_iov = &octets,
	    .msg_iovlen = 1,
	    .msg_control = &control,
	    .msg_controllen = sizeof control,
	};
	int fds[RECEIVED_MAX] = {0};
	size_t n_fds;
	ssize_t n;
	int rc;

	/* An end that closes with something unread is told first and once, before what it sent. */
	do
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return errno == EAGAIN ? RXP_ERR_FULL : RXP_ERR_IO;
	if (n == 0)
		return RXP_ERR_CLOSED;
	rc = collect_fds(&msg, fds, &n_fds);
	in->used = (size_t)n;
	in->map = NULL;
	in->n_fds = 0;
	if (rc == 0)
		rc = parse(in, fds, &n_fds);
	if (rc != 0) {
		close_all(fds, n_fds);
		packet_done(in);
		return rc;
	}
	memcpy(in->fds, fds, n_fds * sizeof(int));
	in->n_fds = n_fds;
	return 0;
}

void packet_done(struct packet_in *in)
{
	close_all(in->fds, in->n_fds);
	in->n_fds = 0;
	memfile_unmap(in->map, in->record_len);
	in->map = NULL;
	explicit_bzero(in->octets, in->used);
	in->used = 0;
}
