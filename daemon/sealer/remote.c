#include "daemon/sealer/remote.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/call.h"
#include "daemon/base/packet.h"
#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

struct remote {
	struct call call;
	struct packet_in in;
	const struct rxp_cert *cert; /* borrowed */
};

int remote_new(struct remote **out, const struct rxp_cert *cert)
{
	struct remote *r = calloc(1, sizeof *r);

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->call.fd = -1;
	r->cert = cert;
	*out = r;
	return 0;
}

void remote_free(struct remote *r)
{
	if (r == NULL)
		return;
	call_use(&r->call, -1);
	free(r);
}

void remote_use(struct remote *r, int fd)
{
	call_use(&r->call, fd);
}

static int sign(void *arg, const uint8_t *octets, size_t len,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	struct remote *r = arg;
	const struct msg_sign request = {.octets = {octets, len}};
	struct msg_signature answer;
	int rc = call_make(&r->call, &r->in, IPC_sign, &request, IPC_signature, &answer, REMOTE_MS);

	if (rc != 0)
		return rc == RXP_ERR_NOMEM ? rc : RXP_ERR_LATER;
	if (answer.result == 0 && answer.value.len == rxp_cert_value_length(r->cert)) {
		memcpy(value, answer.value.data, answer.value.len);
		*value_len = answer.value.len;
	} else {
		rc = RXP_ERR_LATER;
	}
	packet_done(&r->in);
	return rc;
}

struct rxp_signer remote_interface(struct remote *r)
{
	return (struct rxp_signer){.sign = sign, .arg = r, .cert = r->cert};
}
