/*
 * h2_share - whose octets go next on a connection; inside of h2.
 *
 * A body that is read from a file gives way to every other that the peer would take now: of the octets that go while
 * such a one waits the files have one in GATEWAY_FILE_SHARE, so that neither starves. Files take turns. Of the others that which was
 * begun first goes whole before the next: on a line that is cut every few seconds, octets of many would be of use to none.
 */
#ifndef GATEWAY_H2_SHARE_H
#define GATEWAY_H2_SHARE_H

#include <stdbool.h>
#include <stddef.h>

struct h2;
struct h2_stream;

/* May so many octets of its body go now? They are counted then; else it is put off. */
bool h2_share_may(struct h2_stream *s, size_t octets);

/* Let those that were put off go on, as far as they may now. false: there is none. */
bool h2_share_resume(struct h2 *h);

#endif
