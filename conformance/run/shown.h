/*
 * shown - what a report shows of a message that the suite sent.
 */
#ifndef CONFORM_SHOWN_H
#define CONFORM_SHOWN_H

struct draft;
struct outcome;

/* Its octets, what is encrypted in them, and what was changed in either; nothing of one that was shown before stays. What does not fit is
 * not shown. */
void shown_put(struct outcome *out, const struct draft *d);

#endif
