#include "daemon/desk/outgoing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/desk/api.h"
#include "daemon/desk/attachment.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "protocol/base/err.h"

struct outgoing {
	struct api *api;
	int fd;
	uint64_t at;
};

static void outgoing_free(void *kept)
{
	struct outgoing *o = kept;

	o->api->downloads--;
	close(o->fd);
	free(o);
}

static ssize_t read_file(struct http_request *r, uint8_t *out, size_t max)
{
	struct outgoing *o = http_kept(r);
	ssize_t n = pread(o->fd, out, max, (off_t)o->at);

	if (n <= 0)
		return RXP_ERR_IO; /* it is asked for so many octets as there are */
	o->at += (uint64_t)n;
	return n;
}

void outgoing_reply(struct http_request *r, int fd, uint64_t length)
{
	struct api *api = http_api(r);
	struct outgoing *o;

	if (api->downloads == ATTACHMENT_TRANSFERS_MAX) {
		problem_reply(r, PROBLEM_BUSY, "too many files go out at this time");
		return;
	}
	o = calloc(1, sizeof(*o));
	if (o == NULL || (o->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0) {
		free(o);
		problem_reply(r, PROBLEM_BUSY, NULL);
		return;
	}
	o->api = api;
	api->downloads++;
	http_keep(r, o, outgoing_free);
	http_reply_stream(
	    r, &(struct http_stream){
		   .media = "application/octet-stream", .length = length, .read = read_file});
}
