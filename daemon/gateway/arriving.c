#include "daemon/gateway/arriving.h"

#include <errno.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/h2.h"
#include "daemon/gateway/limits.h"
#include "protocol/base/err.h"

int arriving_write(struct arriving *a, const uint8_t *octets, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = pwrite(a->fd, octets, len, (off_t)a->held);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return RXP_ERR_IO;
		octets += n;
		len -= (size_t)n;
		a->held += (uint64_t)n;
	}
	return 0;
}

void arriving_extend(struct arriving *a, struct h2_stream *s, int64_t body_ms)
{
	if (a->held < a->next_held)
		return;
	a->next_held = a->held + GATEWAY_PUT_OCTETS;
	h2_stream_deadline(s, clock_mono_ms() + body_ms);
}
