#include "daemon/sealer/reply.h"

#include <string.h>

void reply_init(struct reply *reply)
{
	memset(reply, 0, sizeof *reply);
	reply->file = -1;
	for (size_t i = 0; i < REPLY_BUFFERS; i++)
		rxp_buf_init(&reply->octets[i], IPC_MESSAGE_MAX);
}

void reply_clear(struct reply *reply)
{
	for (size_t i = 0; i < REPLY_BUFFERS; i++)
		rxp_buf_free(&reply->octets[i]);
	memset(&reply->body, 0, sizeof reply->body);
}

struct bytes reply_bytes(const struct rxp_buf *buf)
{
	return (struct bytes){.data = buf->data, .len = buf->len};
}
