/* The command proxy: the suite between two products. */
#include <stdio.h>

#include "conformance/cli/options.h"
#include "conformance/cli/play.h"
#include "conformance/run/pair.h"
#include "conformance/run/preflight_pair.h"
#include "conformance/state/keypair.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"

#define SCHEME "https://"
#define MAX_URL 300
#define NOWHERE "127.0.0.1:0" /* where nobody looks for a product that opens no port */

/* What one product is given by. */
static const struct of_side {
	enum option descriptor, fingerprint, behind, listen, key;
} of_side[PAIR_SIDES] = {
    [PAIR_SENDER] = {OPTION_PEER, OPTION_FINGERPRINT, OPTION_BEHIND, OPTION_LISTEN,
	OPTION_STAGING_KEY},
    [PAIR_RECEIVER] = {OPTION_OTHER, OPTION_OTHER_FINGERPRINT, OPTION_OTHER_BEHIND,
	OPTION_OTHER_LISTEN, OPTION_OTHER_STAGING_KEY},
};

struct both {
	struct product *products[PAIR_SIDES];
	struct keypair keys[PAIR_SIDES];
	char behind[PAIR_SIDES][MAX_URL];
	struct pair pair;
	struct parties parties;
	struct target target;
};

static void strike(struct both *b)
{
	pair_close(&b->pair);
	for (enum pair_side s = 0; s < PAIR_SIDES; s++) {
		keypair_clear(&b->keys[s]);
		product_free(b->products[s]);
	}
}

static int set_up_side(struct both *b, enum pair_side side, const struct options *o)
{
	const struct of_side *of = &of_side[side];
	const char *behind = o->values[of->behind], *key = o->values[of->key];
	const struct rxp_identity *i;
	int rc = play_open_product(
	    &b->products[side], o->values[of->descriptor], o->values[of->fingerprint]);

	if (rc != 0)
		return rc;
	i = &b->products[side]->descriptor->identity;
	(void)snprintf(b->behind[side], MAX_URL, SCHEME "%s", behind);
	b->pair.products[side] = (struct pair_product){.product = b->products[side],
	    .behind = b->behind[side],
	    .at = o->values[of->listen] != NULL ? o->values[of->listen]
		  : i->n_endpoints == 0         ? NOWHERE
						: i->endpoints[0]};
	if (key == NULL)
		return 0;
	rc = keypair_load(&b->keys[side], key, "tls");
	if (rc != 0)
		return play_complain(key, rc);
	b->pair.products[side].tls = &b->keys[side];
	return 0;
}

static int set_up(struct both *b, const struct options *o)
{
	int rc;

	*b = (struct both){0};
	rc = play_wait(&b->pair.wait_ms, o);
	for (enum pair_side s = 0; s < PAIR_SIDES && rc == 0; s++)
		rc = set_up_side(b, s, o);
	if (rc != 0) {
		strike(b);
		return rc;
	}
	b->pair.trigger = o->values[OPTION_TRIGGER];
	b->parties = (struct parties){NULL, b->products[PAIR_SENDER]};
	b->target = (struct target){.parties = &b->parties,
	    .endpoint = b->pair.products[PAIR_SENDER].behind,
	    .wait_ms = b->pair.wait_ms,
	    .pair = &b->pair};
	return 0;
}

/* With --defects, both products are woven with them, and the suite itself is tested. */
static int play_pair(const struct both *b, const struct options *o)
{
	if (o->values[OPTION_DEFECTS] != NULL)
		return play_selftest(&b->target, o);
	return play(plan_named("proxy"), &b->target, o);
}

int command_proxy(const struct options *o)
{
	struct both b;
	int status;

	if ((o->values[OPTION_DEFECTS] == NULL) != (o->values[OPTION_SWITCH] == NULL)) {
		fputs("readmit-conform: --defects and --switch belong together\n", stderr);
		return CONFORM_USAGE;
	}
	status = set_up(&b, o);
	if (status != 0)
		return status;
	status =
	    preflight_pair(&b.pair, play_print_check, stderr) ? play_pair(&b, o) : CONFORM_CONFIG;
	strike(&b);
	return status;
}
