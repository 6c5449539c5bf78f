#include "daemon/parent/set_signer.h"

#include "daemon/base/loop.h"
#include "daemon/parent/set_child.h"
#include "daemon/parent/signing.h"
#include "protocol/base/err.h"

static void tell_seal(struct set *s)
{
	const struct msg_seal_state m = {.state = s->config.signing->state};

	child_tell_registry(s, IPC_seal_state, &m);
}
void set_signer_said(struct set *s, const struct msg_signer_state *m)
{
	if (m->state >= TOKEN_STATES)
		return;
	signing_said(s->config.signing, (enum token_state)m->state);
	tell_seal(s);
}
/* A way between the signer and one sealer; each drops the one that it had. */
int set_signer_join(struct set *s, const struct child *sealer)
{
	const struct msg_sealer_signer to_sealer = {.number = sealer->number};
	const struct msg_signer_sealer to_signer = {.number = sealer->number};
	struct pair way;
	int rc;

	if (s->signer == NULL || s->signer->link == NULL || sealer->link == NULL)
		return 0;
	rc = pair_make(&way);
	if (rc != 0)
		return rc;
	rc = link_request(sealer->link, IPC_sealer_signer, &to_sealer, &way.end[0], 1, NULL);
	if (rc == 0)
		rc = link_request(
		    s->signer->link, IPC_signer_sealer, &to_signer, &way.end[1], 1, NULL);
	pair_close(&way.end[0]);
	pair_close(&way.end[1]);
	return rc;
}

/* One that cannot be started now is tried again, as one that ended. The set is ready without it. */
static void on_signer_start(void *arg)
{
	struct set *s = arg;
	struct child *c = s->signer;
	int rc = 0;

	if (s->over || s->draining || c->link != NULL || c->pid != 0)
		return;
	if (signing_may_start(s->config.signing, s->config.config)) {
		rc = child_start(s, c);
		c->ready = true;
		for (size_t i = 0; i < s->n_sealers && rc == 0; i++)
			rc = set_signer_join(s, &s->children[i]);
	}
	if (rc != 0)
		set_finish(s, SET_END_CRASH);
	else if (c->link == NULL)
		timer_arm(s->signer_start, signing_pause(s->config.signing));
}

int set_signer_start(struct set *s)
{
	int rc;

	if (s->config.signing == NULL || s->config.config->token_module[0] == '\0')
		return 0;
	rc = timer_new(&s->signer_start, s->config.loop, on_signer_start, s);
	if (rc != 0)
		return rc;
	s->signer = child_add(s, IPC_SIGNER, 0);
	s->signer->ready = true;
	tell_seal(s);
	on_signer_start(s);
	return 0;
}

void set_signer_gone(struct set *s, int status)
{
	signing_ended(s->config.signing, status);
	tell_seal(s);
	timer_arm(s->signer_start, signing_pause(s->config.signing));
}

void set_signer_free(struct set *s)
{
	timer_free(s->signer_start);
	s->signer_start = NULL;
}
