/*
 * stamped - changes of a container of evidence (evidence.def): what has, or seems to have, the time-stamp of a third party (RXP-EVI-020).
 */
#ifndef CONFORM_STAMPED_H
#define CONFORM_STAMPED_H

struct evidence;

/* One that is good; of other octets; whose signer's certificate is for something else; with another octet in its signature; and two. */
void stamped(struct evidence *e);
void stamped_otherwise(struct evidence *e);
void stamped_by_other_use(struct evidence *e);
void stamped_falsely(struct evidence *e);
void stamped_twice(struct evidence *e);

#endif
