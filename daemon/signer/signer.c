/*
 * signer - the process that signs with a seal key in a PKCS#11 token, for the sealers.
 *
 * It takes octets of SignedInfo and gives signature values, and holds nothing else: no documents, no other key, no database. The
 * module is its maker's code, so this process has a system call filter of its own and is expendable: whatever is
 * wrong with module, token, PIN or key is told to the parent as the last word (token_state.def), and a new process
 * looks again. What it signed is held against the certificate before it is given away.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/pem.h"
#include "daemon/base/token.h"
#include "daemon/base/token_seal.h"
#include "daemon/base/token_uri.h"
#include "daemon/signer/guard.h"
#include "daemon/signer/role.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/seal_names.h"

#define SEALERS_MAX 16
#define LOOK_MS 5000 /* between two looks whether the token is still there */
#define LAST_WORD_MS 1000
#define FILE_MAX (64 * 1024UL)
#define PATH_TEXT 1024

struct signer {
	struct role role;
	struct token *token;
	struct rxp_cert *cert;
	struct link *sealers[SEALERS_MAX]; /* by number */
	struct timer *look;
	char module[PATH_TEXT];
	struct token_uri uri;
	bool configured;
};

/* Static, so that what the loop still points to at the end has no owner that went before it. */
static struct signer signer;

/* --- the last word ------------------------------------------------------------------------------- */

static int end(struct signer *s, enum token_state state)
{
	const struct msg_signer_state last = {.state = state};

	if (link_request(s->role.parent, IPC_signer_state, &last, NULL, 0, NULL) == 0)
		(void)link_flush(s->role.parent, LAST_WORD_MS);
	role_end(&s->role, EXIT_SUCCESS);
	return EXIT_SUCCESS;
}

/* --- signing -------------------------------------------------------------------------------------- */

static enum token_state sign(struct signer *s, struct bytes octets,
    uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	enum token_state state;

	guard_begin();
	state = token_seal(s->token, s->cert, octets.data, octets.len, value, value_len);
	guard_end();
	return state;
}

static void on_sealer_closed(void *arg, struct link *l, int why)
{
	struct signer *s = arg;

	(void)why;
	for (size_t i = 0; i < SEALERS_MAX; i++)
		if (s->sealers[i] == l)
			s->sealers[i] = NULL;
	link_free(l);
}

/* The key is the State's seal and nothing else: not even a sealer in a stranger's hands has a certificate or a mail
 * signed by it. */
static bool is_signed_info(struct bytes octets)
{
	static const char start[] = "<ds:SignedInfo xmlns:ds=\"" RXP_NS_DS "\"";

	return octets.len > sizeof start - 1 && memcmp(octets.data, start, sizeof start - 1) == 0;
}

static void on_sealer(void *arg, struct link *l, const struct link_message *m)
{
	struct signer *s = arg;
	const struct msg_sign *asked = m->body;
	struct msg_signature answer = {.result = (uint32_t)RXP_ERR_LATER};
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	enum token_state state = TOKEN_READY;
	size_t len = 0;

	if (!is_signed_info(asked->octets)) {
		on_sealer_closed(s, l, RXP_ERR_PEER); /* no correct sealer asks for that */
		return;
	}
	state = sign(s, asked->octets, value, &len);

	if (state == TOKEN_READY)
		answer = (struct msg_signature){.result = 0, .value = {value, len}};
	(void)link_answer(l, IPC_signature, m->request, &answer, NULL, 0); /* unless it has gone */
	if (state != TOKEN_READY)
		(void)end(s, state);
}

static void take_sealer(struct signer *s, uint32_t number, int fd)
{
	struct link_config config = {.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0),
	    .self = IPC_SIGNER,
	    .peer = IPC_SEALER,
	    .handler = on_sealer,
	    .closed = on_sealer_closed,
	    .arg = s};

	if (number >= SEALERS_MAX || config.fd < 0)
		return;
	link_free(s->sealers[number]);
	s->sealers[number] = NULL;
	if (link_new(&s->sealers[number], s->role.loop, &config) != 0)
		close(config.fd); /* the sealer finds nobody there, and waits */
}

static void on_look(void *arg)
{
	struct signer *s = arg;
	enum token_state state;

	guard_begin();
	state = token_look(s->token);
	guard_end();
	if (state == TOKEN_READY)
		timer_arm(s->look, LOOK_MS);
	else
		(void)end(s, state);
}

/* --- the start ------------------------------------------------------------------------------------ */

static int take_text(char *out, size_t size, struct bytes text)
{
	if (text.len >= size || memchr(text.data, '\0', text.len) != NULL)
		return RXP_ERR_CONFIG;
	memcpy(out, text.data, text.len);
	out[text.len] = '\0';
	return 0;
}

