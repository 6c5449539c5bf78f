/*
 * flight_late - documents that go before their attachments, where the profile lets them (RXP-ATT-019).
 */
#ifndef REGISTRY_FLIGHT_LATE_H
#define REGISTRY_FLIGHT_LATE_H

#include <stdint.h>

struct db;
struct flight;

/* 1: it goes before its attachments, which are many octets; 0: behind them. Errors as in db.h. */
int flight_late(const struct flight *f);

/* In the commit of an attempt of one that does: from then on the sender knows. */
int flight_late_attempt(const struct flight *f, struct db *db);

/* In the commit of the end of any attempt: a document that was refused without its attachments goes behind them
 * next time; an AttachmentsReceived of ours that is receipted moves the clocks of its document. */
int flight_late_end(const struct flight *f, struct db *db, int64_t now_ms);

#endif
