/*
 * set_signer - the signer of a set, which comes and goes as the token lets it, while the set goes on.
 */
#ifndef PARENT_SET_SIGNER_H
#define PARENT_SET_SIGNER_H

#include "daemon/parent/set_state.h"

/* If the seal key lies in a token: start the signer, now or when its PIN may be tried. After the sealers and the
 * registry. RXP_ERR_NOMEM, RXP_ERR_IO. */
int set_signer_start(struct set *s);
void set_signer_free(struct set *s);

/* A way between the signer and a sealer that was just started; nothing if there is none. RXP_ERR_IO, _NOMEM. */
int set_signer_join(struct set *s, const struct child *sealer);

/* It said how the token stands, or ended with this wait status. */
void set_signer_said(struct set *s, const struct msg_signer_state *m);
void set_signer_gone(struct set *s, int status);

#endif
