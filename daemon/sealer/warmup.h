/*
 * warmup - one document sealed, closed and opened again, before the sandbox closes.
 *
 * It proves that seal key and certificate work, and makes the libraries load whatever they load at
 * the first use of an algorithm.
 */
#ifndef SEALER_WARMUP_H
#define SEALER_WARMUP_H

struct node;

/* Any error of sealing, closing and opening. */
int warmup_run(struct node *node);

#endif
