/*
 * load - give a node documents through its local API, as fast as it takes them, and wait until it holds
 * a receipt for each.
 *
 *   load SOCKET PEER FILE N LANES   N documents of this content on LANES connections; prints the seconds
 *                                   from the first request to the last receipt
 *   load SOCKET receipts N          wait until there are N receipts in all
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_BODY_OCTETS 65536
#define MAX_ANSWER_OCTETS 65536
#define MAX_HEAD_OCTETS 512
#define STATUS_AT 9 /* behind "HTTP/1.1 " */
#define WAIT_SECONDS 240
#define POLL_NS 5000000L
#define RECEIPTS "readmitd_deliveries_total{result=\"receipt\"} "

static void die(const char *what)
{
	fprintf(stderr, "load: %s\n", what);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void rest(void)
{
	nanosleep(&(struct timespec){.tv_nsec = POLL_NS}, NULL);
}

static int dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof address.sun_path)
		die("the path of the socket is too long");
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
		die("no connection");
	return fd;
}

static void give(int fd, const void *octets, size_t len)
{
	const char *at = octets;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			die("the node does not read");
		at += n;
		len -= (size_t)n;
	}
}

/* A whole answer with its NUL, the length of which it names. Returns its status. */
static int take(int fd, char answer[MAX_ANSWER_OCTETS])
{
	size_t used = 0, want = MAX_ANSWER_OCTETS - 1;

	while (used < want) {
		ssize_t n = recv(fd, answer + used, MAX_ANSWER_OCTETS - 1 - used, 0);
		const char *body, *length;

		if (n <= 0)
			die("the node does not answer");
		used += (size_t)n;
		answer[used] = '\0';
		body = strstr(answer, "\r\n\r\n");
		length = strstr(answer, "Content-Length: ");
		if (body != NULL && length != NULL && length < body)
			want = (size_t)(body + 4 - answer) +
			       strtoul(length + strlen("Content-Length: "), NULL, 10);
	}
	return (int)strtol(answer + STATUS_AT, NULL, 10);
}

static unsigned long receipts(int fd)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	static char answer[MAX_ANSWER_OCTETS];
	const char *at;

	give(fd, request, sizeof request - 1);
	at = take(fd, answer) == 200 ? strstr(answer, RECEIPTS) : NULL;
	if (at == NULL)
		die("no figures");
	return strtoul(at + strlen(RECEIPTS), NULL, 10);
}

static void wait_for(int fd, unsigned long wanted)
{
	double end = now() + WAIT_SECONDS;

	while (receipts(fd) < wanted) {
		if (now() > end)
			die("not all receipts came in time");
		rest();
	}
}

/* One connection: documents number, number + step and so on below n. */
static void lane(const char *socket_path, const char *peer, const char *body, size_t len,
    unsigned long number, unsigned long step, unsigned long n)
{
	static char answer[MAX_ANSWER_OCTETS];
	int fd = dial(socket_path);

	for (; number < n; number += step) {
		char head[MAX_HEAD_OCTETS];
		int head_len = snprintf(head, sizeof head,
		    "POST /v1/messages?peer=%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
		    "application/xml\r\nIdempotency-Key: load-%d-%lu\r\n"
		    "Readmit-Officer: S-3001\r\nReadmit-Second-Officer: S-3002\r\nContent-Length: %zu\r\n\r\n",
		    peer, (int)getppid(), number, len);
		int status;

		do {
			give(fd, head, (size_t)head_len);
			give(fd, body, len);
			status = take(fd, answer);
			if (status == 503)
				rest();
		} while (status == 503);
		if (status != 202)
			die(answer);
	}
	close(fd);
	exit(0);
}

static size_t read_file(char out[MAX_BODY_OCTETS], const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len = file == NULL ? 0 : fread(out, 1, MAX_BODY_OCTETS, file);

	if (file == NULL || len == MAX_BODY_OCTETS)
		die("cannot read the document, or it is too long");
	fclose(file);
	return len;
}

static void submit(char **argv)
{
	static char body[MAX_BODY_OCTETS];
	size_t len = read_file(body, argv[3]);
	unsigned long n = strtoul(argv[4], NULL, 10), lanes = strtoul(argv[5], NULL, 10);
	int fd = dial(argv[1]);
	unsigned long before = receipts(fd);
	double began = now();
	int status;

	for (unsigned long i = 0; i < lanes; i++)
		if (fork() == 0)
			lane(argv[1], argv[2], body, len, i, lanes, n);
	wait_for(fd, before + n);
	printf("%.4f\n", now() - began);
	while (wait(&status) > 0)
		if (status != 0)
			die("a connection failed");
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc == 6)
		submit(argv);
	else if (argc == 4 && strcmp(argv[2], "receipts") == 0)
		wait_for(dial(argv[1]), strtoul(argv[3], NULL, 10));
	else
		die("usage: load SOCKET PEER FILE N LANES | load SOCKET receipts N");
	return 0;
}
