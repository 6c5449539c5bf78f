/*
 * Input: an octet that says what descriptors come with it, then one packet as it stands in the socket
 * between two processes. Octets behind the head stand in a memory file if one comes with it.
 * Promise: no descriptor is lost or closed twice, whatever the verdict.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/memfile.h"
#include "daemon/base/packet.h"
#include "protocol/test/fuzz/fuzz.h"

#define MAX_FDS 4

union control {
	struct cmsghdr head;
	char octets[CMSG_SPACE(MAX_FDS * sizeof(int))];
};

static void send_packet(int socket, const uint8_t *octets, size_t len, const int *fds, size_t n)
{
	union control control = {0};
	struct iovec part = {.iov_len = len};
	struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};

	memcpy(&part.iov_base, &octets, sizeof octets);
	if (n > 0) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN(n * sizeof(int)),
		    .cmsg_level = SOL_SOCKET,
		    .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	}
	MUST(sendmsg(socket, &msg, MSG_DONTWAIT) == (ssize_t)len);
}

/* The descriptor that the kernel would give next: the same before and after if none is kept. */
static int lowest_free(void)
{
	int fd = dup(STDERR_FILENO);

	MUST(fd >= 0 && close(fd) == 0);
	return fd;
}

static void receive(int socket)
{
	static struct packet_in in;

	if (packet_receive(&in, socket) != 0)
		return;
	MUST(ipc_row(in.type) != NULL && in.n_fds == ipc_row(in.type)->descriptors);
	MUST(in.record_len <= IPC_MESSAGE_MAX);
	if (in.record_len > 0) {
		static volatile uint8_t seen;

		seen = in.record[0] ^ in.record[in.record_len - 1];
		(void)seen;
	}
	packet_done(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	int pair[2], fds[MAX_FDS], before = lowest_free();
	size_t n = 0, sent;
	bool in_file;

	if (len < 2 || len > IPC_INLINE_MAX)
		return 0;
	in_file = (octets[0] & 8) != 0 && len > PACKET_HEAD + 1;
	sent = in_file ? PACKET_HEAD : len - 1;
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
	if (in_file) {
		MUST(memfile_make(
			 &fds[n], "fuzz", octets + 1 + PACKET_HEAD, len - 1 - PACKET_HEAD) == 0);
		n++;
	}
	while (n < (octets[0] & 3U) + in_file)
		MUST((fds[n++] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
	send_packet(pair[0], octets + 1, sent, fds, n);
	while (n > 0)
		close(fds[--n]);
	receive(pair[1]);
	close(pair[0]);
	close(pair[1]);
	MUST(lowest_free() == before);
	return 0;
}