/* What the module finds in its environment: the parent starts each role with none. */
static int take_environment(struct bytes all)
{
	struct bytes rest = all;
	char variable[PATH_TEXT], *value;

	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.data, '\0', rest.len);
		size_t len = end != NULL ? (size_t)(end - rest.data) : rest.len;

		if (end == NULL ||
		    take_text(variable, sizeof variable, (struct bytes){rest.data, len}) != 0 ||
		    (value = strchr(variable, '=')) == NULL)
			return RXP_ERR_CONFIG;
		*value++ = '\0';
		if (setenv(variable, value, 1) != 0)
			return RXP_ERR_NOMEM;
		rest = (struct bytes){end + 1, rest.len - len - 1};
	}
	return 0;
}

static void configure(struct signer *s, const struct msg_signer_config *m)
{
	char uri[PATH_TEXT];

	s->configured = take_text(s->module, sizeof s->module, m->module) == 0 &&
			take_text(uri, sizeof uri, m->key) == 0 &&
			token_uri_read(&s->uri, uri) == 0 && take_environment(m->environment) == 0;
	loop_stop(s->role.loop);
}

static void on_parent(void *arg, struct link *l, const struct link_message *m)
{
	struct signer *s = arg;

	(void)l;
	if (m->type == IPC_signer_config && !s->configured)
		configure(s, m->body);
	else if (m->type == IPC_signer_sealer)
		take_sealer(s, ((const struct msg_signer_sealer *)m->body)->number, m->fds[0]);
}

static int read_certificate(struct signer *s)
{
	struct rxp_buf pem;
	struct rxp_buf der;
	int rc;

	rxp_buf_init(&pem, FILE_MAX);
	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rc = role_read_fd(&pem, SIGNER_FD_CERT);
	if (rc == 0)
		rc = pem_certificate(&der, &pem);
	if (rc == 0)
		rc = rxp_cert_parse(&s->cert, der.data, der.len);
	rxp_buf_free(&pem);
	rxp_buf_free(&der);
	return rc;
}

/* No object that this State seals begins like this. */
static enum token_state prove(struct signer *s)
{
	static const uint8_t words[] = "readmitd asks whether the seal key is there";
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	size_t len;

	return sign(s, (struct bytes){words, sizeof words - 1}, value, &len);
}

/* The PIN is the first line, without its end. */
static enum token_state open_token(struct signer *s, const struct rxp_buf *pin)
{
	const uint8_t *line = pin->len > 0 ? memchr(pin->data, '\n', pin->len) : NULL;
	enum token_state state;

	guard_begin();
	state = token_open(
	    s->token, &s->uri, pin->data, line != NULL ? (size_t)(line - pin->data) : pin->len);
	guard_end();
	return state == TOKEN_READY ? prove(s) : state;
}

/* The module starts as the user that the process stays, and before the filter, since it maps code of its own; token
 * and PIN it meets behind that. RXP_ERR_*: the process cannot even begin. */
static int start(struct signer *s, enum token_state *state)
{
	struct rxp_buf pin;
	int rc;

	rxp_buf_init(&pin, TOKEN_PIN_MAX);
	if ((rc = guard_prepare()) != 0 || (rc = read_certificate(s)) != 0 ||
	    (rc = role_read_fd(&pin, SIGNER_FD_PIN)) != 0 ||
	    (rc = timer_new(&s->look, s->role.loop, on_look, s)) != 0)
		goto done;
	role_become(&s->role);
	guard_begin();
	*state = token_load(&s->token, s->module) == 0 ? TOKEN_READY : TOKEN_NO_MODULE;
	guard_end();
	role_confine_module(&s->role);
	if (*state == TOKEN_READY)
		*state = open_token(s, &pin);
done:
	rxp_buf_free(&pin);
	return rc;
}

static int run(struct signer *s)
{
	const struct msg_signer_state ready = {.state = TOKEN_READY};
	enum token_state state = TOKEN_DIED;
	int rc = loop_run(s->role.loop);

	if (rc == 0 && !s->configured)
		return s->role.status; /* the parent has gone before its first word */
	if (rc == 0)
		rc = start(s, &state);
	if (rc != 0) {
		log_event(LOG_ROLE_FAILED, LOG_S("start"), LOG_S(rxp_err_text(rc)));
		return EXIT_FAILURE;
	}
	if (state != TOKEN_READY)
		return end(s, state);
	timer_arm(s->look, LOOK_MS);
	return role_run(&s->role, IPC_signer_state, &ready);
}

/* At the end nothing is tidied up: a module may hang once more in its own end. */
int main(int argc, char **argv)
{
	role_begin(&signer.role, "signer", IPC_SIGNER, argc, argv, on_parent, &signer);
	return run(&signer);
}
