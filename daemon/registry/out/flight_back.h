/*
 * flight_back - does a receipt show that the peer's database went back to what it was (RXP-RCV-007)? Of one log no receipt
 * names fewer entries than one that was here before its message was first sent. One that names as many has the log read (RXP-RCV-025).
 */
#ifndef REGISTRY_FLIGHT_BACK_H
#define REGISTRY_FLIGHT_BACK_H

#include <stdint.h>

struct db;
struct flight;

/* In the transaction that ends the try: note that the peer is to get its answers back. Errors as in db.h. */
int flight_back_end(struct flight *f, struct db *db, int64_t now_ms);
/* After its commit. */
void flight_back_ended(struct flight *f);

#endif
