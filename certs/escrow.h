/*
 * escrow - the commands that keep a key on m of n sheets of paper, and bring it back.
 *
 * 0 or RXP_ERR_*, said on standard error; RXP_ERR_CONFIG for what the caller of the program did wrong.
 */
#ifndef CERTS_ESCROW_H
#define CERTS_ESCROW_H

struct options;

/* `escrow new`: a key pair to which the node encrypts what is to be kept: OUT/escrow.pub, and the private key on sheets
 * OUT/escrow-sheet-N.txt and nowhere else. */
int escrow_new(const struct options *o);

/* `escrow split FILE`: OUT/NAME-sheet-N.txt for a FILE of the name NAME.key. All of them or none; they were read and joined again
 * before. */
int escrow_split(const struct options *o);

/* `escrow join`: the key, in a new file OUT of mode 0600, if it is the one whose fingerprint the sheets have. */
int escrow_join(const struct options *o);

/* `escrow drill`: that the sheets join to the key, in a record OUT; the key is written nowhere. */
int escrow_drill(const struct options *o);

#endif
