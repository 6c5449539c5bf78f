#include "daemon/parent/signing.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/parent/files.h"

#define PAUSE_MS \
	500 /* before the first start after one that was in vain; doubled by each further one … */
#define PAUSE_DOUBLED 5 /* … so often: 16 s */

void signing_init(struct signing *s)
{
	*s = (struct signing){.state = TOKEN_STARTING};
}

static struct signing_mark mark_of(const struct config *c)
{
	struct signing_mark mark = {.inode = 0};
	char path[FILES_KEY_PATH];
	struct stat st;

	if (files_secret_path(path, c->token_pin) == 0 && stat(path, &st) == 0)
		mark = (struct signing_mark){st.st_dev, st.st_ino, st.st_mtim};
	return mark;
}

static bool same(const struct signing_mark *a, const struct signing_mark *b)
{
	return a->device == b->device && a->inode == b->inode &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

bool signing_may_start(struct signing *s, const struct config *c)
{
	const struct signing_mark now = mark_of(c);

	if (s->refused && same(&now, &s->pin))
		return false;
	s->refused = false;
	s->said = false;
	s->pin = now;
	return true;
}

int signing_configure(struct link *l, const struct config *c)
{
	const struct msg_signer_config m = {
	    .module = {(const uint8_t *)c->token_module, strlen(c->token_module)},
	    .key = {(const uint8_t *)c->token_key, strlen(c->token_key)},
	    .environment = {(const uint8_t *)c->token_environment, c->token_environment_len}};

	return link_request(l, IPC_signer_config, &m, NULL, 0, NULL);
}

static void change(struct signing *s, enum token_state state)
{
	if (state == TOKEN_READY)
		s->in_vain = 0;
	else if (s->in_vain < PAUSE_DOUBLED)
		s->in_vain++;
	if (state == s->state)
		return;
	s->state = state;
	if (state == TOKEN_READY)
		log_event(LOG_SEAL_KEY_READY, LOG_S(token_state_word(state)));
	else
		log_event(LOG_SEAL_KEY_WAITS, LOG_S(token_state_word(state)),
		    LOG_S(token_state_meaning(state)));
}

void signing_said(struct signing *s, enum token_state state)
{
	s->said = state != TOKEN_READY;
	s->refused = s->refused || state == TOKEN_PIN_WRONG;
	change(s, state);
}

void signing_ended(struct signing *s, int status)
{
	if (!s->said)
		change(s,
		    WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? TOKEN_HUNG : TOKEN_DIED);
}

int64_t signing_pause(const struct signing *s)
{
	return (int64_t)PAUSE_MS << s->in_vain;
}
