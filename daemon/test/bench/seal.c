/*
 * seal - signatures per second of a key in memory and of one in a token, through the same interface as a sealer has:
 * seal LIBEXEC MODULE URI PIN-FILE CERTIFICATE-OF-TOKEN KEY-FILE ITS-CERTIFICATE SECONDS
 *
 * The signer process is the real one, with its sandbox; each of its signatures crosses the link twice. One sealer asks.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/packet.h"
#include "daemon/base/pem.h"
#include "daemon/base/token_state.h"
#include "daemon/sealer/remote.h"
#include "daemon/signer/role.h"
#include "protocol/base/buf.h"
#include "protocol/init.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/seal_names.h"
#include "protocol/seal/signer.h"

#define FILE_MAX (64 * 1024UL)

_Noreturn static void stop(const char *what)
{
	fprintf(stderr, "seal: %s\n", what);
	exit(1);
}

static void read_file(struct rxp_buf *out, const char *path)
{
	uint8_t step[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	rxp_buf_init(out, FILE_MAX);
	if (fd < 0)
		stop(path);
	while ((n = read(fd, step, sizeof step)) > 0)
		rxp_buf_put(out, step, (size_t)n);
	close(fd);
}

static struct rxp_cert *read_certificate(const char *path)
{
	struct rxp_cert *cert = NULL;
	struct rxp_buf pem, der;

	read_file(&pem, path);
	rxp_buf_init(&der, FILE_MAX);
	if (pem_certificate(&der, &pem) != 0 || rxp_cert_parse(&cert, der.data, der.len) != 0)
		stop(path);
	rxp_buf_free(&pem);
	rxp_buf_free(&der);
	return cert;
}

/* --- the signer ------------------------------------------------------------------------------------ */

static void run_signer(const char *libexec, const char *pin, const char *cert, int parent)
{
	char name[] = "signer", stay[] = "4294967295"; /* as user and group: who we are */
	char program[1024], *argv[] = {name, stay, stay, NULL};
	int files[] = {parent, open(pin, O_RDONLY), open(cert, O_RDONLY)};

	for (int i = 0; i < 3; i++)
		files[i] = fcntl(files[i], F_DUPFD, 64);
	for (int i = 0; i < 3; i++)
		dup2(files[i], ROLE_FD_PARENT + i);
	close_range(ROLE_FD_PARENT + 3, ~0U, 0);
	snprintf(program, sizeof program, "%s/signer", libexec);
	execv(program, argv);
	_exit(127);
}

static void tell(
    int fd, enum ipc_type type, uint64_t number, const void *body, const int *fds, size_t n)
{
	struct packet *p = NULL;

	if (packet_new(&p, type, number, body, fds, n) != 0 || packet_send(fd, p) != 0)
		stop("the signer takes nothing");
	packet_free(p);
}

static void await_ready(int fd)
{
	static struct packet_in in;
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	struct msg_signer_state said;

	if (poll(&ready, 1, SIGNER_CALL_MS) != 1 || packet_receive(&in, fd) != 0 ||
	    in.type != IPC_signer_state ||
	    record_decode(&said, &ipc_row(in.type)->type, in.record, in.record_len) != 0)
		stop("the signer says nothing");
	if (said.state != TOKEN_READY)
		stop(said.state < TOKEN_STATES ? token_state_meaning((enum token_state)said.state)
					       : "no such state");
	packet_done(&in);
}

/* Our end of the way to it. */
static int start_signer(char **argv, int *parent)
{
	const char *conf = getenv("SOFTHSM2_CONF");
	char environment[1024];
	int link[2], way[2];
	struct msg_signer_config config = {.module = {(const uint8_t *)argv[2], strlen(argv[2])},
	    .key = {(const uint8_t *)argv[3], strlen(argv[3])}};
	struct msg_signer_sealer sealer = {.number = 0};
	int len =
	    snprintf(environment, sizeof environment, "SOFTHSM2_CONF=%s", conf != NULL ? conf : "");

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, link) != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, way) != 0)
		stop("sockets");
	if (fork() == 0)
		run_signer(argv[1], argv[4], argv[5], link[1]);
	config.environment = (struct bytes){(const uint8_t *)environment, (size_t)len + 1};
	tell(link[0], IPC_signer_config, 1, &config, NULL, 0);
	tell(link[0], IPC_signer_sealer, 2, &sealer, &way[1], 1);
	close(way[1]);
	await_ready(link[0]);
	*parent = link[0];
	return way[0];
}

/* --- measuring -------------------------------------------------------------------------------------- */

static double rate(const struct rxp_signer *s, long seconds)
{
	static const uint8_t octets[1200] = "<ds:SignedInfo xmlns:ds=\"" RXP_NS_DS "\">";
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	const int64_t began = clock_mono_ms();
	int64_t passed = 0;
	size_t len;
	long n = 0;

	for (; passed < seconds * 1000; n++, passed = clock_mono_ms() - began)
		if (s->sign(s->arg, octets, sizeof octets, value, &len) != 0)
			stop("no signature");
	return (double)n * 1000 / (double)passed;
}

int main(int argc, char **argv)
{
	struct rxp_key_signer *key = NULL;
	struct rxp_cert *in_token, *in_memory;
	struct remote *remote = NULL;
	struct rxp_signer memory, token;
	struct rxp_buf pem;
	double fast, slow;
	long seconds;
	int parent;

	if (argc != 9 || rxp_init() != 0)
		stop("see the head of its source for its arguments");
	seconds = strtol(argv[8], NULL, 10);
	in_token = read_certificate(argv[5]);
	in_memory = read_certificate(argv[7]);
	read_file(&pem, argv[6]);
	if (rxp_key_signer_open(&key, pem.data, pem.len, in_memory) != 0 ||
	    remote_new(&remote, in_token) != 0)
		stop(argv[6]);
	remote_use(remote, start_signer(argv, &parent));
	memory = rxp_key_signer_interface(key);
	token = remote_interface(remote);
	fast = rate(&memory, seconds);
	slow = rate(&token, seconds);
	printf("seals a second: %.0f in memory, %.0f in the token's process, ratio %.2f\n", fast,
	    slow, slow / fast);
	close(parent);
	remote_free(remote);
	wait(NULL);
	rxp_key_signer_free(key);
	rxp_cert_free(in_token);
	rxp_cert_free(in_memory);
	rxp_buf_free(&pem);
	rxp_cleanup();
	return 0;
}
