/*
 * tray - documents of a peer that came back before what stands before them in their case: each is tried again when
 * something of its case has come (RXP-RCV-010).
 */
#ifndef REGISTRY_RECOVERY_TRAY_H
#define REGISTRY_RECOVERY_TRAY_H

#include <stdint.h>

struct admit;
struct node;
struct peers;
struct tray;

/* All are borrowed. RXP_ERR_NOMEM. */
int tray_new(struct tray **out, struct node *n, struct peers *peers, struct admit *admit);
void tray_free(struct tray *t); /* NULL is allowed */

/* Something may be due; one is in work at a time. */
void tray_round(struct tray *t);

/* What keeps one of them back may be gone though nothing came: a profile that was missing. Once a minute those that have rested
 * long enough are due, some at a time (RXP-RET-023). What cannot be placed any more is given up before (RXP-RET-021, 022).
 * now_mono as clock_mono_ms(). */
void tray_tick(struct tray *t, int64_t now_mono);

#endif
